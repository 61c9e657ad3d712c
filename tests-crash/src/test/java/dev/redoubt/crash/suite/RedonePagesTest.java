package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Repeating history gives the very pages: what redo makes of the pages that a crash has left
 * equals, byte by byte, checksums and unused bytes too, what an engine that never crashed has
 * written home.
 */
class RedonePagesTest {
  private static final int PAGE = 4096;
  private static final int ROUNDS = 25;

  private static StoreOptions options() {
    StoreOptions tiny = StoreSubject.tiny();
    return tiny.withEngine(tiny.engine().withRestart(RestartMode.FULL));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void redonePagesAreThoseOfAnEngineThatNeverCrashed(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimDisk disk = SimDisk.create();
    StoreSubject never = open(disk, seed);
    long redone = 0;
    for (int round = 0; round < ROUNDS; round++) {
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
    assertTrue(redone > 500, "changes redone: " + redone);
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
      assertArrayEquals(expected, redone, "page " + at / PAGE + " after round " + round);
      if (expected.length < PAGE) {
        assertTrue(at > 20 * PAGE, "pages: " + at / PAGE);
        return;
      }
    }
  }
}
