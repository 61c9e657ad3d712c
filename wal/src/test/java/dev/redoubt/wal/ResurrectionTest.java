package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What was taken for lost, or recycled, never comes back, however whole it still is on disk. */
final class ResurrectionTest {
  private static final int BLOCK = LogLayout.BLOCK_BYTES;

  /** Three batches of two blocks each, written in one round and so forced together. */
  private static long appendGroup(Log log, int first) {
    long lsn = Logs.append(log, Logs.text(first, 7000));
    Logs.append(log, Logs.text(first + 1, 7000));
    Logs.append(log, Logs.text(first + 2, 7000));
    return lsn;
  }

  @Test
  void aTrimmedTailIsNotReadBehindAShorterOneThatReachesUpToIt() {
    int tried = 0;
    for (int torn = 0; torn < 3; torn++) {
      for (int blocks = 1; blocks <= 6; blocks++) {
        MemoryDisk disk = new MemoryDisk();
        Log log = Logs.create(disk, Logs.SMALL);
        long before = Logs.append(log, "before");
        log.force(before);
        long group = appendGroup(log, 10);
        log.forceAll();
        log.abandon();
        // The force was cut off: one of the batches is torn, those behind it are whole.
        byte[] bytes = disk.bytes(LogLayout.segmentName(0));
        bytes[(int) group + torn * 2 * BLOCK + 100] ^= 1;
        disk.setBytes(LogLayout.segmentName(0), bytes);
        TreeMap<Long, String> expected;
        try (Log again = Logs.open(disk, Logs.SMALL)) {
          expected = new TreeMap<>(Logs.records(again));
          assertEquals(1 + torn, expected.size());
          again.startAppending();
          for (int i = 0; i < blocks; i++) {
            long lsn = Logs.append(again, "new " + i);
            again.force(lsn);
            expected.put(lsn, "new " + i);
          }
          again.abandon();
        }
        try (Log last = Logs.open(disk.processDeath(), Logs.SMALL)) {
          assertEquals(expected, Logs.records(last), torn + " torn, " + blocks + " blocks");
        }
        tried++;
      }
    }
    System.out.println("trimmed tails overwritten: " + tried);
  }

  @Test
  void recycledSegmentsFullOfOldRecordsShowNoneOfThem() {
    MemoryDisk disk = new MemoryDisk();
    TreeMap<Long, String> written = new TreeMap<>();
    int oldBatches = 0;
    int crashes = 0;
    Log log = Logs.create(disk, Logs.SMALL);
    for (int i = 0; i < 150; i++) {
      String text = Logs.text(i, 2500);
      long lsn = Logs.append(log, text);
      log.force(lsn);
      written.put(lsn, text);
      if (i % 5 == 4) {
        log.writeMaster(lsn, lsn, false);
        log.truncate();
      }
      MemoryDisk crashed = i % 2 == 0 ? disk.processDeath() : disk.powerCutLosingAll();
      oldBatches += oldBatchesBehind(crashed, log.endLsn());
      crashes++;
      try (Log again = Logs.open(crashed, Logs.SMALL)) {
        assertEquals(written.tailMap(again.startLsn()), Logs.records(again));
        again.startAppending();
        long next = Logs.append(again, "next");
        again.force(next);
        assertEquals(next, Logs.records(again).lastKey());
      }
    }
    log.close();
    System.out.println(
        "crashes over recycled segments: " + crashes + ", old batches behind ends: " + oldBatches);
    assertTrue(oldBatches > 100);
  }

  /** Whole batches of the past behind the end, in the segment that the end is in. */
  private static int oldBatchesBehind(MemoryDisk disk, long end) {
    int found = 0;
    String name = LogLayout.segmentName(end / Logs.SMALL.segmentBytes());
    if (disk.exists(name)) {
      ByteBuffer bytes = ByteBuffer.wrap(disk.bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
      int from = (int) (end % Logs.SMALL.segmentBytes());
      for (int at = from; at < bytes.limit(); at += BLOCK) {
        if (bytes.getInt(at + BatchLayout.MAGIC) == BatchLayout.MAGIC_VALUE) {
          found++;
        }
      }
    }
    return found;
  }

  @Test
  void twelveCrashesAtTheTailInARowWithOtherSurvivorsEachTimeLoseAndReviveNothing() {
    int crashes = 0;
    int survivors = 0;
    int lost = 0;
    for (long seed = 1; seed <= 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      MemoryDisk disk = new MemoryDisk();
      Logs.create(disk, Logs.SMALL).close();
      NavigableMap<Long, String> durable = new TreeMap<>();
      Set<String> gone = new HashSet<>();
      for (int crash = 0; crash < 12; crash++) {
        TreeMap<Long, String> appended = new TreeMap<>(durable);
        Log log = Logs.open(disk, Logs.SMALL);
        log.startAppending();
        for (int i = random.nextInt(3); i > 0; i--) {
          String text = "kept " + seed + " " + crash + " " + i;
          long lsn = Logs.append(log, text);
          log.force(lsn);
          appended.put(lsn, text);
          durable.put(lsn, text);
        }
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          String text =
              ("tail " + seed + " " + crash + " " + i + " ").repeat(random.nextInt(1, 400));
          appended.put(Logs.append(log, text), text);
        }
        disk.onCall(
            call -> {
              if (call.kind().equals("force")) {
                throw new StorageIoException("power went");
              }
            });
        assertThrows(EngineHaltedException.class, log::forceAll);
        log.abandon();
        disk = random.nextInt(4) == 0 ? disk.processDeath() : disk.powerCut(random);
        disk.onCall(call -> {});
        crashes++;
        NavigableMap<Long, String> found;
        try (Log again = Logs.open(disk, Logs.SMALL)) {
          found = Logs.records(again);
        }
        assertEquals(appended.headMap(found.isEmpty() ? 0 : found.lastKey(), true), found);
        assertTrue(found.entrySet().containsAll(durable.entrySet()), "seed " + seed);
        assertTrue(found.values().stream().noneMatch(gone::contains), "revived: seed " + seed);
        survivors += found.size() - durable.size();
        for (Map.Entry<Long, String> each : appended.entrySet()) {
          if (!found.containsKey(each.getKey())) {
            gone.add(each.getValue());
            lost++;
          }
        }
        durable = found;
      }
    }
    System.out.println(
        "crashes at the tail: "
            + crashes
            + "; unforced records that survived: "
            + survivors
            + ", that were lost: "
            + lost);
    assertTrue(survivors > 100 && lost > 100);
  }
}
