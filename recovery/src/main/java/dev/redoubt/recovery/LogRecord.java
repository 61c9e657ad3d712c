package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of the log (ARIES §4.1, Log Records). A closed family: a new type breaks every switch
 * that must know of it. {@code docs/format-records.md} is the law for the bytes; {@link
 * LogRecordCodec} reads and writes them.
 *
 * <p><b>Differences from the paper.</b> A record may change several pages, each by its own {@link
 * PageChange} with the LSN of the version that it was made against (prevPageLSN); {@link
 * StructureChange} stands for a redo-only change that belongs to no transaction; the tables of a
 * checkpoint go into records of their own, {@link CheckpointTables}, before its end record.
 */
public sealed interface LogRecord {
  /**
   * One page's part of a record.
   *
   * @param managerId resource manager that redoes it, 1 to 255
   * @param pageId the page, from 1
   * @param prevPageLsn pageLSN of the version that the change was made against (I-5)
   * @param format whether redo applies it to whatever is there (rule 9)
   * @param body the manager's own bytes; a view of the record that it was decoded from
   */
  record PageChange(
      int managerId, long pageId, long prevPageLsn, boolean format, MemorySegment body) {
    public PageChange {
      if (managerId < 1 || managerId > 255) {
        throw new IllegalArgumentException("a manager id is 1 to 255: " + managerId);
      }
      if (pageId < 1 || prevPageLsn < 0) {
        throw new IllegalArgumentException("page " + pageId + ", prevPageLSN " + prevPageLsn);
      }
    }
  }

  /** A record of a transaction: a link of its back chain. */
  sealed interface OfTransaction extends LogRecord {
    /** The transaction, from 1. */
    long transactionId();

    /** LSN of the transaction's record before this one; 0 for its first. */
    long prevLsn();
  }

  /** A record that redo applies to pages. */
  sealed interface Redoable extends LogRecord {
    /** The changes, each of another page. */
    List<PageChange> changes();
  }

  /**
   * An undoable change.
   *
   * @param managerId resource manager that undoes it
   * @param nested whether it was made inside a nested top action: its undo is page-oriented
   */
  record Update(
      long transactionId, long prevLsn, int managerId, boolean nested, List<PageChange> changes)
      implements OfTransaction, Redoable {}

  /** A compensation record: redo-only; undo goes on at {@code undoNextLsn}. */
  record Clr(long transactionId, long prevLsn, long undoNextLsn, List<PageChange> changes)
      implements OfTransaction, Redoable {}

  /** The end of a nested top action, the paper's dummy CLR (§9): undo skips what it encloses. */
  record NestedTopActionEnd(long transactionId, long prevLsn, long undoNextLsn)
      implements OfTransaction {}

  /** The transaction is a winner as soon as this is durable. */
  record Commit(long transactionId, long prevLsn) implements OfTransaction {}

  /** The transaction rolls back as a whole. */
  record Abort(long transactionId, long prevLsn) implements OfTransaction {}

  /** Nothing of the transaction is left to do. */
  record End(long transactionId, long prevLsn) implements OfTransaction {}

  /**
   * The transaction is in doubt: it survives crashes until its coordinator decides.
   *
   * @param globalId the coordinator's name of it
   * @param payload what the layer above needs to take its locks again
   */
  record Prepare(long transactionId, long prevLsn, MemorySegment globalId, MemorySegment payload)
      implements OfTransaction {}

  /**
   * An {@link Update} of a prepared transaction, appended again for its undo alone: redo and
   * analysis pass over it, and it counts only once a {@link PrepareMoved} leads to it.
   *
   * @param prevLsn LSN of the copy of the update before; 0 for the oldest
   */
  record UndoCopy(long transactionId, long prevLsn, int managerId, List<PageChange> changes)
      implements OfTransaction {
    static UndoCopy of(Update update, long prevLsn) {
      return new UndoCopy(update.transactionId(), prevLsn, update.managerId(), update.changes());
    }

    /** What is to be undone. */
    public Update update() {
      return new Update(transactionId, prevLsn, managerId, false, changes);
    }
  }

  /**
   * From here on the undo of a prepared transaction needs nothing but its copies.
   *
   * @param prevLsn LSN of the copy of the newest update, where undo begins; 0 if there is none
   * @param firstLsn LSN of the copy of the oldest update; 0 if there is none
   * @param globalId as its {@link Prepare} has it
   * @param payload as its {@link Prepare} has it
   */
  record PrepareMoved(
      long transactionId,
      long prevLsn,
      long firstLsn,
      MemorySegment globalId,
      MemorySegment payload)
      implements OfTransaction {
    /** The transaction's first LSN from now on, this record being at {@code lsn}. */
    long newFirstLsn(long lsn) {
      return firstLsn == 0 ? lsn : firstLsn;
    }
  }

  /**
   * Where some updates of a long transaction are, for restarts that want to know what a loser owns:
   * see {@code UndoIndex} of this package. Not a link of its back chain; redo and undo pass over
   * it.
   *
   * @param prevIndexLsn the transaction's index before this one; 0 for the first
   * @param belowLsn where undo goes on behind the oldest of these updates
   * @param count how many there are
   * @param entries the updates, ascending, in the bytes of docs/format-records.md
   */
  record UndoIndex(
      long transactionId, long prevIndexLsn, long belowLsn, int count, MemorySegment entries)
      implements LogRecord {}

  /** A redo-only change of one or more pages that stands by itself (rule 14). */
  record StructureChange(List<PageChange> changes) implements Redoable {}

  /** A fuzzy checkpoint begins; analysis starts here once the master record names it. */
  record BeginCheckpoint() implements LogRecord {}

  /**
   * Part of the tables copied by the checkpoint that began at {@code beginLsn}.
   *
   * @param transactions entries of the transaction table, by id
   * @param dirtyPages entries of the dirty page table
   */
  record CheckpointTables(
      long beginLsn, List<TransactionEntry> transactions, List<DirtyPage> dirtyPages)
      implements LogRecord {}

  /**
   * The checkpoint that began at {@code beginLsn} is complete.
   *
   * @param nextTransactionId above every id given out before the begin record was appended
   * @param managerIds resource managers with records in this log, ever
   * @param rates what restart takes here, as measured so far
   * @param lastRestart the last restart after a crash; null if there was none
   */
  record EndCheckpoint(
      long beginLsn,
      long nextTransactionId,
      List<Integer> managerIds,
      RestartRates rates,
      @Nullable RecoveryReport lastRestart)
      implements LogRecord {}
}
