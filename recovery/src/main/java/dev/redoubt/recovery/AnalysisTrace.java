package dev.redoubt.recovery;

import org.jspecify.annotations.Nullable;

/** Told by {@link Analysis} how each entry of its two tables came to be, as it does it. */
interface AnalysisTrace {
  /** Tells nobody; {@link Analysis} does not even call it. */
  AnalysisTrace NONE =
      new AnalysisTrace() {
        @Override
        public void begins(long fromLsn, long endLsn) {}

        @Override
        public void loaded(long lsn, TransactionEntry entry) {}

        @Override
        public void loaded(long lsn, long pageId, long recLsn) {}

        @Override
        public void transaction(
            long lsn,
            LogRecord.OfTransaction record,
            @Nullable TransactionEntry before,
            @Nullable TransactionEntry after) {}

        @Override
        public void page(long lsn, LogRecord record, long pageId, long recLsn) {}
      };

  /** The pass begins. */
  void begins(long fromLsn, long endLsn);

  /** An entry of the checkpoint's transaction table, from its record at {@code lsn}. */
  void loaded(long lsn, TransactionEntry entry);

  /** An entry of the checkpoint's dirty page table, from its record at {@code lsn}. */
  void loaded(long lsn, long pageId, long recLsn);

  /** What the record at {@code lsn} made of its transaction's entry; null: there is none. */
  void transaction(
      long lsn,
      LogRecord.OfTransaction record,
      @Nullable TransactionEntry before,
      @Nullable TransactionEntry after);

  /** The record at {@code lsn} changes the page, whose recLSN is this from now on. */
  void page(long lsn, LogRecord record, long pageId, long recLsn);
}
