package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.process.ChildJvm;
import dev.redoubt.crash.process.RestartLoop;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreInspector;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of real processes in the middle of restart, many times in a row, of one store. */
class KilledRestartTest {
  private static final int CRASHES = 10;

  @TempDir Path folder;

  private int begunFurtherOn;
  private int mostClrs;

  /** What the log says: CLRs of the loser, and the checkpoint that the next restart begins with. */
  private record Told(int clrs, long checkpointLsn) {}

  private Told told(Path store) {
    int[] clrs = new int[1];
    Set<String> undone = new HashSet<>();
    try (Inspection inspection = StoreInspector.open(RealDisk.open(store), Environment.system())) {
      inspection
          .dump()
          .forEach(
              0,
              entry -> {
                if (entry.type().equals("clr")) {
                  clrs[0]++;
                  String update = entry.transactionId() + "/" + entry.undoNextLsn();
                  assertTrue(undone.add(update), () -> "an update was undone twice: " + entry);
                }
                return true;
              });
      return new Told(clrs[0], inspection.log().master().checkpointLsn());
    }
  }

  private void killAgainAndAgain(Path store, int updates, SplittableRandom random) {
    try (ChildJvm child =
        ChildJvm.start(RestartLoop.class, store.toString(), "leave", "" + updates)) {
      assertEquals("left", child.readLine());
      child.kill();
    }
    Told before = told(store);
    assertEquals(0, before.clrs());
    for (int crash = 0; crash < CRASHES; crash++) {
      RestartMode mode = random.nextInt(3) == 0 ? RestartMode.FULL : RestartMode.INSTANT;
      try (ChildJvm child =
          ChildJvm.start(RestartLoop.class, store.toString(), "restart", mode.name())) {
        int lines = 1 + random.nextInt(12);
        for (int line = 0; line < lines; line++) {
          String told = child.readLine();
          if (told == null || told.equals("over")) {
            break;
          }
        }
        child.kill();
      }
      Told now = told(store);
      assertTrue(now.clrs() <= updates, "CLRs " + now.clrs() + " of " + updates + " updates");
      assertTrue(now.checkpointLsn() >= before.checkpointLsn(), "an older checkpoint");
      begunFurtherOn += now.checkpointLsn() > before.checkpointLsn() ? 1 : 0;
      mostClrs = Math.max(mostClrs, now.clrs());
      before = now;
    }
    check(store, updates, before);
  }

  private static void check(Path folder, int updates, Told last) {
    try (Store store = Store.open(folder, RestartLoop.options(RestartMode.INSTANT))) {
      assertEquals(last.checkpointLsn(), store.lastRecovery().checkpointLsn(), "begins there");
      checkEntries(store, updates); // while losers are undone behind it
      store.engine().restart().await();
      checkEntries(store, updates);
      assertTrue(store.verify(_ -> {}).ok());
    }
  }

  private static void checkEntries(Store store, int updates) {
    Map<String, String> left = new TreeMap<>();
    for (int i = 0; i < RestartLoop.committedBeside(updates); i++) {
      left.put(RestartLoop.committed(i), RestartLoop.value(i));
    }
    store.view(
        tx ->
            tx.tree(RestartLoop.TREE).stream()
                .forEach(
                    each ->
                        assertTrue(
                            left.remove(each.getKey(), each.getValue()),
                            () -> "was not committed: " + each)));
    assertEquals(Map.of(), left, "committed and not there");
  }

  @Test
  void tenKillsInARowWriteNoMoreClrsThanUpdatesAndLoseNothing() {
    killAgainAndAgain(folder.resolve("store"), 4000, new SplittableRandom(Budget.seed()));
    System.out.println(
        CRASHES + " SIGKILL in restart, at most " + mostClrs + " CLRs of 4000 updates");
  }

  @Test
  @Tag("slow")
  void theSameForManyStores() {
    long until = Environment.system().nanoTime() + Budget.slow().toNanos();
    SplittableRandom random = new SplittableRandom(Budget.seed());
    int stores = 0;
    while (stores < 3 || Environment.system().nanoTime() < until) {
      killAgainAndAgain(folder.resolve("store" + stores++), 5000 + random.nextInt(100_000), random);
    }
    System.out.println(
        stores * CRASHES + " SIGKILL in restart, " + begunFurtherOn + " took a checkpoint");
    assertTrue(begunFurtherOn > 0 && mostClrs > 0, "killed too early, always");
  }
}
