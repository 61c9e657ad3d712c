package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Skeleton: the records of the log (ARIES §4.1 and figure 4). */
public sealed interface LogRecord {
  /** One page's part of a record. */
  record PageChange(
      int managerId, long pageId, long prevPageLsn, boolean format, MemorySegment body) {}

  /** A record of a transaction. */
  sealed interface OfTransaction extends LogRecord {
    long transactionId();

    long prevLsn();
  }

  /** A record that redo applies to pages. */
  sealed interface Redoable extends LogRecord {
    List<PageChange> changes();
  }

  record Update(
      long transactionId, long prevLsn, int managerId, boolean nested, List<PageChange> changes)
      implements OfTransaction, Redoable {}

  record Clr(long transactionId, long prevLsn, long undoNextLsn, List<PageChange> changes)
      implements OfTransaction, Redoable {}

  record StructureChange(List<PageChange> changes) implements Redoable {}

  record Commit(long transactionId, long prevLsn) implements OfTransaction {}
}
