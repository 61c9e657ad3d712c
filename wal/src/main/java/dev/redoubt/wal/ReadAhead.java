package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Transfers a stretch of the log to memory in a thread of its own, a few pieces before the one who
 * reads it. The first pieces are short: many read little. Who asks for what is not there, or was
 * not read without an error, is told so and reads by himself: so errors are met where they are
 * today, and nothing depends on the thread.
 */
final class ReadAhead implements AutoCloseable {
  private static final int FIRST_PIECE_BYTES = 256 << 10;
  private static final int PIECE_BYTES = 4 << 20;
  private static final int PIECES = 4;

  private final Disk disk;
  private final LogGeometry geometry;
  private final Disk.Caching caching;
  private final long limit;

  private final ReentrantLock latch = new ReentrantLock();
  private final Condition changed = latch.newCondition();
  private final ArrayDeque<Piece> ready = new ArrayDeque<>(); // guarded by latch; ascending
  private final ArrayDeque<Chunk> idle = new ArrayDeque<>(); // guarded by latch
  private int chunks; // guarded by latch
  private boolean stopped; // guarded by latch
  private boolean over; // guarded by latch
  private int nextBytes = FIRST_PIECE_BYTES; // of the thread

  /** So many bytes of the log from {@code lsn} on. */
  record Piece(long lsn, Chunk chunk, int bytes) {
    long endLsn() {
      return lsn + bytes;
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
    long lsn = fromLsn;
    while (lsn < toLsn) {
      int wanted = (int) Math.min(nextBytes, toLsn - lsn);
      Chunk chunk = chunk(wanted);
      if (chunk == null) {
        return false;
      }
      int read = file.read(chunk.buffer().clear().limit(wanted), geometry.offsetOf(lsn));
      if (read < wanted) {
        return false; // a file that was cut short
      }
      latch.lock();
      try {
        ready.add(new Piece(lsn, chunk, wanted));
        changed.signalAll();
      } finally {
        latch.unlock();
      }
      lsn += wanted;
      nextBytes = Math.min(PIECE_BYTES, 2 * nextBytes);
    }
    return true;
  }

  /** Free memory of so many bytes; null when nobody wants more. */
  private @Nullable Chunk chunk(int bytes) {
    latch.lock();
    try {
      while (!stopped && idle.isEmpty() && chunks == PIECES) {
        changed.awaitUninterruptibly();
      }
      if (stopped) {
        return null;
      }
      Chunk free = idle.poll();
      if (free == null) {
        chunks++;
      }
      return free != null && free.bytes() >= bytes ? free : Chunk.allocate(bytes);
    } finally {
      latch.unlock();
    }
  }

  /**
   * The piece with all of so many bytes from {@code lsn} on; null if there is none. Its bytes stay
   * as they are until something behind it is asked for.
   */
  @Nullable Piece whole(long lsn, int bytes) {
    Piece piece = piece(lsn, lsn);
    return piece != null && lsn + bytes <= piece.endLsn() ? piece : null;
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
      dst.put(dst.position(), piece.chunk().buffer(), from, length);
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
          idle.add(ready.removeFirst().chunk());
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
