package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * One transaction of the engine: a back chain of log records (ARIES §4.3). One user at a time, not
 * bound to a thread; a second thread that comes while one is inside gets an {@link
 * IllegalStateException}, and so does any use after the end.
 */
public final class Transaction {
  /** Where a transaction stands. */
  public enum State {
    /** It may change things. */
    ACTIVE,
    /** Its commit record is appended; a winner once that is durable. */
    COMMITTED,
    /** It rolls back; nothing else is possible any more. */
    ABORTING,
    /** In doubt until its coordinator decides. */
    PREPARED,
    /** Over. */
    ENDED
  }

  private final long id;
  private final TransactionServices services;
  private final BackChain chain;
  private final LogSpace space;
  private final Semaphore user = new Semaphore(1);
  private final List<Long> savepoints = new ArrayList<>();
  private final Deque<Runnable> endActions = new ArrayDeque<>();
  private byte[] globalId = {};
  private byte[] payload = {};
  private final boolean fromRestart;
  private int nesting;

  Transaction(long id, TransactionServices services) {
    this(id, new BackChain(id, services.log()), services, false);
  }

  /** A transaction that restart found in the log. */
  Transaction(TransactionEntry entry, TransactionServices services) {
    this(entry.transactionId(), new BackChain(entry, services.log()), services, true);
  }

  Transaction(long id, BackChain chain, TransactionServices services, boolean fromRestart) {
    this.fromRestart = fromRestart;
    this.id = id;
    this.chain = chain;
    this.services = services;
    this.space = new LogSpace(services.log());
  }

  /** Its id: from 1, never used again over the life of the store. */
  public long id() {
    return id;
  }

  /** Where it stands at the moment. Any thread. */
  public State state() {
    return chain.state();
  }

  /** LSN of its first record; 0 if it has none. Any thread. */
  public long firstLsn() {
    return chain.firstLsn();
  }

  /** LSN of its last record; 0 if it has none. Any thread. */
  public long lastLsn() {
    return chain.lastLsn();
  }

  /** LSN of the record that undo visits next; 0 when none is left. Any thread. */
  public long undoNextLsn() {
    return chain.undoNextLsn();
  }

  /** The coordinator's name of a prepared transaction; empty before {@link #prepare}. */
  public byte[] globalId() {
    return globalId.clone();
  }

  /** What was handed to {@link #prepare}; empty before. */
  public byte[] payload() {
    return payload.clone();
  }

  /**
   * Sets aside log space for the next record, of up to {@code recordBytes}, and for its undo (rule
   * 4). Called with no latch held, before latching for {@link #update}, which then only consumes.
   * Without it {@code update} sets the space aside itself, before the append: as safe, but a new
   * segment may then be made while the caller holds latches.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   */
  public void reserve(long recordBytes) {
    enter();
    try {
      expect(State.ACTIVE);
      space.reserve(recordBytes);
    } finally {
      leave();
    }
  }

  /** Runs {@code action} once when the transaction has ended, on the thread that ends it. */
  public void onEnd(Runnable action) {
    enter();
    try {
      endActions.add(action);
    } finally {
      leave();
    }
  }

  /**
   * Logs and applies an undoable change, to be undone by {@code manager}. At return the record is
   * appended (not durable) and the pages are changed; the caller's guards are still latched.
   *
   * @return its LSN
   * @throws dev.redoubt.io.EngineHaltedException if the engine halted now or before
   * @throws RuntimeException any other one: nothing was logged or changed, the transaction lives
   */
  public long update(AtomicChange change, ResourceManager manager) {
    enter();
    try {
      expect(State.ACTIVE);
      return services.changes().update(this, change, manager);
    } finally {
      leave();
    }
  }

  /** A point to roll back to later; costs no log. */
  public Savepoint savepoint() {
    enter();
    try {
      expect(State.ACTIVE);
      long lsn = lastLsn();
      savepoints.add(lsn);
      return new Savepoint(id, lsn);
    } finally {
      leave();
    }
  }

  /** Gives up the latest savepoint, so that it takes no memory; any other is left as it is. */
  public void forget(Savepoint savepoint) {
    enter();
    try {
      if (!savepoints.isEmpty() && savepoints.getLast() == savepoint.lsn()) {
        savepoints.removeLast();
      }
    } finally {
      leave();
    }
  }

  /**
   * Undoes what came after {@code savepoint}, which stays valid; later ones do not.
   *
   * @throws IllegalArgumentException if it is another transaction's
   * @throws IllegalStateException if an earlier savepoint has been rolled back to since, or it lies
   *     outside the open nested top action
   */
  public void rollbackTo(Savepoint savepoint) {
    enter();
    try {
      expect(State.ACTIVE);
      if (savepoint.transactionId() != id) {
        throw new IllegalArgumentException(
            "a savepoint of transaction " + savepoint.transactionId() + ", this is " + id);
      }
      int index = savepoints.lastIndexOf(savepoint.lsn());
      if (index < 0) {
        throw new IllegalStateException(
            "savepoint at LSN " + savepoint.lsn() + " is gone: an earlier one was rolled back to");
      }
      if (nesting > 0) {
        throw new IllegalStateException("transaction " + id + " is in a nested top action");
      }
      services.rollback().undoTo(this, savepoint.lsn());
      savepoints.subList(index + 1, savepoints.size()).clear();
    } finally {
      leave();
    }
  }

