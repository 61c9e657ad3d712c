package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of the engine: a back chain of log records (ARIES §4.3). One user at a time, not
 * bound to a thread; a second thread that comes while one is inside gets an {@link
 * IllegalStateException}, and so does any use after the end.
 */
public final class Transaction extends Roster.Member {
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
  final UserPermit user;

  /** Lent until its end. */
  private volatile @Nullable LogSpace space;

  /** Made for the first. */
  private @Nullable SavepointStack savepoints;

  private @Nullable Runnable endAction;
  private LogRecord.@Nullable Prepare inDoubt;
  private final boolean fromRestart;

  private int nesting;

  /** A transaction that restart found in the log. */
  Transaction(TransactionEntry entry, TransactionServices services) {
    this(entry.transactionId(), new BackChain(entry, services.appending()), services, true);
  }

  Transaction(long id, BackChain chain, TransactionServices services, boolean fromRestart) {
    this.fromRestart = fromRestart;
    this.id = id;
    this.chain = chain;
    this.services = services;
    this.space = services.spaces().take(this);
    this.user = new UserPermit(this);
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

  /** What every call but rollback throws, if the engine has doomed it; else null. Any thread. */
  public @Nullable TransactionDoomedException doomed() {
    String why = user.doom();
    return why == null ? null : new TransactionDoomedException(why);
  }

  /** The coordinator's name of a prepared transaction; empty before {@link #prepare}. */
  public byte[] globalId() {
    return bytesOf(LogRecord.Prepare::globalId);
  }

  /** What was handed to {@link #prepare}; empty before. */
  public byte[] payload() {
    return bytesOf(LogRecord.Prepare::payload);
  }

  private byte[] bytesOf(Function<LogRecord.Prepare, MemorySegment> part) {
    LogRecord.Prepare prepare = inDoubt;
    return prepare == null ? new byte[0] : part.apply(prepare).toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Sets aside log space for the next record, of up to {@code recordBytes}, and for its undo (rule
   * 4). Called with no latch held, before latching for {@link #update}, which cannot wait for it.
   *
   * <p>At the cap of the log it waits until a checkpoint, taken for it, has made room.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   * @throws TransactionTooLargeException if it alone would break the cap; nothing has changed
   * @throws TransactionDoomedException if it is the oldest and pins the log; roll it back
   * @throws WalCapException if what pins the log does not move in time; nothing has changed
   */
  public void reserve(long recordBytes) {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      space().reserve(recordBytes);
    }
  }

  /** Runs {@code action} once when the transaction has ended, on the thread that ends it. */
  public void onEnd(Runnable action) {
    try (UserPermit _ = enter()) {
      Runnable before = endAction;
      endAction =
          before == null
              ? action
              : () -> {
                before.run();
                action.run();
              };
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
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      return services.changes().update(this, change, manager);
    }
  }

  /** A point to roll back to later; costs no log. */
  public Savepoint savepoint() {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      return savepoints().add(lastLsn());
    }
  }

  /** Gives up the latest savepoint, so that it takes no memory; any other is left as it is. */
  public void forget(Savepoint savepoint) {
    try (UserPermit _ = enter()) {
      savepoints().forget(savepoint);
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
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      int index = savepoints().find(savepoint);
      expectNotNested();
      services.rollback().undoTo(this, savepoint.lsn());
      savepoints().cut(index);
    }
  }

  /**
   * Undoes what came after {@code lsn}, which {@link #lastLsn} gave before an operation of the
   * caller's that has failed; no savepoint has been taken or rolled back to meanwhile.
   */
  public void rollbackTo(long lsn) {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      expectNotNested();
      services.rollback().undoTo(this, lsn);
    }
  }

  /**
   * Undoes everything. At return the end record is appended, not forced: a crash undoes it again,
   * each update at most once (I-6). If undo meets a damaged page the transaction stays {@code
   * ABORTING}, and this may be called again. One that the engine has rolled back stays so.
   */
  public void rollback() {
    user.enterToEnd(state() == State.PREPARED);
    try (UserPermit _ = user) {
      if (state() != State.ENDED || user.doom() == null) {
        TransactionEnd.rollback(this);
      }
    }
  }

  /** Waits for whoever is inside and rolls back what is still active. For closing only. */
  void rollbackForClose() {
    user.await();
    try (UserPermit _ = user) {
      if (state() == State.ACTIVE || state() == State.ABORTING) {
        TransactionEnd.rollback(this);
      } else if (state() == State.COMMITTED) {
        TransactionEnd.end(this);
      }
    }
  }

