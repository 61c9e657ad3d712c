package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.WatchedDisk;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Segments are made ahead, so that no append waits for one; when one does, it is counted. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SegmentsAheadTest {
  @TempDir Path directory;

  /** The next segment is there before the end of this one, if the disk is given the time. */
  @Test
  void underASustainedLoadNoAppendWaitsForASegment() {
    LogOptions options = LogOptions.defaults().withSegmentBytes(1 << 21);
    try (RealDisk disk = RealDisk.create(directory);
        Log log = Logs.create(disk, options)) {
      while (log.endLsn() < 4L * options.segmentBytes()) {
        long last = Logs.append(log, Logs.text(1, 4000));
        log.force(last);
        long offset = log.endLsn() % options.segmentBytes();
        if (offset < 8192) {
          log.writeMaster(last, last, false);
          log.truncate();
        }
        while (offset > options.segmentBytes() / 2 && !hasNextSegment(log, options)) {
          LockSupport.parkNanos(100_000);
        }
      }
      assertEquals(0, log.stats().lateSegments());
    }
  }

  private static boolean hasNextSegment(Log log, LogOptions options) {
    LogStats stats = log.stats();
    long lastMade = stats.startLsn() / options.segmentBytes() + stats.segmentCount() - 1;
    return lastMade > stats.endLsn() / options.segmentBytes();
  }

  @Test
  void ticksAloneKeepASegmentReady() {
    try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
      for (int i = 0; log.endLsn() < 20L * Logs.SMALL.segmentBytes(); i++) {
        log.force(Logs.append(log, Logs.text(i, 3000)));
        if (i % 3 == 0) {
          log.tick();
        }
      }
      assertEquals(0, log.stats().lateSegments());
    }
  }

  @Test
  void anAppendThatASlowDiskKeepsWaitingIsCountedAndGoesOn() {
    AtomicReference<Log> running = new AtomicReference<>();
    Disk slow =
        new WatchedDisk(
            new MemoryDisk(),
            call -> {
              Log log = running.get();
              if (log != null && call.kind().equals("write") && call.file().startsWith("spare")) {
                // As slow as it takes.
                while (log.stats().lateSegments() == 0) {
                  Thread.onSpinWait();
                }
              }
            });
    try (Log log = Logs.create(slow, Logs.SMALL.withBackground(true))) {
      running.set(log);
      long last = 0;
      while (log.endLsn() < 4L * Logs.SMALL.segmentBytes()) {
        last = Logs.append(log, Logs.text(1, 3000));
        log.force(last);
      }
      assertTrue(log.stats().lateSegments() >= 1);
      assertTrue(log.durableEndLsn() > last);
    }
  }

  @Test
  void makingASegmentAheadRestsUntilSomebodyWaitsForIt() {
    int segmentBytes = 4 << 20;
    SegmentMaker maker =
        new SegmentMaker(
            new MemoryDisk(),
            new LogGeometry(new UUID(1, 2), segmentBytes),
            Disk.Caching.BUFFERED,
            0);
    SegmentMaker.Marks marks =
        new SegmentMaker.Marks() {
          @Override
          public long durableEnd() {
            return 4096;
          }

          @Override
          public int epoch() {
            return 1;
          }
        };
    AtomicInteger rests = new AtomicInteger();
    AtomicReference<Thread> waiting = new AtomicReference<>();
    maker.makeUpTo(
        1,
        marks,
        _ -> {
          if (rests.incrementAndGet() == 3) {
            Thread late = Thread.ofPlatform().start(() -> maker.makeUpTo(2, marks));
            waiting.set(late);
            while (late.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
          }
        });
    assertEquals(3, rests.get(), "of 16 pieces: the rest went out at once");
    Thread late = Objects.requireNonNull(waiting.get());
    while (late.isAlive()) {
      Thread.onSpinWait();
    }
    assertEquals(2, maker.lastMade());
  }
}