  /**
   * Undoes everything. At return the end record is appended, not forced: a crash undoes it again,
   * each update at most once (I-6). If undo meets a damaged page the transaction stays {@code
   * ABORTING}, and this may be called again.
   */
  public void rollback() {
    enter();
    try {
      rollbackInside();
    } finally {
      leave();
    }
  }

  private void rollbackInside() {
    if (state() != State.ABORTING) {
      expect(State.ACTIVE, State.PREPARED);
      if (lastLsn() == 0) {
        finish();
        return;
      }
      chain.append(new LogRecord.Abort(id, lastLsn()), State.ABORTING, undoNextLsn());
    }
    services.rollback().undoTo(this, 0);
    chain.append(new LogRecord.End(id, lastLsn()), State.ENDED, 0);
    finish();
  }

  /** Waits for whoever is inside and rolls back what is still active. For closing only. */
  void rollbackForClose() {
    user.acquireUninterruptibly();
    try {
      if (state() == State.ACTIVE || state() == State.ABORTING) {
        rollbackInside();
      } else if (state() == State.COMMITTED) {
        endInside();
      }
    } finally {
      leave();
    }
  }

  /**
   * Appends the commit record; the transaction is durable once the log is forced to the LSN
   * returned ({@code engine.log().force(lsn)}), and must not be acknowledged before (I-2). One that
   * wrote nothing logs nothing and returns 0. The caller then calls {@link #end}.
   */
  public long commit() {
    enter();
    try {
      expect(State.ACTIVE, State.PREPARED);
      if (nesting > 0) {
        throw new IllegalStateException("transaction " + id + " is in a nested top action");
      }
      if (lastLsn() == 0) {
        chain.set(State.COMMITTED, 0);
        return 0;
      }
      return chain.append(new LogRecord.Commit(id, lastLsn()), State.COMMITTED, undoNextLsn());
    } finally {
      leave();
    }
  }

  /** Appends the end record of a committed transaction and forgets it. */
  public void end() {
    enter();
    try {
      endInside();
    } finally {
      leave();
    }
  }

  private void endInside() {
    expect(State.COMMITTED);
    if (lastLsn() != 0) {
      chain.append(new LogRecord.End(id, lastLsn()), State.ENDED, 0);
    }
    finish();
  }

  /**
   * Puts the transaction in doubt: at return its prepare record is durable, and it survives crashes
   * until {@link #commit} or {@link #rollback}.
   *
   * @param gtrid the coordinator's name of it, at most 255 bytes
   * @param data what the layer above needs to take its locks again after a crash
   */
  public void prepare(byte[] gtrid, byte[] data) {
    enter();
    try {
      expect(State.ACTIVE);
      if (gtrid.length > 255 || nesting > 0) {
        throw new IllegalArgumentException("global id of " + gtrid.length + " bytes, or nested");
      }
      globalId = gtrid.clone();
      payload = data.clone();
      LogRecord record =
          new LogRecord.Prepare(
              id, lastLsn(), MemorySegment.ofArray(globalId), MemorySegment.ofArray(payload));
      services.log().force(chain.append(record, State.PREPARED, undoNextLsn()));
    } finally {
      leave();
    }
  }

  /** Restart: a winner, or a loser that has been undone, gets its end record. */
  void endOfRestart() {
    chain.append(new LogRecord.End(id, lastLsn()), State.ENDED, 0);
    finish();
  }

  /** Restart: what the prepare record of an in-doubt transaction said. */
  void prepared(LogRecord.Prepare record) {
    globalId = record.globalId().toArray(ValueLayout.JAVA_BYTE);
    payload = record.payload().toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Starts a nested top action: what is logged until its end survives the rollback (ARIES §9). The
   * latches of the pages it changes are kept until then (rule 14), and the undo of its updates,
   * should it not come to its end, touches only the pages of each update. They nest.
   */
  public NestedTopAction nestedTopAction() {
    enter();
    try {
      expect(State.ACTIVE);
      nesting++;
      return new OpenNestedTopAction(this, undoNextLsn(), lastLsn(), nesting);
    } finally {
      leave();
    }
  }

  void endNested(long undoNext, long lastBefore, int depth) {
    enter();
    try {
      expect(State.ACTIVE);
      if (depth != nesting) {
        throw new IllegalStateException("nested top actions end innermost first");
      }
      if (lastLsn() != lastBefore) {
        chain.append(new LogRecord.NestedTopActionEnd(id, lastLsn(), undoNext), state(), undoNext);
      }
      nesting--;
    } finally {
      leave();
    }
  }

  boolean isNested() {
    return nesting > 0;
  }

  LogSpace space() {
    return space;
  }

  boolean isFromRestart() {
    return fromRestart;
  }

  BackChain chain() {
    return chain;
  }

  private void finish() {
    chain.set(State.ENDED, 0);
    nesting = 0;
    services.table().remove(this);
    space.close();
    while (!endActions.isEmpty()) {
      endActions.remove().run();
    }
  }

  private void expect(State expected) {
    if (state() != expected) {
      throw wrongState();
    }
  }

  private void expect(State expected, State orElse) {
    if (state() != expected && state() != orElse) {
      throw wrongState();
    }
  }

  private IllegalStateException wrongState() {
    return new IllegalStateException(
        "transaction " + id + " is " + state() + "; begin another one");
  }

  private void enter() {
    if (!user.tryAcquire()) {
      throw new IllegalStateException(
          "transaction " + id + " is in use by another thread; one user at a time");
    }
  }

  private void leave() {
    user.release();
  }
}
