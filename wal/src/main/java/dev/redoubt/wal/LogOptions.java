package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import java.time.Duration;

/**
 * Settings of a log. Immutable; the withers return changed copies.
 *
 * @param segmentBytes length of a segment file, a multiple of 4096 and at least 16384; fixed when
 *     the log is created
 * @param bufferBytes length of one batch buffer and so of the longest batch; a multiple of 4096; a
 *     log whose segments are shorter than that and a block uses what fits; a record is at most
 *     {@code bufferBytes - 128} long
 * @param bufferCount number of batch buffers in the ring, at least 2
 * @param asyncForceInterval how long an appended record may stay unforced when nobody waits for it
 * @param directIo whether to go past the operating system's cache where the file system can
 * @param background whether the log runs threads of its own for the interval, sealing and the
 *     making of segments; without them (deterministic tests) {@link Log#tick} does that work
 * @param acceptUnreadableTail the operator's word that what an opening cannot read, and is not
 *     known to have been on disk, is lost, and all of the log behind it: it becomes the end of the
 *     log. Without it such an opening fails
 */
public record LogOptions(
    int segmentBytes,
    int bufferBytes,
    int bufferCount,
    Duration asyncForceInterval,
    boolean directIo,
    boolean background,
    boolean acceptUnreadableTail) {
  /** Headers of a batch and of a frame, rounded up to leave room for versions to come. */
  static final int RECORD_OVERHEAD_BYTES = 128;

  /** A header block and a few blocks to write in. */
  static final int MIN_SEGMENT_BYTES = 4 * LogLayout.BLOCK_BYTES;

  /** Rejects what cannot work. */
  public LogOptions {
    checkBlocks("segmentBytes", segmentBytes, MIN_SEGMENT_BYTES);
    checkBlocks("bufferBytes", bufferBytes, LogLayout.BLOCK_BYTES);
    if (bufferCount < 2) {
      throw new IllegalArgumentException("bufferCount is less than 2: " + bufferCount);
    }
    if (asyncForceInterval.isNegative() || asyncForceInterval.isZero()) {
      throw new IllegalArgumentException("asyncForceInterval: " + asyncForceInterval);
    }
  }

  private static void checkBlocks(String name, int bytes, int least) {
    if (bytes < least || bytes % LogLayout.BLOCK_BYTES != 0) {
      throw new IllegalArgumentException(
          name + " is not a multiple of 4096 from " + least + " on: " + bytes);
    }
  }

  /** 64 MiB segments, eight buffers of 1 MiB, 10 ms, direct, with threads of its own. */
  public static LogOptions defaults() {
    return new LogOptions(64 << 20, 1 << 20, 8, Duration.ofMillis(10), true, true, false);
  }

  /** The same with other segments. */
  public LogOptions withSegmentBytes(int bytes) {
    return new LogOptions(
        bytes,
        bufferBytes,
        bufferCount,
        asyncForceInterval,
        directIo,
        background,
        acceptUnreadableTail);
  }

  /** The same with another ring. */
  public LogOptions withBuffers(int count, int bytesEach) {
    return new LogOptions(
        segmentBytes,
        bytesEach,
        count,
        asyncForceInterval,
        directIo,
        background,
        acceptUnreadableTail);
  }

  /** The same with another bound for records that nobody waits for. */
  public LogOptions withAsyncForceInterval(Duration interval) {
    return new LogOptions(
        segmentBytes,
        bufferBytes,
        bufferCount,
        interval,
        directIo,
        background,
        acceptUnreadableTail);
  }

  /** The same with or without threads of its own. */
  public LogOptions withBackground(boolean on) {
    return new LogOptions(
        segmentBytes,
        bufferBytes,
        bufferCount,
        asyncForceInterval,
        directIo,
        on,
        acceptUnreadableTail);
  }

  /** The same with or without direct transfers. */
  public LogOptions withDirectIo(boolean on) {
    return new LogOptions(
        segmentBytes,
        bufferBytes,
        bufferCount,
        asyncForceInterval,
        on,
        background,
        acceptUnreadableTail);
  }

  /**
   * The same with or without the operator's word that what cannot be read at the end is lost. For
   * one opening, after a look at what it would lose; never as a habit.
   */
  public LogOptions withAcceptUnreadableTail(boolean accepted) {
    return new LogOptions(
        segmentBytes, bufferBytes, bufferCount, asyncForceInterval, directIo, background, accepted);
  }

  /** How segments are read and written. */
  Disk.Caching caching() {
    return directIo ? Disk.Caching.DIRECT : Disk.Caching.BUFFERED;
  }

  /** The longest batch in a log of that geometry. */
  int bufferBytesFor(LogGeometry geometry) {
    return Math.min(bufferBytes, geometry.segmentBytes() - LogLayout.BLOCK_BYTES);
  }

  /** The longest record in a log of that geometry. */
  int maxRecordBytesFor(LogGeometry geometry) {
    return bufferBytesFor(geometry) - RECORD_OVERHEAD_BYTES;
  }
}
