package dev.redoubt.recovery;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a restart found and did.
 *
 * @param clean whether the store had been closed in order
 * @param complete whether restart has come to its end; else it goes on behind the open store, and
 *     what undo did is still to come
 * @param at when the store was opened, by the wall clock, for people
 * @param checkpointLsn where analysis began
 * @param redoLsn where redo began; equal to {@code endLsn} if there was nothing
 * @param endLsn the decided end of the log
 * @param scannedBytes log read by analysis
 * @param scannedRecords records read by analysis
 * @param dirtyPages entries of the dirty page table after analysis
 * @param transactions entries of the transaction table after analysis
 * @param redone page changes applied
 * @param skippedNotDirty page changes skipped: page not in the table
 * @param skippedRecLsn page changes skipped: LSN below recLSN
 * @param skippedPageLsn page changes skipped: pageLSN at or past the LSN
 * @param losers transactions undone
 * @param clrsWritten compensation records written by undo
 * @param tornPagesRestored pages restored from the double-write area
 * @param pagesRebuilt damaged or outdated pages made anew from their chains in the log
 * @param quarantinedPages pages that could not be brought up to date
 * @param unfinishedLosers losers that a damaged page keeps from being undone to their end
 * @param inDoubt prepared transactions that wait for their coordinator
 * @param analysisTime time of analysis
 * @param redoTime time of redo
 * @param undoTime time of undo
 * @param checkpointTime time of the checkpoint at the end
 */
public record RecoveryReport(
    boolean clean,
    boolean complete,
    Instant at,
    long checkpointLsn,
    long redoLsn,
    long endLsn,
    long scannedBytes,
    long scannedRecords,
    int dirtyPages,
    int transactions,
    long redone,
    long skippedNotDirty,
    long skippedRecLsn,
    long skippedPageLsn,
    int losers,
    long clrsWritten,
    int tornPagesRestored,
    int pagesRebuilt,
    List<Long> quarantinedPages,
    List<Long> unfinishedLosers,
    int inDoubt,
    Duration analysisTime,
    Duration redoTime,
    Duration undoTime,
    Duration checkpointTime) {
  /** A clock that was set back in the midst of a phase makes it no shorter than nothing. */
  public RecoveryReport {
    analysisTime = notNegative(analysisTime);
    redoTime = notNegative(redoTime);
    undoTime = notNegative(undoTime);
    checkpointTime = notNegative(checkpointTime);
  }

  private static Duration notNegative(Duration time) {
    return time.isNegative() ? Duration.ZERO : time;
  }

  /** The same with the time of the checkpoint at the end. */
  RecoveryReport withCheckpointTime(Duration time) {
    return new RecoveryReport(
        clean,
        complete,
        at,
        checkpointLsn,
        redoLsn,
        endLsn,
        scannedBytes,
        scannedRecords,
        dirtyPages,
        transactions,
        redone,
        skippedNotDirty,
        skippedRecLsn,
        skippedPageLsn,
        losers,
        clrsWritten,
        tornPagesRestored,
        pagesRebuilt,
        quarantinedPages,
        unfinishedLosers,
        inDoubt,
        analysisTime,
        redoTime,
        undoTime,
        time);
  }
}
