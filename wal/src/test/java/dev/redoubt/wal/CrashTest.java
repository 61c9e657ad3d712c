package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Crashes, failures and full disks at every call: nothing acknowledged is lost, nothing returns.
 */
final class CrashTest {
  /** Stops a run at a call, for good. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** A run over one disk, with what may and what must be found after it. */
  private static final class Run {
    final TreeMap<Long, String> appended = new TreeMap<>();
    final TreeMap<Long, String> acknowledged = new TreeMap<>();
    long truncatedBelow;
    MemoryDisk disk = new MemoryDisk();

    /** Appends, forces, checkpoints and truncates until a crash or {@code steps}. */
    void work(Log log, SplittableRandom random, int steps) {
      for (int i = 0; i < steps; i++) {
        String text = Logs.text(random.nextInt(1000), 1 + random.nextInt(2500));
        long lsn = Logs.append(log, text);
        appended.tailMap(lsn, true).clear();
        appended.put(lsn, text);
        int choice = random.nextInt(12);
        if (choice < 6) {
          log.force(lsn);
          acknowledged.putAll(appended.headMap(lsn, true));
        } else if (choice == 6) {
          log.tick();
        } else if (choice == 7 && lsn < log.durableEndLsn()) {
          log.writeMaster(lsn, lsn, false);
        } else if (choice == 8) {
          Map.Entry<Long, String> last = acknowledged.lastEntry();
          if (last != null) {
            truncatedBelow = Math.max(truncatedBelow, last.getKey());
            log.writeMaster(last.getKey(), last.getKey(), false);
            log.truncate();
          }
        }
      }
    }

    /** What was acknowledged and not truncated is there, and nothing that was not appended. */
    void check(Log log) {
      NavigableMap<Long, String> found = Logs.records(log);
      found.forEach((lsn, text) -> assertEquals(appended.get(lsn), text, "at " + lsn));
      acknowledged
          .tailMap(truncatedBelow, true)
          .forEach((lsn, text) -> assertEquals(text, found.get(lsn), "lost at " + lsn));
      // What was found is durable now: later crashes must keep it.
      appended.clear();
      appended.putAll(found);
      acknowledged.clear();
      acknowledged.putAll(found);
    }
  }

  private static int callsOf(long seed) {
    Run run = new Run();
    Log log = Logs.create(run.disk, Logs.SMALL);
    run.work(log, new SplittableRandom(seed), 60);
    log.close();
    return run.disk.calls();
  }

  private static void crashAt(MemoryDisk disk, int call) {
    int[] seen = new int[1];
    disk.onCall(
        c -> {
          if (!c.kind().equals("read") && ++seen[0] > call) {
            throw new Crash();
          }
        });
  }

  private static MemoryDisk after(MemoryDisk disk, int kind, SplittableRandom random) {
    return switch (kind) {
      case 0 -> disk.processDeath();
      case 1 -> disk.powerCutLosingAll();
      default -> disk.powerCut(random);
    };
  }

