package dev.redoubt.wal;

/**
 * Where restart begins: the contents of the newer valid slot of the master file.
 *
 * @param sequence one more at every write; decides which slot is newer
 * @param checkpointLsn LSN of the begin record of the last complete checkpoint; 0 before the first
 * @param boundLsn nothing below is needed by restart: log below it may be recycled (rule 12)
 * @param watermarkLsn everything below was known forced when the slot was written
 * @param epoch of the opening that wrote it; one more at every opening
 * @param clean whether it was written by an orderly close, with nothing to redo or undo
 */
public record MasterRecord(
    long sequence,
    long checkpointLsn,
    long boundLsn,
    long watermarkLsn,
    int epoch,
    boolean clean) {}
