package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.process.ChildJvm;
import dev.redoubt.crash.process.CommitLoop;
import dev.redoubt.crash.process.KillCycles;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.kv.Store;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL on a real disk, and two processes on one folder. */
class KillTest {
  @TempDir Path folder;

  @Test
  void killedStoreKeepsWhatItAcknowledged() {
    cycles(4);
  }

  @Test
  @Tag("slow")
  void killedStoreKeepsWhatItAcknowledgedManyTimes() {
    long until = Environment.system().nanoTime() + Budget.slow().toNanos();
    KillCycles cycles = new KillCycles(folder, 4, Budget.seed());
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

  private void cycles(int count) {
    KillCycles cycles = new KillCycles(folder, 4, Budget.seed());
    for (int i = 0; i < count; i++) {
      cycles.cycle();
    }
    print(count, cycles);
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
