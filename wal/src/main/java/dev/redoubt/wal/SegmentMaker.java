package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.StorageException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes segments before they are needed and takes back those that are not. Thread-safe.
 *
 * <p>A segment file begins as a spare: zero-filled to its full length and forced under a spare's
 * name, so that writing to it later needs no space and changes no metadata. It becomes segment
 * {@code i} in this order: header written and forced; renamed; directory forced; only then told to
 * the appender. Were the rename durable before the header, a crash would leave a segment with
 * another's header; were the appender told before the directory was forced, acknowledged records
 * could stand in a file without a name.
 */
final class SegmentMaker {
  /** More would only hold disk space; fewer would make files where recycled ones could serve. */
  private static final int SPARES_KEPT = 2;

  /** A force that comes in between waits for so many bytes, some tenths of a millisecond. */
  private static final int FILL_BYTES = 256 << 10;

  /** Whether the disk is left to others for a while after each piece. */
  interface Pace {
    /** The next piece goes out at once. */
    Pace HURRIED = _ -> {};

    /** A segment is about to be filled. */
    default void begin() {}

    /**
     * A piece has been written.
     *
     * @param filled part of the segment that is filled, from 0 to 1
     */
    void rest(double filled);
  }

  /** What headers of new segments carry. */
  interface Marks {
    long durableEnd();

    int epoch();
  }

  private final Disk disk;
  private final LogGeometry geometry;
  private final Disk.Caching caching;

  /** Held over I/O: makers wait for each other, since they want the same segments. */
  private final ReentrantLock makerLatch = new ReentrantLock();

  // Guarded by makerLatch.
  private final ArrayDeque<String> spares = new ArrayDeque<>();
  private final Block header = new Block();
  private long nextSpareNumber;

  private volatile long lastMade;
  private volatile int spareCount;

  /**
   * @param lastMade index of the last segment that exists; -1 if none does
   */
  SegmentMaker(Disk disk, LogGeometry geometry, Disk.Caching caching, long lastMade) {
    this.disk = disk;
    this.geometry = geometry;
    this.caching = caching;
    this.lastMade = lastMade;
  }

  /** Index of the last segment that is ready for use. */
  long lastMade() {
    return lastMade;
  }

  int spareCount() {
    return spareCount;
  }

  /**
   * Takes over a spare of an earlier opening: forced once more, since nobody knows how far its
   * maker got; deleted if it is not whole. Its end is written anew before: <em>else a force of its
   * maker that failed may have thrown the end away, the next force succeeds for want of anything to
   * write, and the segment that the spare becomes is too short after a power cut.</em>
   *
   * @param keepAll whether it is kept however many there are
   */
  void adoptSpare(String name, boolean keepAll) {
    makerLatch.lock();
    try {
      nextSpareNumber = Math.max(nextSpareNumber, LogLayout.spareNumber(name) + 1);
      boolean whole;
      try (DiskFile file = disk.open(name, Disk.Access.WRITE, Disk.Caching.BUFFERED)) {
        whole = file.size() == geometry.segmentBytes();
        whole &= keepAll || spares.size() < SPARES_KEPT;
        if (whole) {
          int block = LogLayout.BLOCK_BYTES;
          file.write(zeros(block), geometry.segmentBytes() - block);
          file.force();
        }
      }
      keepOrDelete(name, whole);
    } finally {
      makerLatch.unlock();
    }
  }

  /** Makes all segments up to {@code index} ready for use; returns at once if they are. */
  void makeUpTo(long index, Marks marks) {
    makeUpTo(index, marks, Pace.HURRIED);
  }

  void makeUpTo(long index, Marks marks, Pace pace) {
    if (lastMade >= index) {
      return;
    }
    makerLatch.lock();
    try {
      while (lastMade < index) {
        if (spares.isEmpty()) {
          addSpare(pace);
        }
        long next = lastMade + 1;
        dress(SegmentHeader.madeAhead(next, marks.durableEnd(), marks.epoch()));
      }
    } finally {
      makerLatch.unlock();
    }
  }

