package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.BufferPoolOptions;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOpening;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The steps of opening a store, in their order. Nothing is written before analysis has succeeded
 * (I-10); torn pages are restored before any other page is written (rule 8).
 *
 * <p>Creating a store is creating its log and then opening it: a log without any record is a store
 * whose first two pages are still to be made, which one atomic record does.
 */
final class EngineOpening {
  private static final System.Logger LOG = LazyLogger.of(Engine.class);

  private final Disk disk;
  private final Environment environment;
  private final EngineOptions options;
  private final Managers managers;
  private final RecoveryMeter meter;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  EngineOpening(
      Disk disk,
      Environment environment,
      EngineOptions options,
      List<ResourceManager> managers,
      RecoveryListener listener) {
    this.disk = disk;
    this.environment = environment;
    this.options = options;
    this.managers = withOwn(managers);
    this.meter = new RecoveryMeter(listener, environment);
  }

  static Managers withOwn(List<ResourceManager> managers) {
    List<ResourceManager> all = new ArrayList<>(managers);
    all.add(new SpaceManager());
    all.add(new RootManager());
    all.add(new MemoryManager());
    return new Managers(all);
  }

  Engine open() {
    try {
      return openSteps();
    } catch (Throwable failure) {
      while (!opened.isEmpty()) {
        close(opened.pop(), failure);
      }
      throw failure;
    }
  }

  private static void close(AutoCloseable resource, Throwable failure) {
    try {
      resource.close();
    } catch (Exception second) {
      failure.addSuppressed(second);
    }
  }

  private Engine openSteps() {
    Instant at = environment.now();
    long openingNanos = environment.nanoTime();
    LogOpening opening = openLog();
    StoreIdentity identity = StoreIdentity.decode(opening.attributes());
    identity.require(options);
    requireRecordRoom(opening, identity.pageSize());
    requireCapRoom(opening, identity.pageSize());
    requirePages(opening);

    // 1. Analysis: reads only, and finds the end of the log on its way.
    long start = environment.nanoTime();
    Analysis pass = new Analysis(opening, meter);
    long poolBytes = (long) options.frames() * identity.pageSize();
    RedoRound first = opened(new RedoRound(RedoRound.firstBudget(poolBytes)));
    long apartBytes = RestartCheckpoints.apartBytes(options.checkpointBytes());
    AnalysisResult analysis =
        options.restart() == RestartMode.INSTANT
            ? pass.runForInstant(first, apartBytes)
            : pass.run(first, apartBytes);
    managers.requireAll(analysis.managerIds());
    Log log = opened(opening.log());
    if (!log.unreadableTail().isEmpty()) {
      LOG.log(System.Logger.Level.WARNING, lossAccepted(log));
    }
    Duration analysisTime = Duration.ofNanos(environment.nanoTime() - start);
    boolean clean = log.master().clean();

    // 2. From here on things may be written: first the log's new epoch, then torn pages.
    log.startAppending();
    PageStore pages =
        opened(
            options
                .pages()
                .open(
                    new PageStoreKind.Place(
                        log.disk(),
                        log.storeId(),
                        identity.pageSize(),
                        options.doubleWrite(),
                        options.pageCaching())));
    List<Long> torn = pages.restoreTorn(analysis.dirtyPages()::contains);

    // 3. Redo, undo, checkpoint.
    BufferPool pool =
        opened(
            new BufferPool(
                pages,
                log,
                environment,
                new BufferPoolOptions(options.frames(), options.background())));
    Engine engine = new Engine(log, pages, pool, environment, managers, options);
    if (analysis.isEmptyLog()) {
      bootstrap(engine);
    }
    engine.pacing().startFrom(analysis);
    engine.restartReports().startFrom(analysis);
    RestartCheckpoints checkpoints =
        new RestartCheckpoints(engine, analysis, options.checkpointBytes());
    new Restart(
            engine,
            new Restart.Opening(clean, at, openingNanos, analysisTime, torn),
            analysis,
            new FirstRound(pass.rounds(), first),
            checkpoints,
            options.restart(),
            meter)
        .run();
    opened.remove(first); // redo has closed it, or will
    engine.opened(options);
    return engine;
  }

  private static String lossAccepted(Log log) {
    return "the log of "
        + log.disk().description()
        + " ends at LSN "
        + log.endLsn()
        + ": what stood behind could not be read and was given up on the operator's word: "
        + log.unreadableTail();
  }

  private LogOpening openLog() {
    if (!Log.exists(disk)) {
      if (options.createIfMissing()) {
        byte[] identity = StoreIdentity.of(options).encode();
        close(opened(Log.create(disk, environment, options.log(), identity)));
      } else {
        Log.require(disk);
      }
    }
    return opened(LogOpening.begin(disk, environment, options.log()));
  }

  /** The new log is closed and opened again: there is one road into a store. */
  private void close(Log created) {
    opened.remove(created);
    created.close();
  }

  /** A checkpoint is taken only after the page file is there: one without the other was lost. */
  private void requirePages(LogOpening log) {
    long checkpointLsn = log.checkpointLsn();
    if (checkpointLsn != 0 && !options.pages().exists(disk)) {
      throw new CorruptionException(
          disk.description()
              + " has no "
              + options.pages().name()
              + " \"pages\", and the log needs it: its last checkpoint is at LSN "
              + checkpointLsn
              + ". Nothing was changed; put the file back, restore the store from a copy, or "
              + CorruptionException.SALVAGE);
    }
  }

  private static void requireRecordRoom(LogOpening log, int pageSize) {
    int needed = 2 * pageSize + 2048;
    if (log.maxRecordBytes() < needed) {
      throw new IllegalArgumentException(
          "log buffers take records of up to "
              + log.maxRecordBytes()
              + " bytes, pages of "
              + pageSize
              + " bytes need "
              + needed);
    }
  }

  private void requireCapRoom(LogOpening log, int pageSize) {
    long least = WalCap.leastBytes(log.segmentBytes(), pageSize, options.frames());
    if (options.maxWalBytes() < least) {
      throw new IllegalArgumentException(
          "maxWalBytes is "
              + options.maxWalBytes()
              + ": with log segments of "
              + log.segmentBytes()
              + " bytes (fixed when the store was created), pages of "
              + pageSize
              + " and "
              + options.frames()
              + " frames, at least "
              + least
              + " are needed, for four segments, a checkpoint and undo");
    }
  }

  /** Pages 1 and 2, root directory and first bitmap, in one record. */
  private static void bootstrap(Engine engine) {
    engine.pool().store().ensureCapacity(2);
    AtomicChange change = new AtomicChange();
    try (ChangeRoom room = engine.structureSpace().room(1);
        PageGuard root = engine.pool().fresh(RootDirectory.PAGE_ID);
        PageGuard bitmap = engine.pool().fresh(RootDirectory.PAGE_ID + 1)) {
      change.format(root, engine.managers().get(RootManager.ID)).putByte(RootManager.FORMAT);
      engine.space().addFormat(change, bitmap, 0b11);
      engine.log().force(engine.changes().structure(change, room));
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }
}
