package dev.redoubt.recovery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What analysis found.
 *
 * @param checkpointLsn where it began: the begin record of the last complete checkpoint, or the
 *     start of the log
 * @param endLsn the decided end of the log
 * @param transactions the transaction table, by id
 * @param dirtyPages the dirty page table
 * @param nextTransactionId above every id that the log may hold
 * @param managerIds resource managers with records in the log, ever
 * @param rates what the last checkpoint says of earlier restarts
 * @param lastRestart the last restart after a crash that it knows of; null if there was none
 * @param scannedRecords records read
 * @param scannedBytes log read
 */
record AnalysisResult(
    long checkpointLsn,
    long endLsn,
    List<TransactionEntry> transactions,
    DirtyPageTable dirtyPages,
    long nextTransactionId,
    List<Integer> managerIds,
    RestartRates rates,
    @Nullable RecoveryReport lastRestart,
    long scannedRecords,
    long scannedBytes) {
  /** Where redo begins (ARIES §6.2): the smallest recLSN, or the end. */
  long redoLsn() {
    return Math.min(endLsn, dirtyPages.redoLsn());
  }

  /** Whether the log holds nothing at all: a store whose creation was cut short. */
  boolean isEmptyLog() {
    return scannedRecords == 0;
  }
}
