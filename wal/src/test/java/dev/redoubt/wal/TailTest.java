package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StorageIoException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A tail cursor shows every durable record once, in order, and no other. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TailTest {
  private static final long ANY = Long.MAX_VALUE;

  @TempDir Path directory;

  private static String text(LogTail tail) {
    return Logs.text(tail.payload().toArray(ValueLayout.JAVA_BYTE));
  }

  /** Everything that can be shown now. */
  private static NavigableMap<Long, String> drain(LogTail tail) {
    NavigableMap<Long, String> all = new TreeMap<>();
    while (tail.poll()) {
      long lsn = tail.lsn();
      assertTrue(all.isEmpty() || all.lastKey() < lsn);
      all.put(lsn, text(tail));
    }
    return all;
  }

  @Test
  void showsWhatIsDurableAndNothingElse() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL);
        LogTail tail = log.followers().tail(0, ANY)) {
      assertFalse(tail.poll());
      long first = Logs.append(log, "first");
      assertFalse(tail.poll(), "not durable");
      assertThrows(IllegalStateException.class, tail::lsn);
      log.force(first);
      long second = Logs.append(log, "second");
      assertTrue(tail.poll());
      assertEquals(first, tail.lsn());
      assertEquals("first", text(tail));
      assertFalse(tail.poll(), "not durable");
      log.force(second);
      assertEquals("{" + second + "=second}", drain(tail).toString());
      log.tick();
      assertEquals("{}", drain(tail).toString(), "a sealing batch has no records");
    }
  }

  /** With every number of records before each force, across many segments. */
  @Test
  void goesOnOverBatchesAndSegmentsWithoutGapOrDuplicate() {
    for (int group = 1; group <= 6; group++) {
      MemoryDisk disk = new MemoryDisk();
      try (Log log = Logs.create(disk, Logs.SMALL);
          LogTail tail = log.followers().tail(0, ANY)) {
        TreeMap<Long, String> written = new TreeMap<>();
        NavigableMap<Long, String> seen = new TreeMap<>();
        for (int i = 0; i < 150; i++) {
          String text = Logs.text(i, 1 + i * 397 % 4000);
          written.put(Logs.append(log, text), text);
          if (i % group == 0) {
            log.force(written.lastKey());
          }
          if (i % 11 == 0) {
            log.tick();
          }
          drain(tail).forEach((lsn, record) -> assertEquals(null, seen.put(lsn, record)));
          assertEquals(written.headMap(log.durableEndLsn()), seen);
        }
        assertTrue(log.stats().segmentCount() > 5);
      }
    }
  }

  @Test
  void goesOnWhereAnEarlierOneStoodOverReopenings() {
    MemoryDisk disk = new MemoryDisk();
    List<String> seen = new ArrayList<>();
    List<String> written = new ArrayList<>();
    Logs.create(disk, Logs.SMALL).close();
    long position = 0;
    for (int opening = 0; opening < 30; opening++) {
      try (Log log = Logs.open(disk, Logs.SMALL)) {
        try (LogTail tail = log.followers().tail(position, ANY)) {
          log.startAppending();
          for (int i = 0; i < 5; i++) {
            written.add(Logs.text(written.size(), 500 + 331 * written.size() % 3000));
            log.force(Logs.append(log, written.getLast()));
            if (i < 3 && tail.poll()) {
              seen.add(text(tail));
            }
          }
          position = tail.positionLsn();
        }
        if (opening % 2 == 0) {
          log.abandon();
        }
      }
    }
    try (Log log = Logs.open(disk, Logs.SMALL);
        LogTail tail = log.followers().tail(position, ANY)) {
      seen.addAll(drain(tail).values());
    }
    assertEquals(written, seen);
  }

  private void followersRaceWriters(boolean virtual) throws Exception {
    LogOptions options = LogOptions.defaults().withSegmentBytes(64 * 4096).withBuffers(3, 4 * 4096);
    ConcurrentSkipListMap<Long, String> written = new ConcurrentSkipListMap<>();
    Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    AtomicInteger number = new AtomicInteger();
    int total = 1600;
    try (RealDisk disk = RealDisk.create(directory);
        Log log = Logs.create(disk, options)) {
      List<FutureTask<NavigableMap<Long, String>>> followers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        FutureTask<NavigableMap<Long, String>> follower =
            new FutureTask<>(
                () -> {
                  NavigableMap<Long, String> seen = new TreeMap<>();
                  try (LogTail tail = log.followers().tail(0, ANY)) {
                    while (seen.size() < total && tail.next()) {
                      assertTrue(log.durableEndLsn() > tail.lsn());
                      assertEquals(null, seen.put(tail.lsn(), text(tail)));
                    }
                  }
                  return seen;
                });
        followers.add(follower);
        builder.start(follower);
      }
      List<FutureTask<Boolean>> writers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        FutureTask<Boolean> writer =
            new FutureTask<>(
                () -> {
                  for (int n = number.getAndIncrement(); n < total; n = number.getAndIncrement()) {
                    String text = Logs.text(n, 1 + n * 7 % 2500);
                    long lsn = Logs.append(log, text);
                    written.put(lsn, text);
                    log.force(lsn);
                    if (n % 100 == 99) {
                      log.writeMaster(0, Math.min(lsn, log.startLsn() + 1), false);
                      log.truncate();
                    }
                  }
                  return true;
                });
        writers.add(writer);
        builder.start(writer);
      }
      for (FutureTask<Boolean> writer : writers) {
        assertTrue(writer.get());
      }
      for (FutureTask<NavigableMap<Long, String>> follower : followers) {
        assertEquals(written, follower.get());
      }
      assertTrue(log.stats().segmentCount() > 5, "several segments");
    }
  }

  @Test
  void followersRaceWritersOnPlatformThreads() throws Exception {
    followersRaceWriters(false);
  }

  @Test
  void followersRaceWritersOnVirtualThreads() throws Exception {
    followersRaceWriters(true);
  }

  /** Each record is waited for by a parked thread: a missed wake-up would park it for ever. */
  @Test
  void everyRecordWakesTheFollowerThatWaitsForIt() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      AtomicInteger seen = new AtomicInteger();
      FutureTask<Boolean> follower =
          new FutureTask<>(
              () -> {
                try (LogTail tail = log.followers().tail(0, ANY)) {
                  while (tail.next()) {
                    seen.incrementAndGet();
                  }
                  return tail.isLogClosed();
                }
              });
      Thread.ofPlatform().start(follower);
      for (int i = 1; i <= 3000; i++) {
        log.force(Logs.append(log, "x"));
        while (seen.get() < i) {
          Thread.onSpinWait();
        }
      }
      Logs.close(log);
      assertTrue(follower.get(), "closing wakes, and ends");
    }
  }

  @Test
  void waitsNoLongerThanItMayAndInterruptsEndAWait() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL);
        LogTail tail = log.followers().tail(0, ANY)) {
      assertFalse(tail.next(Duration.ZERO));
      assertFalse(tail.next(Duration.ofMillis(5)));
      assertFalse(tail.isLogClosed());
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, tail::next);
      assertFalse(Thread.interrupted());
      log.force(Logs.append(log, "x"));
      Thread.currentThread().interrupt();
      assertTrue(tail.next(), "what is there needs no wait");
      assertTrue(Thread.interrupted());
      Logs.close(log);
      assertFalse(tail.next());
      assertTrue(tail.isLogClosed());
      assertFalse(tail.poll());
    }
  }

  @Test
  void aHaltWakesFollowersOnceTheyHaveSeenWhatIsDurable() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      log.force(Logs.append(log, "kept"));
      List<String> seen = new CopyOnWriteArrayList<>();
      FutureTask<Throwable> follower =
          new FutureTask<>(
              () -> {
                try (LogTail tail = log.followers().tail(0, ANY)) {
                  while (tail.next()) {
                    seen.add(text(tail));
                  }
                  return new AssertionError("closed");
                } catch (EngineHaltedException e) {
                  return e;
                }
              });
      Thread thread = Thread.ofPlatform().start(follower);
      while (seen.isEmpty() || thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait(); // until it is parked at the durable end
      }
      disk.onCall(
          call -> {
            if (call.kind().equals("force")) {
              throw new StorageIoException("EIO");
            }
          });
      long lost = Logs.append(log, "lost");
      assertThrows(EngineHaltedException.class, () -> log.force(lost));
      assertInstanceOf(EngineHaltedException.class, follower.get());
      assertEquals(List.of("kept"), seen);
    }
  }

  /** Work for a follower: {@code records} of 2000 bytes, each forced. */
  private static long write(Log log, int records) {
    long last = 0;
    for (int i = 0; i < records; i++) {
      last = Logs.append(log, Logs.text(i, 2000));
      log.force(last);
    }
    return last;
  }

  private static void truncate(Log log, long lsn) {
    log.writeMaster(lsn, lsn, false);
    log.truncate();
  }

  @Test
  void holdsTheLogUpToItsBoundAndIsToldWhatItLost() {
    MemoryDisk disk = new MemoryDisk();
    int segment = Logs.SMALL.segmentBytes();
    try (Log log = Logs.create(disk, Logs.SMALL);
        LogTail within = log.followers().tail(0, 20L * segment);
        LogTail beyond = log.followers().tail(0, 2L * segment)) {
      long first = write(log, 1);
      assertTrue(within.poll());
      assertTrue(beyond.poll());
      truncate(log, write(log, 6));
      assertEquals(0, log.startLsn(), "both within their bounds");
      long last = write(log, 30);
      truncate(log, last);
      assertEquals(0, log.startLsn(), "I-7: one is within its bound");
      assertEquals(36, drain(within).size(), "nothing is missing");
      truncate(log, last);
      assertTrue(log.startLsn() > first, "the other has lost its place");
      LogPositionLostException e =
          assertThrows(LogPositionLostException.class, () -> drain(beyond));
      assertTrue(e.fromLsn() > first, e.toString());
      assertEquals(log.startLsn(), e.toLsn());
      assertEquals("position-lost", e.code());
      assertThrows(
          LogPositionLostException.class, () -> log.followers().tail(first, ANY), "no way back");
      assertThrows(
          IllegalArgumentException.class,
          () -> log.followers().tail(log.durableEndLsn() + 1, ANY),
          "nor ahead");
      write(log, 1);
      assertEquals(1, drain(within).size(), "the log goes on");
    }
  }

  @Test
  void giveWayToTheCap() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL);
        LogTail tail = log.followers().tail(0, ANY)) {
      long last = write(log, 40);
      truncate(log, last);
      assertEquals(0, log.startLsn());
      assertTrue(log.holders().stream().allMatch(LogHolder::drop), "followers agree to it");
      log.truncate();
      assertTrue(log.startLsn() > 0);
      assertThrows(LogPositionLostException.class, tail::poll);
    }
  }
}
