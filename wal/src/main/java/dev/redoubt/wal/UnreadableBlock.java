package dev.redoubt.wal;

/**
 * A block of the log that could not be read and was given up on the operator's word: what stood in
 * it, if anything did, is lost, and so is all of the log behind.
 *
 * @param file name of the segment file
 * @param offset of the block in it
 * @param lsn its LSN, at or above the end that the opening decided
 * @param error what the read gave
 */
public record UnreadableBlock(String file, long offset, long lsn, String error) {
  /** For people. */
  @Override
  public String toString() {
    return file + " at offset " + offset + ", LSN " + lsn + " (" + error + ")";
  }
}
