package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.LogHolder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Losers behind the open engine, one of them on a damaged page: who waits, who does not. */
class StuckLoserTest {
  private static final EngineOptions INSTANT = DamagedPages.PLAIN.withRestart(RestartMode.INSTANT);
  private static final int UPDATES = 90;

  private final DamagedPages store = new DamagedPages();
  private final long bad = store.cells.makePage(store.engine);
  private final long good = store.cells.makePage(store.engine);
  private long stuck;
  private long stuckFirstLsn;
  private long other;

  /** The one changes a good page, the page to be damaged, and a good page; the other good ones. */
  private void crash(boolean damage) {
    store.engine.pool().flushAll();
    store.forgetLog();
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    Transaction one = store.engine.begin();
    store.set(one, good, 0, 1);
    store.set(one, bad, 0, 1);
    Transaction two = store.engine.begin();
    for (int i = 1; i <= UPDATES; i++) {
      store.set(two, good, i, 1);
    }
    store.set(one, good, UPDATES + 1, 1);
    stuck = one.id();
    stuckFirstLsn = one.firstLsn();
    other = two.id();
    store.engine.log().forceAll();
    store.engine.abandon();
    store.disk = store.disk.afterPowerLoss();
    if (damage) {
      store.spoil(bad);
    }
    open();
  }

  private void open() {
    store.engine = Engines.open(store.disk, INSTANT);
  }

  private Transaction loser(long id) {
    return store.engine.unfinished().stream()
        .filter(each -> each.id() == id)
        .findFirst()
        .orElseThrow();
  }

  private void checkStuck() {
    assertEquals(1, store.engine.unfinished().size());
    Transaction left = loser(stuck);
    assertEquals(Transaction.State.ABORTING, left.state());
    assertFalse(store.engine.restart().help(stuck), "who waits for it is told");
    assertEquals(List.of(stuck), store.engine.lastRecovery().unfinishedLosers());
    assertEquals(0, store.engine.restart().losersLeft());
    LogHolder holder =
        store.engine.log().holders().stream()
            .filter(each -> each.name().equals("quarantine"))
            .findFirst()
            .orElseThrow();
    assertEquals(stuckFirstLsn, holder.lsn(), "from its first record on");
    assertEquals(0, store.get(good, UPDATES + 1), "what came after the damage is undone");
    assertEquals(1, store.get(good, 0), "what came before it waits");
    assertThrows(CorruptionException.class, () -> store.get(bad, 0));
    for (int i = 1; i <= UPDATES; i++) {
      assertEquals(0, store.get(good, i), "the other loser is undone");
    }
  }

  @Test
  void theOneWaitsForItsPageAndHoldsItsLogAndTheOtherIsUndone() {
    crash(true);
    store.engine.continueRestart();
    store.engine.restart().await();
    checkStuck();
    assertEquals(UPDATES + 1, store.engine.lastRecovery().clrsWritten());
    assertEquals(1, Engines.count(store.engine, "end", other));
    for (int round = 0; round < 2; round++) {
      store.engine.abandon();
      store.disk = store.disk.afterPowerLoss();
      open();
      store.engine.continueRestart();
      store.engine.restart().await();
      checkStuck();
      assertEquals(0, store.engine.lastRecovery().clrsWritten(), "nothing is undone twice");
    }
    store.engine.close();
  }

  @Test
  void whoIsWaitedForComesFirstAndWhatIsLeftIsCounted() {
    crash(false);
    OngoingRestart restart = store.engine.restart();
    store.engine.continueRestart();
    restart.counted(other, UPDATES);
    restart.counted(stuck, 3);
    while (restart.pagesOwed() > 0) {
      store.engine.tick();
    }
    assertEquals(UPDATES + 3, restart.updatesLeft());
    Transaction first = loser(other);
    long before = loser(stuck).undoNextLsn();
    assertTrue(before > first.undoNextLsn(), "it would be the other's turn");
    restart.first(other);
    long visited = first.undoNextLsn();
    while (first.undoNextLsn() == visited) {
      store.engine.tick();
    }
    assertEquals(before, loser(stuck).undoNextLsn());
    assertEquals(UPDATES + 3 - 64, restart.updatesLeft(), "a part is 64 records");
    restart.await();
    assertEquals(List.of(), store.engine.unfinished());
    store.engine.close();
  }
}
