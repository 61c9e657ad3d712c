package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.process.ChildJvm;
import dev.redoubt.crash.process.CommitLoop;
import dev.redoubt.crash.process.KillCycles;
import dev.redoubt.crash.process.PagesIn;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.kv.Store;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGKILL on a real disk, and two processes on one folder. */
class KillTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(PagesIn.class)
  void killedStoreKeepsWhatItAcknowledged(PagesIn pages) {
    KillCycles cycles = new KillCycles(folder, 4, Budget.seed(), pages);
    for (int i = 0; i < 4; i++) {
      cycles.cycle();
    }
    print(4, cycles);
  }

  @ParameterizedTest
  @EnumSource(PagesIn.class)
  @Tag("slow")
  void killedStoreKeepsWhatItAcknowledgedManyTimes(PagesIn pages) {
    long until = Environment.system().nanoTime() + Budget.slow().toNanos();
    KillCycles cycles = new KillCycles(folder, 4, Budget.seed(), pages);
    int count = 0;
    while (Environment.system().nanoTime() < until) {
      cycles.cycle();
      count++;
    }
    print(count, cycles);
  }

  @Test
  void secondProcessIsRefusedUntilTheFirstIsDead() {
    Path store = folder.resolve("store");
    try (ChildJvm child = ChildJvm.start(CommitLoop.class, store.toString(), "1")) {
      assertEquals("open", child.readLine());
      assertThrows(StoreLockedException.class, () -> Store.open(store, CommitLoop.options()));
      child.kill();
      try (Store mine = Store.open(store, CommitLoop.options())) {
        assertTrue(mine.verify(_ -> {}).ok());
      }
    }
  }

  private static void print(int count, KillCycles cycles) {
    System.out.println(
        count
            + " SIGKILL cycles seed="
            + Budget.seed()
            + ", "
            + cycles.acknowledgements()
            + " acknowledged commits, all there");
  }
}
