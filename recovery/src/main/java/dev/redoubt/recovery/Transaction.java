package dev.redoubt.recovery;

/** Skeleton: one transaction of the engine. One user at a time; not bound to a thread. */
public final class Transaction {
  Transaction() {}

  public enum State {
    ACTIVE,
    COMMITTED,
    ABORTING,
    PREPARED,
    ENDED
  }

  public long id() {
    throw new AssertionError("skeleton");
  }

  public State state() {
    throw new AssertionError("skeleton");
  }

  public long firstLsn() {
    throw new AssertionError("skeleton");
  }

  public long lastLsn() {
    throw new AssertionError("skeleton");
  }

  /**
   * Sets aside log space for records of {@code recordBytes} together and for their undo (rule 4).
   * Called with no latch held, before latching for {@link #update}, which then only consumes.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   */
  public void reserve(long recordBytes) {
    throw new AssertionError("skeleton");
  }

  /** Runs {@code action} once, when the transaction has ended: after its end record is appended. */
  public void onEnd(Runnable action) {
    throw new AssertionError("skeleton");
  }

  /**
   * Puts the transaction in doubt: at return its prepare record is durable, and it survives crashes
   * until {@link #commit} or {@link #rollback}.
   */
  public void prepare(byte[] globalId, byte[] payload) {
    throw new AssertionError("skeleton");
  }

  /** Logs and applies an undoable change; {@code manager} undoes it. Returns its LSN. */
  public long update(AtomicChange change, ResourceManager manager) {
    throw new AssertionError("skeleton");
  }

  public Savepoint savepoint() {
    throw new AssertionError("skeleton");
  }

  public void rollbackTo(Savepoint savepoint) {
    throw new AssertionError("skeleton");
  }

  /** Undoes everything; the end record is appended, not forced. */
  public void rollback() {
    throw new AssertionError("skeleton");
  }

  /**
   * Appends the commit record; durable once the log is forced to the LSN returned ({@code
   * engine.log().force(lsn)}). A transaction that wrote nothing returns 0. The caller then calls
   * {@link #end}.
   */
  public long commit() {
    throw new AssertionError("skeleton");
  }

  /** Appends the end record of a committed transaction and forgets it. */
  public void end() {
    throw new AssertionError("skeleton");
  }

  /** Starts a nested top action: what is logged until its end survives the rollback (ARIES §9). */
  public NestedTopAction nestedTopAction() {
    throw new AssertionError("skeleton");
  }
}
