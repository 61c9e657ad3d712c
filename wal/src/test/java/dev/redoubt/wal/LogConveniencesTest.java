package dev.redoubt.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StoreLockedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short forms do what the long ones do. */
final class LogConveniencesTest {
  @TempDir Path directory;

  private static NavigableMap<Long, String> replayed(Log log, long fromLsn) {
    NavigableMap<Long, String> all = new TreeMap<>();
    log.replay(fromLsn, (lsn, payload) -> all.put(lsn, UTF_8.decode(payload).toString()));
    return all;
  }

  @Test
  void openOrCreateMakesTheLogAndThenFindsItAgainReadyForMore() {
    Path place = directory.resolve("deep").resolve("log");
    LogOptions options = LogOptions.defaults().withSegmentBytes(64 * 4096);
    try (Log log = Log.openOrCreate(place, options)) {
      log.force(log.append("one".getBytes(UTF_8)));
      assertThrows(StoreLockedException.class, () -> Log.openOrCreate(place, options));
    }
    try (Log log = Log.openOrCreate(place, options)) {
      log.force(log.append("two".getBytes(UTF_8)));
      assertEquals(List.of("one", "two"), List.copyOf(replayed(log, 0).values()));
    }
  }

  @Test
  void arraysAndBuffersAreAppendedWholeAndLeftAsTheyWere() {
    try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
      ByteBuffer direct = ByteBuffer.allocateDirect(20).put("--buffer--".getBytes(UTF_8));
      direct.position(2).limit(8);
      long first = log.append("array".getBytes(UTF_8));
      long second = log.append(direct);
      long third = log.append(ByteBuffer.wrap("  heap".getBytes(UTF_8), 2, 4).asReadOnlyBuffer());
      assertEquals(2, direct.position());
      assertEquals(8, direct.limit());
      assertThrows(IllegalArgumentException.class, () -> log.append(new byte[0]));
      log.forceAll();
      assertEquals(
          new TreeMap<>(java.util.Map.of(first, "array", second, "buffer", third, "heap")),
          replayed(log, 0));
    }
  }

  @Test
  void replayBeginsAtTheLsnAndEndsWithWhatTheConsumerThrows() {
    try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
      Logs.append(log, "before");
      long from = log.endLsn();
      Logs.append(log, "after");
      long end = log.endLsn();
      log.forceAll();
      Logs.append(log, "not durable");
      assertEquals(List.of("after"), List.copyOf(replayed(log, from).values()));
      assertEquals(List.of(), List.copyOf(replayed(log, end).values()));
      List<Long> seen = new ArrayList<>();
      assertThrows(
          IllegalStateException.class,
          () ->
              log.replay(
                  0,
                  (lsn, payload) -> {
                    assertTrue(payload.isReadOnly());
                    seen.add(lsn);
                    throw new IllegalStateException("enough");
                  }));
      assertEquals(1, seen.size());
      assertEquals(List.of(), log.holders());
    }
  }

  @Test
  void truncateBeforeKeepsWhatIsAboveAndSurvives() {
    MemoryDisk disk = new MemoryDisk();
    long bound;
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      for (int i = 0; i < 100; i++) {
        Logs.append(log, Logs.text(i, 3000));
      }
      bound = log.endLsn();
      Logs.append(log, "kept");
      assertThrows(IllegalArgumentException.class, () -> log.truncateBefore(log.endLsn() + 1));
      log.truncateBefore(bound);
      assertTrue(log.startLsn() > 0);
      assertTrue(log.startLsn() <= bound);
      assertEquals("kept", replayed(log, bound).firstEntry().getValue());
      assertThrows(IllegalArgumentException.class, () -> log.truncateBefore(1));
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      assertEquals(bound, log.master().boundLsn());
      assertEquals("kept", replayed(log, bound).lastEntry().getValue());
    }
  }
}
