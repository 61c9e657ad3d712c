package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Transfers a stretch of the log to memory in a thread of its own, a few pieces before the one who
 * reads it. Who asks for what is not there, or was not read without an error, is told so and reads
 * by himself: so errors are met where they are today, and nothing depends on the thread.
 */
final class ReadAhead implements AutoCloseable {
  private static final int PIECE_BYTES = 1 << 20;
  private static final int PIECES = 8;

  private final Disk disk;
  private final LogGeometry geometry;
  private final Disk.Caching caching;
  private final long limit;

  private final ReentrantLock latch = new ReentrantLock();
  private final Condition changed = latch.newCondition();
  private final ArrayDeque<Piece> ready = new ArrayDeque<>(); // guarded by latch; ascending
  private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>(); // guarded by latch
  private int buffers; // guarded by latch
  private boolean stopped; // guarded by latch
  private boolean over; // guarded by latch

  /** Bytes of the log from {@code lsn} on. */
  private record Piece(long lsn, ByteBuffer bytes) {
    long endLsn() {
      return lsn + bytes.limit();
    }
  }

  /**
   * Begins.
   *
   * @param fromLsn a multiple of a block
   * @param limit nothing is read at or above; durable, a multiple of a block
   */
  ReadAhead(
      Disk disk,
      Environment environment,
      LogGeometry geometry,
      Disk.Caching caching,
      long fromLsn,
      long limit) {
    this.disk = disk;
    this.geometry = geometry;
    this.caching = caching;
    this.limit = limit;
    environment.start("redoubt-log-reader", () -> run(fromLsn));
  }

  private void run(long fromLsn) {
    try {
      long lsn = fromLsn;
      while (lsn < limit) {
        long segmentEnd = geometry.segmentStart(geometry.segmentOf(lsn) + 1);
        String name = LogLayout.segmentName(geometry.segmentOf(lsn));
        try (DiskFile file = disk.open(name, Disk.Access.READ, caching)) {
          if (!transfer(file, lsn, Math.min(limit, segmentEnd))) {
            return;
          }
        }
        lsn = segmentEnd;
      }
    } catch (StorageException met) {
      // Whoever needs these bytes reads them again, and meets it.
    } finally {
      end();
    }
  }

  private void end() {
    latch.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      latch.unlock();
    }
  }

  /** Whether all of it was read, and more is wanted. */
  private boolean transfer(DiskFile file, long fromLsn, long toLsn) {
    for (long lsn = fromLsn; lsn < toLsn; lsn += PIECE_BYTES) {
      ByteBuffer buffer = buffer();
      if (buffer == null) {
        return false;
      }
      int wanted = (int) Math.min(PIECE_BYTES, toLsn - lsn);
      int read = file.read(buffer.clear().limit(wanted), geometry.offsetOf(lsn));
      if (read < wanted) {
        return false; // a file that was cut short
      }
      latch.lock();
      try {
        ready.add(new Piece(lsn, buffer.flip()));
        changed.signalAll();
      } finally {
        latch.unlock();
      }
    }
    return true;
  }

  /** A free buffer; null when nobody wants more. */
  private @Nullable ByteBuffer buffer() {
    latch.lock();
    try {
      while (!stopped && idle.isEmpty() && buffers == PIECES) {
        changed.awaitUninterruptibly();
      }
      if (stopped) {
        return null;
      }
      if (idle.isEmpty()) {
        buffers++;
        return Arena.ofAuto().allocate(PIECE_BYTES, LogLayout.BLOCK_BYTES).asByteBuffer();
      }
      return idle.poll();
    } finally {
      latch.unlock();
    }
  }

  /**
   * Fills {@code dst} with the log from {@code lsn} on. What lies before is not asked for again.
   *
   * @return false if that is not to be had here; then {@code dst} holds nothing of use
   */
  boolean read(long lsn, ByteBuffer dst) {
    long at = lsn;
    while (dst.hasRemaining()) {
      Piece piece = piece(at, lsn);
      if (piece == null) {
        return false;
      }
      int from = (int) (at - piece.lsn());
      int length = (int) Math.min(dst.remaining(), piece.endLsn() - at);
      dst.put(dst.position(), piece.bytes(), from, length);
      dst.position(dst.position() + length);
      at += length;
    }
    return true;
  }

  /** The piece with {@code lsn}; those that end at or below {@code doneLsn} are given back. */
  private @Nullable Piece piece(long lsn, long doneLsn) {
    latch.lock();
    try {
      while (true) {
        while (!ready.isEmpty() && ready.getFirst().endLsn() <= doneLsn) {
          idle.add(ready.removeFirst().bytes());
          changed.signalAll();
        }
        for (Piece each : ready) {
          if (each.lsn() <= lsn && lsn < each.endLsn()) {
            return each;
          }
        }
        boolean mayCome = ready.isEmpty() || ready.getLast().endLsn() <= lsn;
        if (over || !mayCome || ready.size() == PIECES) {
          return null;
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      latch.unlock();
    }
  }

  /** At return the thread is done. */
  @Override
  public void close() {
    latch.lock();
    try {
      stopped = true;
      changed.signalAll();
      while (!over) {
        changed.awaitUninterruptibly();
      }
      ready.clear();
    } finally {
      latch.unlock();
    }
  }
}