  /**
   * Appends the commit record; the transaction is durable once the log is forced to the LSN
   * returned ({@code engine.log().force(lsn)}), and must not be acknowledged before (I-2). One that
   * wrote nothing logs nothing and returns 0. The caller then calls {@link #end}.
   */
  public long commit() {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE, State.PREPARED);
      expectNotNested();
      if (lastLsn() == 0) {
        chain.set(State.COMMITTED, 0);
        return 0;
      }
      return chain.appendMark(LogRecordCodec.COMMIT, State.COMMITTED, undoNextLsn());
    }
  }

  /** Appends the end record of a committed transaction and forgets it. */
  public void end() {
    user.enterToEnd(false);
    try (UserPermit _ = user) {
      TransactionEnd.end(this);
    }
  }

  /**
   * Puts the transaction in doubt: at return its prepare record is durable, and it survives crashes
   * until {@link #commit} or {@link #rollback}.
   *
   * @param gtrid the coordinator's name of it, at most 255 bytes
   * @param data what the layer above needs to take its locks again after a crash
   */
  public void prepare(byte[] gtrid, byte[] data) {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      if (gtrid.length > 255 || nesting > 0) {
        throw new IllegalArgumentException("global id of " + gtrid.length + " bytes, or nested");
      }
      space().reserve(gtrid.length + data.length + LogSpace.CLR_OVERHEAD);
      MemorySegment name = MemorySegment.ofArray(gtrid.clone());
      LogRecord.Prepare record =
          new LogRecord.Prepare(id, lastLsn(), name, MemorySegment.ofArray(data.clone()));
      inDoubt = record;
      services.log().force(chain.append(record, State.PREPARED, undoNextLsn()));
    }
  }

  /** Restart: what the record of one in doubt said. */
  void prepared(LogRecord.Prepare record) {
    inDoubt = record;
  }

  /**
   * Starts a nested top action: what is logged until its end survives the rollback (ARIES §9). The
   * latches of the pages it changes are kept until then (rule 14), and the undo of its updates,
   * should it not come to its end, touches only the pages of each update. They nest.
   */
  public NestedTopAction nestedTopAction() {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      nesting++;
      return new OpenNestedTopAction(this, undoNextLsn(), lastLsn(), nesting);
    }
  }

  void endNested(long undoNext, long lastBefore, int depth) {
    try (UserPermit _ = enter()) {
      expect(State.ACTIVE);
      if (depth != nesting) {
        throw new IllegalStateException("nested top actions end innermost first");
      }
      if (lastLsn() != lastBefore) {
        chain.append(new LogRecord.NestedTopActionEnd(id, lastLsn(), undoNext), state(), undoNext);
      }
      nesting--;
    }
  }

  boolean isNested() {
    return nesting > 0;
  }

  /** Its log space, until it ends. */
  LogSpace space() {
    return Objects.requireNonNull(space, "ended");
  }

  /** Records that rolling back now would undo, about: 0 once it has ended. Any thread. */
  int owedUndo() {
    LogSpace mine = space;
    return mine == null ? 0 : mine.owedUndo();
  }

  void giveSpaceBack() {
    LogSpace mine = space();
    space = null;
    services.spaces().give(mine);
  }

  private SavepointStack savepoints() {
    SavepointStack mine = savepoints;
    if (mine == null) {
      mine = new SavepointStack(id);
      savepoints = mine;
    }
    return mine;
  }

  TransactionServices services() {
    return services;
  }

  /** It is over: no nested top action is open any more, and what was to be done then is done. */
  void ended() {
    nesting = 0;
    Runnable action = endAction;
    endAction = null;
    if (action != null) {
      action.run();
    }
  }

  boolean isFromRestart() {
    return fromRestart;
  }

  BackChain chain() {
    return chain;
  }

  /** By its id: the same in every run, and cheaper than an object's own. */
  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  private void expectNotNested() {
    if (isNested()) {
      throw new IllegalStateException("transaction " + id + " is in a nested top action");
    }
  }

  void expect(State expected) {
    expect(expected, expected);
  }

  void expect(State expected, State orElse) {
    State now = state();
    if (now != expected && now != orElse) {
      throw new IllegalStateException("transaction " + id + " is " + now + "; begin another one");
    }
  }

  /**
   * The engine needs the log that this transaction pins: no call but rollback goes through any
   * more, and if nobody is inside, it is rolled back now.
   *
   * @return whether it is over; else its user, or another attempt, has to end it
   */
  boolean doom(String why) {
    user.doom(why);
    return TransactionEnd.rollbackIfUnused(this);
  }

  private UserPermit enter() {
    user.enter(state() == State.PREPARED); // after who copies its undo forward
    String doom = user.doom();
    // One that was committed or prepared before it could be doomed has got away.
    if (doom != null && state() != State.COMMITTED && state() != State.PREPARED) {
      user.close();
      throw new TransactionDoomedException(doom);
    }
    return user;
  }
}
