package dev.redoubt.recovery;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;

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
 *     the memory that pages take
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

  /** 64 MiB of frames at the default page size, double-write, background threads. */
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
    return new EngineOptions(
        create,
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

  /** The same with another page size in bytes. */
  public EngineOptions withPageSize(int bytes) {
    return new EngineOptions(
        createIfMissing,
        bytes,
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

  /** The same with another number of frames. */
  public EngineOptions withFrames(int count) {
    return new EngineOptions(
        createIfMissing,
        pageSize,
        count,
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

  /** The same with other settings of the log. */
  public EngineOptions withLog(LogOptions options) {
    return new EngineOptions(
        createIfMissing,
        pageSize,
        frames,
        options,
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

  /** The same with another cadence of checkpoints: whichever comes first. */
  public EngineOptions withCheckpoints(long bytes, Duration interval) {
    return new EngineOptions(
        createIfMissing,
        pageSize,
        frames,
        log,
        bytes,
        interval,
        targetRestartTime,
        doubleWrite,
        background,
        maxWalBytes,
        pages,
        pageCaching,
        restart);
  }

  /** The same with another restart time wanted. */
  public EngineOptions withTargetRestartTime(Duration target) {
    return new EngineOptions(
        createIfMissing,
        pageSize,
        frames,
        log,
        checkpointBytes,
        checkpointInterval,
        target,
        doubleWrite,
        background,
        maxWalBytes,
        pages,
        pageCaching,
        restart);
  }

  /** The same with or without protection against torn pages. */
  public EngineOptions withDoubleWrite(boolean on) {
    return new EngineOptions(
        createIfMissing,
        pageSize,
        frames,
        log,
        checkpointBytes,
        checkpointInterval,
        targetRestartTime,
        on,
        background,
        maxWalBytes,
        pages,
        pageCaching,
        restart);
  }

  /** The same with or without threads of its own. */
  public EngineOptions withBackground(boolean on) {
    return new EngineOptions(
        createIfMissing,
        pageSize,
        frames,
        log,
        checkpointBytes,
        checkpointInterval,
        targetRestartTime,
        doubleWrite,
        on,
        maxWalBytes,
        pages,
        pageCaching,
        restart);
  }

  /** The same with another cap of the retained log in bytes. */
  public EngineOptions withMaxWalBytes(long bytes) {
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
        bytes,
        pages,
        pageCaching,
        restart);
  }

  /** The same with the pages kept otherwise. */
  public EngineOptions withPages(PageStoreKind kind) {
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
        kind,
        pageCaching,
        restart);
  }

  /** The same with pages going through the operating system's cache or past it. */
  public EngineOptions withPageCaching(Disk.Caching caching) {
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
        caching,
        restart);
  }

  /** The same with another way of opening a store that a crash left work in. */
  public EngineOptions withRestart(RestartMode mode) {
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
        mode);
  }
}
