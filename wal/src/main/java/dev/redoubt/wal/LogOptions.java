package dev.redoubt.wal;

import java.time.Duration;

/**
 * Settings of a log. Immutable; the withers return changed copies.
 *
 * @param segmentBytes length of a segment file, a multiple of 4096; fixed when the log is created
 * @param bufferBytes length of one batch buffer and so of the longest batch; a multiple of 4096, at
 *     most {@code segmentBytes - 4096}; a record is at most {@code bufferBytes - 128} long
 * @param bufferCount number of batch buffers in the ring
 * @param asyncForceInterval how long an appended record may stay unforced when nobody waits for it
 * @param directIo whether to go past the operating system's cache where the file system can
 * @param background whether the log runs a thread of its own for the interval, sealing and the
 *     making of segments; without it (deterministic tests) {@link Log#tick} does that work
 */
public record LogOptions(
    int segmentBytes,
    int bufferBytes,
    int bufferCount,
    Duration asyncForceInterval,
    boolean directIo,
    boolean background) {
  public static LogOptions defaults() {
    return new LogOptions(64 << 20, 1 << 20, 8, Duration.ofMillis(10), true, true);
  }

  public LogOptions withSegmentBytes(int bytes) {
    return new LogOptions(
        bytes, bufferBytes, bufferCount, asyncForceInterval, directIo, background);
  }

  public LogOptions withBuffers(int count, int bytesEach) {
    return new LogOptions(segmentBytes, bytesEach, count, asyncForceInterval, directIo, background);
  }

  public LogOptions withBackground(boolean on) {
    return new LogOptions(segmentBytes, bufferBytes, bufferCount, asyncForceInterval, directIo, on);
  }

  public LogOptions withDirectIo(boolean on) {
    return new LogOptions(
        segmentBytes, bufferBytes, bufferCount, asyncForceInterval, on, background);
  }
}
