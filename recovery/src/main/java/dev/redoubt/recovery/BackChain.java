package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The records of one transaction and its entry in the transaction table (ARIES §4.3).
 *
 * <p><b>Differences from the paper.</b> Appending a record and updating the entry (state, firstLSN,
 * lastLSN, undoNextLSN) are one step under the transaction's own latch, which the checkpointer
 * takes to copy the entry; few share a latch, since their ids differ by a multiple of {@link
 * Appending#LATCHES}. [Rule 11: commit appended, state still active, tables copied, crash: an
 * acknowledged transaction is undone.] Written by the transaction's one user, read by any thread.
 */
final class BackChain {
  private final long id;
  private final Appending shared;

  // Written under the latch by the one user, who may read them without.
  private volatile Transaction.State state = Transaction.State.ACTIVE;
  private volatile long firstLsn;
  private volatile long lastLsn;
  private volatile long undoNextLsn;
  private long indexLsn; // guarded by entryLatch

  /** Of the transaction's user. */
  private @Nullable UndoIndex index;

  /** How a record gets into the log: the log's own way, but for tests of what happens meanwhile. */
  interface Append {
    long append(MemorySegment bytes, int start, int lengthBytes);
  }

  /** What the chains of one log share. */
  static final class Appending {
    /** So many transactions append at once without waiting for each other's latch. */
    private static final int LATCHES = 64;

    private final Log log;
    private final Append append;
    private final RecordBuffers buffers = new RecordBuffers();

    // ReentrantLocks: the append inside may wait for a force when the ring is full.
    private final ReentrantLock[] entryLatches = new ReentrantLock[LATCHES];

    Appending(Log log, Append append) {
      this.log = log;
      this.append = append;
      Arrays.setAll(entryLatches, _ -> new ReentrantLock());
    }

    private ReentrantLock entryLatch(long id) {
      return entryLatches[(int) id & LATCHES - 1];
    }
  }

  BackChain(long id, Appending shared) {
    this.id = id;
    this.shared = shared;
  }

  BackChain(TransactionEntry entry, Appending shared) {
    this(entry.transactionId(), shared);
    state = entry.state();
    firstLsn = entry.firstLsn();
    lastLsn = entry.lastLsn();
    undoNextLsn = entry.undoNextLsn();
    indexLsn = entry.indexLsn();
  }

  Transaction.State state() {
    return state;
  }

  long firstLsn() {
    return firstLsn;
  }

  long lastLsn() {
    return lastLsn;
  }

  long undoNextLsn() {
    return undoNextLsn;
  }

  /** The entry, consistent: what a checkpoint copies. */
  TransactionEntry entry() {
    ReentrantLock entryLatch = shared.entryLatch(id);
    entryLatch.lock();
    try {
      return new TransactionEntry(id, state, firstLsn, lastLsn, undoNextLsn, indexLsn);
    } finally {
      entryLatch.unlock();
    }
  }

  /** Changes what no record tells: a state without records, or undo passing a record. */
  void set(Transaction.State newState, long newUndoNextLsn) {
    ReentrantLock entryLatch = shared.entryLatch(id);
    entryLatch.lock();
    try {
      state = newState;
      undoNextLsn = newUndoNextLsn;
    } finally {
      entryLatch.unlock();
    }
  }

  /** Appends an update: it is what undo visits next. */
  long appendUpdate(MemorySegment bytes, int start, int lengthBytes) {
    return append(bytes, start, lengthBytes, state, -1);
  }

  /**
   * An update was logged at {@code lsn}; the index takes it in if the transaction is long.
   *
   * @param undoNextBefore undoNextLSN before it
   */
  void index(boolean isLong, long lsn, long tag, long undoNextBefore) {
    UndoIndex mine = index;
    if (mine == null && isLong) {
      mine = new UndoIndex();
      index = mine;
    }
    if (mine != null) {
      mine.cutTo(undoNextBefore); // at every update, or a rollback goes unnoticed
      if (isLong) {
        mine.add(lsn, tag, undoNextBefore);
      }
    }
  }

