package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Log, pool, transactions, checkpoints and restart under one roof: what a resource manager builds
 * on (DESIGN 4). Thread-safe.
 */
public final class Engine implements AutoCloseable {
  private final Log log;
  private final BufferPool pool;
  private final PageStore pages;
  private final Environment environment;
  private final Managers managers;
  private final SpaceMap space;
  private final RootDirectory roots;
  private final UndoSlack slack;
  private final StructureSpace forward;
  private final ChangeLogger changes;
  private final Rollback rollback;
  private final TransactionTable transactions = new TransactionTable();
  private final TransactionServices services;
  private final Quarantine quarantine;
  private final Checkpointer checkpointer;
  private final Pacing pacing;
  private final LiveCheckpoints checkpoints;
  private final WalCap cap;
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable CheckpointThread checkpointThread;
  private final RestartReports reports = new RestartReports();
  private final boolean background;
  private volatile @Nullable OwedPages owed;
  private @Nullable ContinuedRestart left;
  private volatile @Nullable ContinuedRestart continued;

  Engine(
      Log log,
      PageStore pages,
      BufferPool pool,
      Environment environment,
      Managers managers,
      EngineOptions options) {
    this.background = options.background();
    this.log = log;
    this.pages = pages;
    this.pool = pool;
    this.environment = environment;
    this.managers = managers;
    this.space = new SpaceMap(pool);
    this.roots = new RootDirectory(pool, (RootManager) managers.get(RootManager.ID));
    this.slack = new UndoSlack(log, space, pool.pageSize());
    this.changes = new ChangeLogger(log, pool, managers, space);
    this.rollback = new Rollback(this, slack);
    this.cap = new WalCap(this, options.maxWalBytes(), options.background());
    this.forward = new ForwardSpace(log, cap, space, pool.pageSize());
    this.space.connect(changes, forward);
    this.services = new TransactionServices(log, changes, rollback, transactions, cap);
    this.quarantine = new Quarantine(log);
    PageRebuild rebuild = new PageRebuild(log, pages, managers, quarantine);
    pool.setRepair(rebuild);
    this.checkpointer = new Checkpointer(log, managers, reports);
    this.pacing = new Pacing(log, pool, checkpointer, transactions, environment, options);
    this.checkpoints = new LiveCheckpoints(this, checkpointer, rebuild, cap);
  }

  /**
   * Opens the store on {@code disk}, running restart first; creates it when there is none and the
   * options allow. Then everything acknowledged is there, nothing else but {@link #unfinished}
   * ones.
   *
   * @param disk the store's folder; stays the caller's, to be closed after the engine
   * @param managers every resource manager whose data the store may hold; those of this module are
   *     added
   * @param listener told of the progress of restart, in this thread
   * @throws dev.redoubt.io.NotAStoreException if there is no store and none may be created
   * @throws dev.redoubt.io.StoreLockedException if it is open elsewhere
   * @throws OptionsMismatchException if the page size asked for is not the store's
   * @throws UnregisteredManagerException if the store holds data of a manager not in the list
   * @throws CorruptionException if the log is damaged below what was known durable
   * @throws dev.redoubt.io.StorageIoException if the disk fails. After any of these nothing is
   *     held; before restart's analysis has succeeded nothing was written (I-10)
   */
  public static Engine open(
      Disk disk,
      Environment environment,
      EngineOptions options,
      List<ResourceManager> managers,
      RecoveryListener listener) {
    return new EngineOpening(disk, environment, options, managers, listener).open();
  }

  /** The log; stays the engine's. */
  public Log log() {
    return log;
  }

  /** The pages in memory; stays the engine's. */
  public BufferPool pool() {
    return pool;
  }

  /** Which pages are in use. */
  public SpaceMap space() {
    return space;
  }

  /** Fixed entry points by name. */
  public RootDirectory roots() {
    return roots;
  }

  /** Threads, time and randomness that the engine was opened with. */
  public Environment environment() {
    return environment;
  }

  /**
   * Begins a transaction.
   *
   * @throws IllegalStateException if the engine is closed
   * @throws EngineHaltedException if it has halted
   */
  public Transaction begin() {
    checkOpen();
    log.gate().check();
    Transaction transaction = services.begin(transactions.takeId());
    transactions.add(transaction);
    if (closed.get()) {
      transactions.remove(transaction);
      checkOpen();
    }
    return transaction;
  }

  /** What restart left: prepared ones, and losers that a bad page keeps from ending. */
  public List<Transaction> unfinished() {
    return transactions.all().stream().filter(Transaction::isFromRestart).toList();
  }

  /**
   * Walks the updates that a transaction, not in use, has still to undo should it roll back (rule
   * 17), newest first: what it owns can be told from them.
   *
   * @throws CorruptionException if its chain is damaged
   */
  public void forEachUpdate(Transaction transaction, Consumer<LogRecord.Update> consumer) {
    rollback.walk(transaction, consumer);
  }

  /**
   * Logs and applies a redo-only change of one or more pages: structure, allocation, purging. It
   * belongs to no transaction and is never undone. At return it is appended, not durable.
   *
   * @param room log space that was set aside before the change's first page was latched
   * @return its LSN
   * @throws IllegalArgumentException if the room is too small, and any other exception but the
   *     next: nothing was changed
   * @throws EngineHaltedException if the engine halted now or before
   */
  public long change(AtomicChange change, ChangeRoom room) {
    checkOpen();
    return changes.structure(change, room);
  }

