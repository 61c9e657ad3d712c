package dev.redoubt.recovery;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Settings of an engine. Immutable; the withers return changed copies.
 *
 * @param createIfMissing whether an empty or missing store is created
 * @param pageSize 4096 to 65536, a power of two; fixed at creation; 0 takes what the store has, or
 *     8192 for a new one
 * @param frames pages held in memory, at least 16
 * @param log settings of the log; the segment size counts at creation only
 * @param checkpointBytes a checkpoint is taken after so many bytes of log
 * @param checkpointInterval and after so much time, if anything was logged
 * @param targetRestartTime restart time wanted; the cleaner is paced by it. One that opening and
 *     undo alone exceed cannot be held, see {@link RestartEstimate#canBeHeld}
 * @param doubleWrite whether pages are protected against torn writes
 * @param background whether threads for cleaning, checkpoints and the log run; without them that
 *     work is done inline and by explicit calls, deterministically
 * @param maxWalBytes hard cap of the log that is kept, with what is set aside for rollback; at
 *     least four segments and what a checkpoint needs, which opening checks
 * @param pages what the pages are kept in; fixed at creation
 * @param pageCaching whether pages go past the operating system's cache: then the frames are all
 *     the memory that pages take. What the cleaner writes at its pace goes past it in any case
 * @param restart how a store that a crash left work in is opened
 */
public record EngineOptions(
    boolean createIfMissing,
    int pageSize,
    int frames,
    LogOptions log,
    long checkpointBytes,
    Duration checkpointInterval,
    Duration targetRestartTime,
    boolean doubleWrite,
    boolean background,
    long maxWalBytes,
    PageStoreKind pages,
    Disk.Caching pageCaching,
    RestartMode restart) {
  /** Checks the ranges; the log's {@code background} follows this one's. */
  public EngineOptions {
    if (pageSize != 0 && (pageSize < 4096 || pageSize > 65536 || Integer.bitCount(pageSize) != 1)) {
      throw new IllegalArgumentException(
          "a page size is a power of two from 4096 to 65536, or 0: " + pageSize);
    }
    if (frames < 16) {
      throw new IllegalArgumentException("at least 16 frames are needed: " + frames);
    }
    if (checkpointBytes < 1 || checkpointInterval.toNanos() < 1) {
      throw new IllegalArgumentException(
          "checkpoints after " + checkpointBytes + " bytes or " + checkpointInterval);
    }
    if (targetRestartTime.isNegative() || targetRestartTime.isZero()) {
      throw new IllegalArgumentException("a restart time of " + targetRestartTime);
    }
    if (maxWalBytes < 1) {
      throw new IllegalArgumentException("a cap of the log of " + maxWalBytes + " bytes");
    }
    log = log.withBackground(background);
  }

  /**
   * 64 MiB of frames at the default page size, double-write, background threads, full restart. An
   * instant one is for layers above that know what losers own, see {@link Engine#continueRestart}.
   */
  public static EngineOptions defaults() {
    return new EngineOptions(
        true,
        0,
        8192,
        LogOptions.defaults(),
        64L << 20,
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        true,
        true,
        1L << 30,
        PageStoreKind.FILE,
        Disk.Caching.BUFFERED,
        RestartMode.FULL);
  }

  /** The same with another {@code createIfMissing}. */
  public EngineOptions withCreateIfMissing(boolean create) {
    return with(draft -> draft.createIfMissing = create);
  }

  /** The same with another page size in bytes. */
  public EngineOptions withPageSize(int bytes) {
    return with(draft -> draft.pageSize = bytes);
  }

  /** The same with another number of frames. */
  public EngineOptions withFrames(int count) {
    return with(draft -> draft.frames = count);
  }

  /** The same with other settings of the log. */
  public EngineOptions withLog(LogOptions options) {
    return with(draft -> draft.log = options);
  }

  /** The same with another cadence of checkpoints: whichever comes first. */
  public EngineOptions withCheckpoints(long bytes, Duration interval) {
    return with(
        draft -> {
          draft.checkpointBytes = bytes;
          draft.checkpointInterval = interval;
        });
  }

  /** The same with another restart time wanted. */
  public EngineOptions withTargetRestartTime(Duration target) {
    return with(draft -> draft.targetRestartTime = target);
  }

  /** The same with or without protection against torn pages. */
  public EngineOptions withDoubleWrite(boolean on) {
    return with(draft -> draft.doubleWrite = on);
  }

  /** The same with or without threads of its own. */
  public EngineOptions withBackground(boolean on) {
    return with(draft -> draft.background = on);
  }

  /** The same with another cap of the retained log in bytes. */
  public EngineOptions withMaxWalBytes(long bytes) {
    return with(draft -> draft.maxWalBytes = bytes);
  }

  /** The same with the pages kept otherwise. */
  public EngineOptions withPages(PageStoreKind kind) {
    return with(draft -> draft.pages = kind);
  }

  /** The same with pages going through the operating system's cache or past it. */
  public EngineOptions withPageCaching(Disk.Caching caching) {
    return with(draft -> draft.pageCaching = caching);
  }

  /** The same with another way of opening a store that a crash left work in. */
  public EngineOptions withRestart(RestartMode mode) {
    return with(draft -> draft.restart = mode);
  }

  private EngineOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** The components, of which some are to be changed. */
  private static final class Draft {
    boolean createIfMissing;
    int pageSize;
    int frames;
    LogOptions log;
    long checkpointBytes;
    Duration checkpointInterval;
    Duration targetRestartTime;
    boolean doubleWrite;
    boolean background;
    long maxWalBytes;
    PageStoreKind pages;
    Disk.Caching pageCaching;
    RestartMode restart;

    Draft(EngineOptions from) {
      createIfMissing = from.createIfMissing;
      pageSize = from.pageSize;
      frames = from.frames;
      log = from.log;
      checkpointBytes = from.checkpointBytes;
      checkpointInterval = from.checkpointInterval;
      targetRestartTime = from.targetRestartTime;
      doubleWrite = from.doubleWrite;
      background = from.background;
      maxWalBytes = from.maxWalBytes;
      pages = from.pages;
      pageCaching = from.pageCaching;
      restart = from.restart;
    }

    EngineOptions options() {
      return new EngineOptions(
          createIfMissing,
          pageSize,
          frames,
          log,
          checkpointBytes,
          checkpointInterval,
          targetRestartTime,
          doubleWrite,
          background,
          maxWalBytes,
          pages,
          pageCaching,
          restart);
    }
  }
}