  /** Whether {@link #appendIndex} is due: so many bytes at most; 0 if not. */
  int indexBytes() {
    UndoIndex mine = index;
    return mine != null && mine.isFull() ? mine.mostBytes() : 0;
  }

  /** Appends the index so far; the space for it has been set aside. */
  void appendIndex() {
    UndoIndex full = Objects.requireNonNull(index);
    shared.log.gate().check();
    ReentrantLock entryLatch = shared.entryLatch(id);
    entryLatch.lock(); // rule 11: the append and the entry are one step
    try {
      MemorySegment bytes = LogRecordCodec.encode(full.take(id, indexLsn));
      indexLsn = shared.append.append(bytes, 0, Math.toIntExact(bytes.byteSize()));
    } catch (DiskFullException left) {
      throw left; // Nothing was appended; the log goes on, and restart without these.
    } catch (Throwable failure) {
      throw shared.log.gate().halt(failure);
    } finally {
      entryLatch.unlock();
    }
  }

  /** Appends a CLR. */
  long appendClr(MemorySegment bytes, int start, int lengthBytes, long newUndoNextLsn) {
    return append(bytes, start, lengthBytes, state, newUndoNextLsn);
  }

  /**
   * Appends a record that tells nothing but where the transaction stands: commit, abort or end.
   *
   * @param type its type in the {@link LogRecordCodec}
   */
  long appendMark(int type, Transaction.State newState, long newUndoNextLsn) {
    PayloadWriter out = shared.buffers.take();
    LogRecordCodec.putHead(out, type, id, lastLsn);
    long lsn = appendChecked(out.segment(), out.position(), newState, newUndoNextLsn);
    shared.buffers.give(out);
    return lsn;
  }

  /**
   * Appends a record that changes no page.
   *
   * @throws RecordTooLargeException if it does not fit; nothing has changed
   */
  long append(LogRecord record, Transaction.State newState, long newUndoNextLsn) {
    MemorySegment bytes = LogRecordCodec.encode(record);
    int length = Math.toIntExact(bytes.byteSize());
    if (length > shared.log.maxRecordBytes()) {
      throw new RecordTooLargeException(length, shared.log.maxRecordBytes());
    }
    return appendChecked(bytes, length, newState, newUndoNextLsn);
  }

  private long appendChecked(
      MemorySegment bytes, int lengthBytes, Transaction.State newState, long newUndoNextLsn) {
    shared.log.gate().check();
    try {
      return append(bytes, 0, lengthBytes, newState, newUndoNextLsn);
    } catch (DiskFullException full) {
      throw full; // Nothing was appended; the log goes on.
    } catch (Throwable failure) {
      throw shared.log.gate().halt(failure);
    }
  }

  /**
   * Switches a prepared transaction over to the copies of its updates.
   *
   * @throws DiskFullException if there is no space; nothing has changed
   */
  void move(LogRecord.PrepareMoved record) {
    ReentrantLock entryLatch = shared.entryLatch(id);
    entryLatch.lock(); // reentrant: first LSN and the rest of the entry are one step
    try {
      long lsn = append(record, Transaction.State.PREPARED, record.prevLsn());
      firstLsn = record.newFirstLsn(lsn);
      indexLsn = 0; // it speaks of the updates, not of their copies
    } finally {
      entryLatch.unlock();
    }
  }

  /**
   * Rule 11: the append and the entry are one step. A new undoNextLSN of -1 is the record itself.
   */
  private long append(
      MemorySegment bytes,
      int start,
      int lengthBytes,
      Transaction.State newState,
      long newUndoNextLsn) {
    ReentrantLock entryLatch = shared.entryLatch(id);
    entryLatch.lock();
    try {
      long lsn = shared.append.append(bytes, start, lengthBytes);
      if (firstLsn == 0) {
        firstLsn = lsn;
      }
      lastLsn = lsn;
      undoNextLsn = newUndoNextLsn < 0 ? lsn : newUndoNextLsn;
      state = newState;
      return lsn;
    } finally {
      entryLatch.unlock();
    }
  }
}