  /** Space for structure changes outside of undo. */
  public StructureSpace structureSpace() {
    return forward;
  }

  /** Takes a fuzzy checkpoint; at return it is complete and durable. Returns its begin LSN. */
  public long checkpoint() {
    cap.copyForward();
    return checkpoint(tables());
  }

  long checkpoint(Checkpointer.Tables tables) {
    return checkpoints.take(tables);
  }

  /**
   * Takes a checkpoint and holds the log that restart from it needs, until the hold is closed: for
   * copying the store's files while it runs ({@code docs/copying.md}). Whatever checkpoint the
   * master record names from now on needs nothing below the hold.
   *
   * @param name shown among the holders of the log
   * @return to be closed when the copy is complete; ends with this opening at the latest. For
   *     longer put a slot in its place: {@code engine.log().followers().createSlot(name,
   *     hold.lsn(), bytes)}
   */
  public LogHolder holdCheckpoint(String name) {
    checkOpen();
    return checkpoints.hold(name);
  }

  /**
   * Does what the threads of the engine do, once: keeps the pace, writes the pages that are due,
   * takes a checkpoint if one is due, and ticks the log. For engines without {@code background};
   * harmless otherwise.
   *
   * @throws EngineHaltedException if anything failed, now or before
   * @throws dev.redoubt.io.DiskFullException if a checkpoint finds no room; nothing has changed
   */
  public void tick() {
    checkOpen();
    log.tick();
    pacing.update();
    pool.cleanDue();
    if (pacing.isCheckpointDue()) {
      checkpoint();
    }
    ContinuedRestart restart = continued;
    if (restart != null) {
      restart.step();
    }
  }

  /**
   * Has what {@link RestartMode#INSTANT} left go on: in a thread of its own, else in {@link #tick}.
   * Called once, by the layer above, when it knows what losers and those in doubt own.
   *
   * @throws IllegalStateException if the engine is closed
   */
  public void continueRestart() {
    checkOpen();
    ContinuedRestart restart = left;
    if (restart != null && continued == null) {
      continued = restart;
      if (background) {
        restart.start();
      }
    }
  }

  /** The restart of this opening. */
  public OngoingRestart restart() {
    ContinuedRestart restart = left;
    return restart == null ? OngoingRestart.OVER : restart;
  }

  /** What the restart of this opening did. */
  public RecoveryReport lastRecovery() {
    return reports.ofOpening();
  }

  /** What the restart of this opening did, and the last one after a crash. */
  public RestartReports restartReports() {
    return reports;
  }

  /**
   * An operator's word that a page in quarantine is lost (decision 18): at return no log is held
   * for it, losers are undone but for what was there. To be repeated if it fails.
   *
   * @throws IllegalArgumentException if the page is not in quarantine; nothing has changed
   */
  public void giveUp(long pageId) {
    checkOpen();
    new GivingUp(this, pages, pageId).run();
  }

  /** Figures of now. */
  public EngineStats stats() {
    return EngineStats.of(this, checkpointer, pacing);
  }

  /** What keeps the log from being recycled, the one that bounds truncation now first. */
  public List<LogPin> logPins() {
    return LogPin.of(log, transactions.oldestFirstLsn(), pool.oldestRecLsn());
  }

  /** Drops everything as a crash of the process would: nothing more is written. For tests. */
  public void abandon() {
    if (closed.compareAndSet(false, true)) {
      log.gate().halt(new IllegalStateException("the engine was abandoned"));
      try (pages) {
        stopThreads();
        pool.close();
      } finally {
        log.abandon();
      }
    }
  }

  /**
   * Rolls back what is active (not what is in doubt), writes every page, takes a last checkpoint
   * and closes the log. After a halt it only lets go of everything. A second call does nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      stopThreads();
      if (!log.gate().isHalted()) {
        boolean clean =
            transactions.rollbackAllForClose() && quarantine.isEmpty() && restart().isOver();
        pool.flushAll();
        checkpointer.checkpoint(tables(), clean);
      }
    } finally {
      release();
    }
  }

  private void stopThreads() {
    ContinuedRestart restart = left;
    if (restart != null) {
      restart.stop();
    }
    CheckpointThread thread = checkpointThread;
    if (thread != null) {
      checkpointThread = null;
      thread.stop();
    }
  }

  private void release() {
    stopThreads();
    pool.close();
    pages.close();
    quarantine.close();
    slack.close();
    checkpointer.close();
    log.close();
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the engine is closed");
    }
  }

  /** What checkpoints copy. */
  Checkpointer.Tables tables() {
    return new LiveTables(transactions, pool, quarantine, owed, pacing);
  }

  boolean isBackground() {
    return background;
  }

  /** Restart: these pages are brought up to date when they are touched, and by {@link #restart}. */
  void owe(OwedPages pages) {
    owed = pages;
    pool.setOwed(pages);
  }

  /** Before the opening ends: what goes on behind it. */
  void leave(ContinuedRestart restart) {
    left = restart;
  }

  void opened(EngineOptions options) {
    if (options.background()) {
      checkpointThread = new CheckpointThread(this);
    }
  }

  Pacing pacing() {
    return pacing;
  }

  Managers managers() {
    return managers;
  }

  ChangeLogger changes() {
    return changes;
  }

  Rollback rollback() {
    return rollback;
  }

  UndoSlack slack() {
    return slack;
  }

  TransactionTable transactions() {
    return transactions;
  }

  TransactionServices services() {
    return services;
  }

  Quarantine quarantine() {
    return quarantine;
  }
}
