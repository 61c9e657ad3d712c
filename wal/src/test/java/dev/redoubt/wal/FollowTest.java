package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.RealDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log that somebody else writes, seen from outside. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FollowTest {
  @TempDir Path directory;

  private final MemoryDisk disk = new MemoryDisk();

  private static Log look(MemoryDisk at) {
    return Log.openReadOnly(at, Environment.system(), Logs.SMALL);
  }

  private static String text(LogTail tail) {
    return Logs.text(tail.payload().toArray(ValueLayout.JAVA_BYTE));
  }

  private static void drain(LogTail tail, NavigableMap<Long, String> into) {
    while (tail.poll()) {
      assertEquals(null, into.put(tail.lsn(), text(tail)), "twice");
    }
  }

  @Test
  void showsARecordOnceAWatermarkOnDiskCoversIt() {
    try (Log log = Logs.create(disk, Logs.SMALL);
        Log outside = look(disk);
        LogTail tail = outside.followers().tail(0, 1)) {
      long first = Logs.append(log, "first");
      log.force(first);
      assertFalse(tail.poll(), "written, but whether forced is not known from outside");
      log.tick();
      assertTrue(tail.poll(), "sealed");
      assertEquals(first, tail.lsn());
      long second = Logs.append(log, "second");
      log.force(second);
      assertFalse(tail.poll());
      log.writeMaster(second, second, false);
      assertTrue(tail.poll(), "the master record says so");
      assertEquals("second", text(tail));
      assertThrows(
          IllegalArgumentException.class, () -> outside.followers().tail(log.endLsn() + 4096, 1));
    }
  }

  /** At each write and force of a writer: what has been shown would survive a power cut now. */
  @Test
  void neverShowsWhatAPowerCutCouldStillTake() {
    TreeMap<Long, String> shown = new TreeMap<>();
    TreeMap<Long, String> written = new TreeMap<>();
    int[] looks = new int[1];
    try (Log log = Logs.create(disk, Logs.SMALL);
        Log outside = look(disk);
        LogTail tail = outside.followers().tail(0, 1)) {
      disk.onCall(
          call -> {
            if (!call.kind().equals("read")) {
              looks[0]++;
              int before = shown.size();
              drain(tail, shown);
              if (shown.size() > before) {
                try (Log after = look(disk.powerCutLosingAll())) {
                  NavigableMap<Long, String> survives = Logs.records(after);
                  shown.forEach((lsn, text) -> assertEquals(text, survives.get(lsn)));
                }
              }
            }
          });
      for (int i = 0; i < 120; i++) {
        String text = Logs.text(i, 1 + i * 397 % 4000);
        written.put(Logs.append(log, text), text);
        if (i % 3 == 0) {
          log.force(written.lastKey());
        } else if (i % 7 == 0) {
          log.tick();
        }
      }
      Logs.close(log);
      drain(tail, shown);
    }
    assertEquals(written, shown);
    assertTrue(looks[0] > 150, "" + looks[0]);
  }

  @Test
  void saysSoWhenTheWriterRecycledWhatComesNext() {
    try (Log log = Logs.create(disk, Logs.SMALL);
        Log outside = look(disk);
        LogTail tail = outside.followers().tail(0, 1)) {
      log.force(Logs.append(log, "seen"));
      log.tick();
      assertTrue(tail.poll());
      long position = tail.positionLsn();
      long last = 0;
      for (int i = 0; i < 60; i++) {
        last = Logs.append(log, Logs.text(i, 2000));
        log.force(last);
      }
      log.writeMaster(last, last, false);
      log.truncate();
      for (int i = 0; i < 60; i++) {
        log.force(Logs.append(log, Logs.text(i, 2000)));
      }
      LogPositionLostException e =
          assertThrows(LogPositionLostException.class, () -> drain(tail, new TreeMap<>()));
      assertEquals(position, e.fromLsn());
      assertEquals(log.startLsn(), e.toLsn());
      assertThrows(LogPositionLostException.class, () -> drain(tail, new TreeMap<>()));
      // A cursor over what was found at the opening meets the same.
      assertThrows(LogPositionLostException.class, () -> Logs.records(outside));
    }
  }

  @Test
  void damageIsDamageFromOutsideToo() {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      for (int i = 0; i < 30; i++) {
        log.force(Logs.append(log, Logs.text(i, 2000)));
      }
      try (Log outside = look(disk);
          LogTail tail = outside.followers().tail(0, 1)) {
        byte[] bytes = disk.bytes(LogLayout.segmentName(1));
        bytes[4096 + 500] ^= 1;
        disk.setBytes(LogLayout.segmentName(1), bytes);
        assertThrows(CorruptionException.class, () -> drain(tail, new TreeMap<>()));
        assertThrows(CorruptionException.class, () -> look(disk).close(), "no race");
      }
    }
  }

  /** The writer moves on, with checkpoints and truncation, at each read of the opening in turn. */
  @Test
  void openingForInspectionOutlivesAWriterThatMovesOnAtAnyOfItsReads() {
    int reads = 1;
    int raced = 0;
    for (int at = 1; at <= reads; at++) {
      MemoryDisk own = new MemoryDisk();
      try (Log log = Logs.create(own, Logs.SMALL)) {
        TreeMap<Long, String> written = new TreeMap<>();
        work(log, written, 40);
        int position = at;
        int[] seen = new int[1];
        own.onCall(
            call -> {
              if (call.kind().equals("read") && ++seen[0] == position) {
                work(log, written, 40);
              }
            });
        try (Log outside = look(own)) {
          own.onCall(call -> {});
          reads = Math.max(reads, Math.min(seen[0], 400));
          NavigableMap<Long, String> found = Logs.records(outside);
          assertEquals(
              written.subMap(outside.startLsn(), outside.endLsn()), found, "read " + position);
          raced++;
        } catch (LogPositionLostException e) {
          // What was found has been recycled since.
          raced++;
        }
      }
    }
    assertTrue(raced > 10, "" + raced);
    System.out.println("reads of an inspection raced: " + raced);
  }

  private static void work(Log log, NavigableMap<Long, String> written, int records) {
    for (int i = 0; i < records; i++) {
      String text = Logs.text(i, 2000);
      long lsn = Logs.append(log, text);
      written.put(lsn, text);
      log.force(lsn);
      if (i % 20 == 19) {
        log.writeMaster(lsn, lsn, false);
        log.truncate();
      }
    }
  }

  private Process start(int from, int to) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(
            java.toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path")
                + System.getProperty("path.separator")
                + System.getProperty("jdk.module.path", ""),
            FollowedWriter.class.getName(),
            directory.toString(),
            Integer.toString(from),
            Integer.toString(to))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** A writer that is killed twice, and a follower that outlives it. */
  @Test
  void followsAnotherProcessOverItsKillsAndRestarts() throws Exception {
    TreeMap<Long, Integer> acknowledged = new TreeMap<>();
    TreeMap<Long, String> seen = new TreeMap<>();
    Log outside = null;
    LogTail tail = null;
    int next = 0;
    try (RealDisk real = RealDisk.create(directory)) {
      for (int life = 0; life < 3; life++) {
        int to = life < 2 ? Integer.MAX_VALUE : next + 300;
        Process writer = start(next, to);
        try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
          int heard = 0;
          for (String line = out.readLine(); line != null; line = out.readLine()) {
            int space = line.indexOf(' ');
            long lsn = Long.parseLong(line.substring(0, space));
            int number = Integer.parseInt(line.substring(space + 1));
            acknowledged.put(lsn, number);
            next = number + 1;
            if (tail == null) {
              outside = Log.openReadOnly(real, Environment.system(), FollowedWriter.OPTIONS);
              tail = outside.followers().tail(0, 1);
            }
            while (tail.next(Duration.ofMillis(heard % 10 == 0 ? 1 : 0))) {
              assertEquals(null, seen.put(tail.lsn(), text(tail)));
            }
            if (++heard == 300 && life < 2) {
              writer.toHandle().destroyForcibly(); // the pipe stays, and what is in it
            }
          }
        } finally {
          writer.destroyForcibly().waitFor();
        }
      }
      LogTail rest = Objects.requireNonNull(tail);
      while (rest.next(Duration.ofMillis(200))) {
        assertEquals(null, seen.put(rest.lsn(), text(rest)));
      }
      try (Log log = Logs.open(real, FollowedWriter.OPTIONS)) {
        assertEquals(Logs.records(log), seen, "each durable record once");
      }
      acknowledged.forEach(
          (lsn, number) -> assertEquals(FollowedWriter.record(number), seen.get(lsn)));
      assertTrue(acknowledged.size() >= 900);
    } finally {
      if (tail != null) {
        tail.close();
      }
      if (outside != null) {
        outside.close();
      }
    }
    assertTrue(Files.exists(directory.resolve("master")));
  }
}
