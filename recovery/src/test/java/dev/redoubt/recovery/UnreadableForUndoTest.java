package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageIoException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rule 18: a bad sector below a page that only undo needs keeps one loser from its undo, and
 * neither the store shut nor other losers from theirs.
 */
class UnreadableForUndoTest {
  private final DamagedPages store = new DamagedPages();
  private final long bad = store.cells.makePage(store.engine);
  private final long good = store.cells.makePage(store.engine);
  private long stuck;
  private long other;

  /** Both losers' changes are home, and no page is dirty: redo has nothing to look at. */
  private void crash() {
    store.engine.pool().flushAll();
    store.forgetLog();
    Transaction one = store.engine.begin();
    store.set(one, good, 0, 1);
    store.set(one, bad, 0, 1);
    stuck = one.id();
    Transaction two = store.engine.begin();
    store.set(two, good, 1, 1);
    other = two.id();
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    store.engine.abandon();
    store.disk = store.disk.afterPowerLoss();
  }

  private void open(RestartMode mode) {
    store.engine = Engines.open(store.disk, DamagedPages.PLAIN.withRestart(mode));
    store.engine.continueRestart();
    store.engine.restart().await();
  }

  @ParameterizedTest
  @EnumSource
  void oneLoserWaitsForTheDiskAndTheOthersAreUndone(RestartMode mode) {
    crash();
    store.disk.unreadable("pages", bad * DamagedPages.PAGE, DamagedPages.PAGE);
    List<RestartStep> steps = new ArrayList<>();
    RecoveryReport foretold =
        DryRun.run(store.disk, Environment.system(), DamagedPages.PLAIN.log(), steps::add);
    open(mode);
    RecoveryReport report = store.engine.lastRecovery();
    assertEquals(List.of(stuck), report.unfinishedLosers());
    assertEquals(List.of(), report.quarantinedPages(), "the disk may do better next time");
    assertEquals(report.unfinishedLosers(), foretold.unfinishedLosers());
    assertEquals(report.quarantinedPages(), foretold.quarantinedPages());
    assertEquals(report.clrsWritten(), foretold.clrsWritten());
    assertEquals(1, Engines.count(store.engine, "end", other));
    assertEquals(0, store.get(good, 1), "undone");
    assertEquals(1, store.get(good, 0), "still to be undone");
    assertThrows(StorageIoException.class, () -> store.get(bad, 0));
    assertTrue(
        store.engine.log().holders().stream().anyMatch(each -> each.name().equals("quarantine")),
        "its log is held");
    store.engine.close();

    store.disk.unreadable("pages", 0, 0);
    open(mode);
    assertEquals(List.of(), store.engine.lastRecovery().unfinishedLosers());
    assertEquals(0, store.get(good, 0));
    assertEquals(0, store.get(bad, 0));
    store.engine.close();
  }

  @ParameterizedTest
  @EnumSource
  void damageThatOnlyUndoMeetsIsForetold(RestartMode mode) {
    crash();
    store.spoil(bad);
    List<RestartRule> rules = new ArrayList<>();
    RecoveryReport foretold =
        DryRun.run(
            store.disk,
            Environment.system(),
            DamagedPages.PLAIN.log(),
            step -> rules.add(step.rule()));
    open(mode);
    RecoveryReport report = store.engine.lastRecovery();
    assertEquals(List.of(stuck), report.unfinishedLosers());
    assertEquals(List.of(bad), report.quarantinedPages());
    assertEquals(report.unfinishedLosers(), foretold.unfinishedLosers());
    assertEquals(report.quarantinedPages(), foretold.quarantinedPages());
    assertTrue(rules.contains(RestartRule.QUARANTINED_IN_UNDO), rules.toString());
    assertTrue(rules.contains(RestartRule.LOSER_QUARANTINED), rules.toString());
    store.engine.close();
  }
}