  /** Makes the first segment of a new log. */
  void makeFirst(SegmentHeader first) {
    makerLatch.lock();
    try {
      addSpare(Pace.HURRIED);
      dress(first);
    } finally {
      makerLatch.unlock();
    }
  }

  /** Makes spares until there are {@code count}. */
  void makeSpares(int count, Pace pace) {
    if (spareCount >= count) {
      return;
    }
    makerLatch.lock();
    try {
      while (spares.size() < count) {
        addSpare(pace);
      }
    } finally {
      makerLatch.unlock();
    }
  }

  /**
   * Keeps the file of a segment that is no longer part of the log as a spare, or deletes it. May be
   * called again after a failure.
   *
   * @throws dev.redoubt.io.DiskFullException if the directory could not be changed or forced; the
   *     file is gone all the same, but not durably
   */
  void retire(long index) {
    makerLatch.lock();
    try {
      String name = LogLayout.segmentName(index);
      if (spares.size() < SPARES_KEPT && isWhole(name)) {
        keepAsSpare(name, LogLayout.spareName(nextSpareNumber++));
        return;
      }
      if (disk.exists(name)) {
        disk.delete(name);
      }
      disk.forceDirectory();
    } finally {
      makerLatch.unlock();
    }
  }

  private boolean isWhole(String name) {
    if (!disk.exists(name)) {
      return false; // an earlier attempt got as far as that
    }
    try (DiskFile file = disk.open(name, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      return file.size() == geometry.segmentBytes();
    }
  }

  private void keepAsSpare(String name, String spare) {
    // Durable before the spare is written to: else the old name could come back with new bytes.
    FileNames.give(disk, name, spare);
    spares.addLast(spare);
    spareCount = spares.size();
  }

  private void keepOrDelete(String name, boolean keep) {
    if (keep) {
      spares.addLast(name);
      spareCount = spares.size();
    } else {
      disk.delete(name);
    }
  }

  /**
   * Turns a spare into the next segment. If that fails, for want of space in the directory, say, it
   * is a spare again: it may be space that somebody was promised. Header and name are written anew
   * by the next attempt, so that no force is merely repeated.
   */
  private void dress(SegmentHeader as) {
    String spare = spares.removeFirst();
    spareCount = spares.size();
    String segment = LogLayout.segmentName(as.index());
    as.encode(header, geometry);
    try {
      try (DiskFile file = disk.open(spare, Disk.Access.WRITE, caching)) {
        header.write(file, 0);
        file.force();
      }
      disk.rename(spare, segment);
      disk.forceDirectory();
    } catch (Throwable t) {
      takeBack(segment, spare, t);
      throw t;
    }
    lastMade = as.index();
  }

  private void takeBack(String segment, String spare, Throwable why) {
    try {
      if (disk.exists(segment)) {
        disk.rename(segment, spare);
      }
      spares.addFirst(spare);
      spareCount = spares.size();
    } catch (StorageException e) {
      why.addSuppressed(e);
    }
  }

  private void addSpare(Pace pace) {
    String name = LogLayout.spareName(nextSpareNumber++);
    DiskFile file = disk.open(name, Disk.Access.CREATE, caching);
    try {
      fill(file, pace);
      file.force();
      file.close();
    } catch (Throwable t) {
      file.close();
      FileNames.discard(disk, name, t);
      throw t;
    }
    spares.addLast(name);
    spareCount = spares.size();
  }

  /**
   * Writes zeros all over it, whole blocks; not forced. Rests between them for as long as nobody
   * waits for the segment, or for another.
   */
  private void fill(DiskFile file, Pace pace) {
    long end = geometry.segmentBytes();
    int piece = (int) Math.min(FILL_BYTES, end);
    ByteBuffer zeros = zeros(piece);
    pace.begin();
    for (long at = 0; at < end; at += piece) {
      file.write(zeros.clear().limit((int) Math.min(piece, end - at)), at);
      if (!makerLatch.hasQueuedThreads()) {
        pace.rest((double) Math.min(end, at + piece) / end);
      }
    }
  }

  private static ByteBuffer zeros(int bytes) {
    return Arena.ofAuto().allocate(bytes, LogLayout.BLOCK_BYTES).asByteBuffer();
  }
}
