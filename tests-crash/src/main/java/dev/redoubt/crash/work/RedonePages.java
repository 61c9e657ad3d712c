package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Repeating history gives the very pages: what redo makes of the pages that a crash has left
 * equals, byte by byte, checksums and unused bytes too, what an engine that never crashed has
 * written home.
 */
public final class RedonePages {
  private static final int PAGE = 4096;

  private static StoreOptions options() {
    StoreOptions tiny = StoreSubject.tiny();
    return tiny.withEngine(tiny.engine().withRestart(RestartMode.FULL));
  }

  private RedonePages() {}

  /**
   * Crashes and compares so many times.
   *
   * @return changes redone
   * @throws AssertionError with the page that differs
   */
  public static long check(long seed, int rounds) {
    SplittableRandom random = new SplittableRandom(seed);
    SimDisk disk = SimDisk.create();
    StoreSubject never = open(disk, seed);
    long redone = 0;
    for (int round = 0; round < rounds; round++) {
      work(never, random);
      never.store().engine().log().forceAll();
      SimDisk crashed = disk.crash(CrashChoice.none());
      StoreSubject recovered = open(crashed, seed + 1);
      redone += recovered.store().lastRecovery().redone();
      recovered.store().engine().pool().flushAll();
      never.store().engine().pool().flushAll();
      compare(disk, crashed, round);
      recovered.abandon();
    }
    never.close();
    return redone;
  }

  private static StoreSubject open(SimDisk disk, long seed) {
    return StoreSubject.open(disk, SimEnvironment.withoutThreads(seed), options());
  }

  /** Some transactions, one after the other; splits, merges, ghosts, savepoints, rollbacks. */
  private static void work(StoreSubject subject, SplittableRandom random) {
    for (int i = 0; i < 6; i++) {
      Subject.Tx tx = subject.begin();
      int from = random.nextInt(400);
      boolean removes = random.nextInt(3) == 0;
      for (int key = from; key < from + 25; key++) {
        if (removes) {
          tx.remove(key);
        } else {
          tx.put(key, "v" + random.nextInt() + "x".repeat(random.nextInt(300)));
        }
      }
      Object savepoint = tx.savepoint();
      tx.put(random.nextInt(400), "taken back");
      if (random.nextBoolean()) {
        tx.rollbackTo(savepoint);
      }
      if (random.nextInt(4) == 0) {
        tx.rollback();
      } else {
        tx.commit(random.nextBoolean());
      }
    }
  }

  private static void compare(SimDisk never, SimDisk crashed, int round) {
    for (long at = 0; true; at += PAGE) {
      byte[] expected = never.readDurable("pages", at, PAGE);
      byte[] redone = crashed.readDurable("pages", at, PAGE);
      int differs = Arrays.mismatch(expected, redone);
      if (differs >= 0) {
        throw new AssertionError(
            "page %d differs at byte %d after round %d".formatted(at / PAGE, differs, round));
      }
      if (expected.length < PAGE) {
        return;
      }
    }
  }
}