  @Test
  void aCrashAtAnyCallThenAnotherInTheRestartLosesNothingAcknowledged() {
    int states = 0;
    for (long seed = 1; seed <= 3; seed++) {
      int calls = callsOf(seed);
      for (int at = 0; at <= calls; at++) {
        for (int kind = 0; kind < 4; kind++) {
          try {
            crashTwice(seed, at, kind);
          } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ", call " + at + ", kind " + kind, e);
          }
          states++;
        }
      }
    }
    System.out.println("crash states tried: " + states);
  }

  private static void crashTwice(long seed, int at, int kind) {
    SplittableRandom chance = new SplittableRandom(seed * 1000 + at * 10L + kind);
    Run run = new Run();
    crashAt(run.disk, at);
    try {
      Log log = Logs.create(run.disk, Logs.SMALL);
      run.work(log, new SplittableRandom(seed), 60);
      log.close();
    } catch (Crash | EngineHaltedException e) {
      // As planned.
    }
    run.disk = after(run.disk, kind, chance);
    if (!Log.exists(run.disk)) {
      assertTrue(run.acknowledged.isEmpty());
      Logs.create(run.disk, Logs.SMALL).close();
      return;
    }
    for (int again = 0; again < 4; again++) {
      crashAt(run.disk, chance.nextInt(40));
      try {
        Log log = Logs.open(run.disk, Logs.SMALL);
        run.check(log);
        log.startAppending();
        run.work(log, chance, 10);
      } catch (Crash | EngineHaltedException e) {
        // As planned.
      }
      run.disk = after(run.disk, chance.nextInt(4), chance);
    }
    try (Log log = Logs.open(run.disk, Logs.SMALL)) {
      run.check(log);
    }
  }

  @Test
  void anyFailedForceHaltsAndNothingLaterIsAcknowledged() {
    int calls = callsOf(7);
    int tried = 0;
    for (int at = 1; at <= calls; at++) {
      Run run = new Run();
      Log log = Logs.create(run.disk, Logs.SMALL);
      int position = at;
      int[] forces = new int[1];
      boolean[] failed = new boolean[1];
      run.disk.onCall(
          call -> {
            if (call.kind().equals("force") && ++forces[0] == position) {
              failed[0] = true;
              throw new StorageIoException("EIO");
            }
          });
      try {
        run.work(log, new SplittableRandom(7), 60);
      } catch (StorageException e) {
        assertTrue(failed[0]);
      }
      if (!failed[0]) {
        log.close();
        break;
      }
      tried++;
      assertTrue(log.gate().isHalted());
      assertThrows(EngineHaltedException.class, () -> Logs.append(log, "x"));
      long durable = log.durableEndLsn();
      if (log.endLsn() > durable) {
        assertThrows(EngineHaltedException.class, log::forceAll);
      }
      // Reads go on.
      run.acknowledged
          .tailMap(log.startLsn())
          .forEach((lsn, text) -> assertEquals(text, Logs.text(log.read(lsn))));
      log.close();
      assertEquals(durable, log.durableEndLsn());
      run.disk = run.disk.powerCutLosingAll();
      try (Log again = Logs.open(run.disk, Logs.SMALL)) {
        run.check(again);
      }
    }
    System.out.println("failed forces tried: " + tried);
    assertTrue(tried > 20);
  }

  @Test
  void aFullDiskRefusesTheOneThatAsksAndReservationsStillHold() {
    MemoryDisk disk = new MemoryDisk();
    Run run = new Run();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      LogReservation rollback = log.reserve(40_000);
      disk.capacity(disk.usedBytes());
      assertThrows(DiskFullException.class, () -> log.reserve(1_000_000));
      long last = 0;
      for (int left = 40_000; left > 1008; left -= 1008) {
        last = Logs.append(log, Logs.text(left, 1000));
        run.acknowledged.put(last, Logs.text(left, 1000));
        rollback.release(1008);
      }
      log.force(last);
      rollback.close();
      assertThrows(
          DiskFullException.class,
          () -> {
            for (int i = 0; i < 1000; i++) {
              log.force(Logs.append(log, Logs.text(i, 3000)));
            }
          });
      assertFalse(log.gate().isHalted());
      disk.capacity(Long.MAX_VALUE);
      log.force(Logs.append(log, "goes on"));
      log.forceAll();
      disk.capacity(disk.usedBytes());
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      NavigableMap<Long, String> found = Logs.records(log);
      run.acknowledged.forEach((lsn, text) -> assertEquals(text, found.get(lsn)));
      assertEquals("goes on", found.lastEntry().getValue());
      log.startAppending();
    }
  }

  @Test
  void sealingPutsAWatermarkOverTheLastRecord() {
    MemoryDisk disk = new MemoryDisk();
    Log log = Logs.create(disk, Logs.SMALL);
    long lsn = Logs.append(log, "sealed");
    log.force(lsn);
    log.tick();
    long batches = log.stats().batches();
    log.tick();
    assertEquals(batches, log.stats().batches(), "sealed once is enough");
    log.abandon();
    byte[] bytes = disk.bytes(LogLayout.segmentName(0));
    bytes[(int) lsn + 9] ^= 1;
    disk.setBytes(LogLayout.segmentName(0), bytes);
    assertThrows(
        dev.redoubt.io.CorruptionException.class, () -> Logs.open(disk.processDeath(), Logs.SMALL));
  }
}
