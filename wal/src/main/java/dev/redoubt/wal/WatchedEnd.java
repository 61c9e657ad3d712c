package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The moving end of a log that another process may be writing, as it can be known from its files
 * alone. Confined to one thread at a time.
 *
 * <p>That a batch can be read does not make it durable: its writer may not have forced it yet. What
 * was forced is said by watermarks: in the batches behind it, in headers of segments, in the master
 * record. So this end is the highest watermark found, and lags behind the writer's own by the last
 * batch until a next one, the sealing batch at the latest, is there.
 *
 * <p>A place that cannot be read as the next batch is one not written yet, unless a watermark known
 * before the look is above it: then this end is that watermark, and whoever reads up to it meets
 * what is wrong, or finds that the place was recycled.
 */
final class WatchedEnd implements LogEnd {
  private final Disk disk;
  private final Environment environment;
  private final LogGeometry geometry;
  private final BatchReader reader;
  private final long firstSegment;
  private final long pollNanos;

  private @Nullable LogScanner scanner;
  private long watermark;
  private volatile boolean closed;

  /**
   * @param firstSegment where to begin to look
   * @param pollNanos time between two looks when nothing has come
   */
  WatchedEnd(
      Disk disk,
      Environment environment,
      LogGeometry geometry,
      Disk.Caching caching,
      long firstSegment,
      long pollNanos) {
    this.disk = disk;
    this.environment = environment;
    this.geometry = geometry;
    this.reader = new BatchReader(disk, geometry, caching);
    this.firstSegment = firstSegment;
    this.pollNanos = pollNanos;
  }

  @Override
  public long durableEnd() {
    long known = watermark;
    long readable = scan();
    return known > readable ? known : Math.min(watermark, readable);
  }

  /** Goes on over what has been written since; returns where that ends. */
  private long scan() {
    // Afresh: a file under this name may be another one by now.
    reader.close();
    reader.readAhead(false);
    LogScanner scan = scanner;
    if (scan == null) {
      LogScanner first = LogScanner.atSegment(reader, geometry, firstSegment);
      if (first.damage() != null) {
        watermark = Math.max(watermark, masterWatermark());
        return geometry.segmentStart(firstSegment);
      }
      scan = first;
      scanner = first;
    }
    scan.retry();
    boolean moved = false;
    while (scan.next(Long.MAX_VALUE)) {
      reader.readAhead(true);
      moved = true;
    }
    watermark = Math.max(watermark, scan.watermark());
    if (!moved || watermark < scan.tail().endLsn()) {
      watermark = Math.max(watermark, masterWatermark());
    }
    if (!moved) {
      // What is damaged, rather than not written yet, is told from that by what comes later.
      SegmentHeader.Reading next = reader.header(geometry.segmentOf(scan.tail().nextLsn()) + 1);
      if (next.damage() == null) {
        watermark = Math.max(watermark, next.valid().watermark());
      }
    }
    return scan.tail().endLsn();
  }

  private long masterWatermark() {
    try (DiskFile file = disk.open(LogLayout.MASTER_FILE, Disk.Access.READ, Disk.Caching.DIRECT)) {
      return MasterFile.readNewestSlot(disk, file, geometry).record().watermarkLsn();
    }
  }

  /** The lowest segment that has a name. */
  @Override
  public long startLsn() {
    return lowestSegment(disk.list(), geometry);
  }

  static long lowestSegment(List<String> names, LogGeometry geometry) {
    long lowest =
        names.stream().mapToLong(LogLayout::segmentIndex).filter(i -> i >= 0).min().orElse(0);
    return geometry.segmentStart(lowest);
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void checkAlive() {
    // The writer may come back at any time.
  }

  @Override
  public long nanoTime() {
    return environment.nanoTime();
  }

  @Override
  public void await(long seen, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while waiting for the log to go on");
    }
    LockSupport.parkNanos(this, Math.min(nanos, pollNanos));
  }

  @Override
  public void close() {
    closed = true;
    reader.close();
  }
}
