package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A crash at every I/O of a run that confirms a follower's places. */
final class SlotCrashTest {
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final long BOUND = 1L << 40;

  /** What may and what must be found after a crash. */
  private static final class Run {
    final TreeMap<Long, String> acknowledged = new TreeMap<>();
    MemoryDisk disk = new MemoryDisk();
    boolean created;

    /** Acknowledged, and asked for last. */
    long confirmed;

    long asked;

    void work(Log log, SplittableRandom random, int steps) {
      LogFollowers followers = log.followers();
      LogSlot slot =
          followers.slots().isEmpty()
              ? followers.createSlot("feed", 0, BOUND)
              : followers.slot("feed");
      created = true;
      try (LogTail tail = slot.tail()) {
        for (int i = 0; i < steps; i++) {
          String text = Logs.text(random.nextInt(1000), 1 + random.nextInt(5000));
          long lsn = Logs.append(log, text);
          log.force(lsn);
          acknowledged.put(lsn, text);
          for (int n = random.nextInt(3); n > 0 && tail.poll(); n--) {
            assertEquals(
                acknowledged.get(tail.lsn()),
                Logs.text(tail.payload().toArray(ValueLayout.JAVA_BYTE)));
          }
          int choice = random.nextInt(6);
          if (choice < 2 && tail.positionLsn() > confirmed) {
            asked = tail.positionLsn();
            slot.confirm(asked);
            confirmed = asked;
          } else if (choice == 2) {
            log.writeMaster(lsn, lsn, false);
            log.truncate();
          } else if (choice == 3) {
            log.tick();
          }
        }
      }
    }

    /** The place is the one acknowledged or the one asked for, and the log is there from it on. */
    void check(Log log) {
      @Nullable LogSlot slot = log.followers().slots().stream().findFirst().orElse(null);
      if (slot == null) {
        assertTrue(!created, "the slot is gone");
        return;
      }
      assertEquals(LogSlot.State.HOLDING, slot.state(), slot::toString);
      long place = slot.confirmedLsn();
      assertTrue(
          place == confirmed || place == asked, place + " is not " + confirmed + " or " + asked);
      assertTrue(log.startLsn() <= place, "the log starts at " + log.startLsn());
      TreeMap<Long, String> found = new TreeMap<>();
      try (LogTail tail = slot.tail()) {
        while (tail.poll()) {
          found.put(tail.lsn(), Logs.text(tail.payload().toArray(ValueLayout.JAVA_BYTE)));
        }
      }
      acknowledged
          .tailMap(place, true)
          .forEach((lsn, text) -> assertEquals(text, found.get(lsn), "gap at " + lsn));
      assertTrue(found.isEmpty() || found.firstKey() >= place, "duplicate");
      // What was found is durable now: later crashes must keep it.
      acknowledged.keySet().removeIf(lsn -> lsn > log.durableEndLsn());
      acknowledged.putAll(found);
      created = true;
      confirmed = place;
      asked = place;
    }
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

  /** Runs from the beginning; returns how many calls were seen. */
  private static int run(Run run, long seed, int crashAt) {
    Log log = Logs.create(run.disk, Logs.SMALL);
    int before = run.disk.calls();
    crashAt(run.disk, crashAt);
    try {
      run.work(log, new SplittableRandom(seed), 40);
      log.close();
    } catch (Crash | EngineHaltedException e) {
      // As planned.
    }
    return run.disk.calls() - before;
  }

  @Test
  void aCrashAtAnyCallThenAnotherInTheRestartKeepsThePlaceAndItsLog() {
    int states = 0;
    for (long seed = 1; seed <= 4; seed++) {
      int calls = run(new Run(), seed, Integer.MAX_VALUE);
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
    System.out.println("crash states of slots tried: " + states);
    assertTrue(states > 500);
  }

  private static void crashTwice(long seed, int at, int kind) {
    SplittableRandom chance = new SplittableRandom(seed * 1000 + at * 10L + kind);
    Run run = new Run();
    run(run, seed, at);
    run.disk = after(run.disk, kind, chance);
    for (int again = 0; again < 3; again++) {
      crashAt(run.disk, chance.nextInt(40));
      try {
        Log log = Logs.open(run.disk, Logs.SMALL);
        run.check(log);
        log.startAppending();
        run.work(log, chance, 8);
      } catch (Crash | EngineHaltedException e) {
        // As planned.
      }
      run.disk = after(run.disk, chance.nextInt(4), chance);
    }
    try (Log log = Logs.open(run.disk, Logs.SMALL)) {
      run.check(log);
    }
  }
}
