package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 18: what cannot be repaired is named and refused, the rest works, nothing is forgotten. */
class QuarantineTest {
  private final DamagedPages store = new DamagedPages();

  /** A stale page whose older log is gone, a good one, and a loser on both. */
  private long[] lostWrite() {
    long bad = store.cells.makePage(store.engine);
    long good = store.cells.makePage(store.engine);
    store.engine.pool().flushAll();
    byte[] old = store.stored(bad);
    store.commit(bad, 0, 1);
    store.commit(good, 0, 1);
    store.engine.pool().flushAll();
    store.forgetLog();
    Transaction loser = store.engine.begin();
    store.set(loser, bad, 1, 2);
    store.set(loser, good, 1, 2);
    Transaction second = store.engine.begin();
    store.set(second, good, 2, 3);
    store.engine.log().forceAll();
    store.powerLoss(() -> store.store(bad, old));
    return new long[] {bad, good, loser.id()};
  }

  private boolean isHeld() {
    return store.engine.log().holders().stream().anyMatch(h -> h.name().equals("quarantine"));
  }

  private CorruptionException refused(long page) {
    return assertThrows(CorruptionException.class, () -> store.get(page, 0));
  }

  @Test
  void lostWriteIsNoticedByPrevPageLsnAndQuarantined() {
    long[] ids = lostWrite();
    RecoveryReport report = store.engine.lastRecovery();
    assertEquals(List.of(ids[0]), report.quarantinedPages());
    assertEquals(List.of(ids[2]), report.unfinishedLosers());
    String why = String.valueOf(refused(ids[0]).getMessage());
    assertTrue(why.contains("expected pageLSN"), why);
    assertTrue(why.contains("does not reach back"), why);
    assertEquals(1, store.get(ids[1], 0), "the rest works");
    assertEquals(0, store.get(ids[1], 2), "other losers are undone");
    store.commit(ids[1], 3, 4);
    assertTrue(isHeld());
    store.engine.close();
  }

  @Test
  void quarantineOutlivesCheckpointsClosesAndCrashes() {
    long[] ids = lostWrite();
    for (int round = 0; round < 3; round++) {
      store.engine.checkpoint();
      if (round == 1) {
        store.engine.close();
        store.engine = Engines.open(store.disk, DamagedPages.PLAIN);
        assertFalse(store.engine.lastRecovery().clean());
      } else {
        store.powerLoss();
      }
      assertEquals(List.of(ids[0]), store.engine.lastRecovery().quarantinedPages());
      assertEquals(List.of(ids[2]), store.engine.lastRecovery().unfinishedLosers());
      refused(ids[0]);
      assertEquals(1, store.get(ids[1], 0));
    }
    store.engine.close();
  }

  @Test
  void unreadablePageIsQuarantinedAndTheRestWorks() {
    long bad = store.cells.makePage(store.engine);
    long good = store.cells.makePage(store.engine);
    store.engine.pool().flushAll();
    store.forgetLog();
    store.commit(bad, 0, 1);
    store.commit(good, 0, 1);
    store.powerLoss(() -> store.spoil(bad));
    assertEquals(List.of(bad), store.engine.lastRecovery().quarantinedPages());
    refused(bad);
    assertEquals(1, store.get(good, 0));
    store.engine.close();
  }

  @Test
  void pageDamagedWhileTheEngineRunsIsQuarantinedUntilACopyIsPutBack() {
    long bad = store.cells.makePage(store.engine);
    long good = store.cells.makePage(store.engine);
    store.commit(bad, 0, 1);
    store.engine.pool().flushAll();
    store.forgetLog();
    store.commit(bad, 1, 2);
    byte[] copy = store.stored(bad);
    store.evictAll();
    store.spoil(bad);
    String why = String.valueOf(refused(bad).getMessage());
    assertTrue(why.contains("page " + bad) && why.contains("owner"), why);
    assertEquals(why, refused(bad).getMessage(), "not tried again at each read");
    assertEquals(List.of(bad), store.engine.stats().quarantinedPages());
    store.commit(good, 0, 4);
    assertTrue(isHeld());
    // Its log stays whatever is written, and the copy of an older version is rolled forward.
    for (int round = 0; round < 2; round++) {
      assertThrows(Error.class, () -> boundedForget());
      store.powerLoss();
      assertEquals(List.of(bad), store.engine.stats().quarantinedPages());
      refused(bad);
    }
    store.powerLoss(() -> store.store(bad, copy));
    assertEquals(List.of(), store.engine.stats().quarantinedPages());
    assertEquals(1, store.get(bad, 0));
    assertEquals(2, store.get(bad, 1));
    assertFalse(isHeld());
    store.engine.close();
  }

  /** Writes two segments of log and checkpoints; an Error if the log's start stays. */
  private void boundedForget() {
    long start = store.engine.log().startLsn();
    long busy = store.cells.makePage(store.engine);
    for (int round = 0; round < 20; round++) {
      Transaction transaction = store.engine.begin();
      for (int i = 0; i < 500; i++) {
        store.set(transaction, busy, i % 100, i);
      }
      Engines.commit(store.engine, transaction);
      store.engine.pool().flushAll();
      store.engine.checkpoint();
    }
    if (store.engine.log().startLsn() == start) {
      throw new AssertionError("the log is held from " + start);
    }
  }

  @Test
  void formattingAQuarantinedPageAnewLiftsIt() {
    long bad = store.cells.makePage(store.engine);
    store.engine.pool().flushAll();
    store.forgetLog();
    store.commit(bad, 1, 2);
    store.evictAll();
    store.spoil(bad);
    refused(bad);
    AtomicChange change = new AtomicChange();
    try (var guard = store.engine.pool().fresh(bad)) {
      change.format(guard, store.cells).putByte(1);
      Engines.change(store.engine, change);
    }
    store.commit(bad, 0, 5);
    assertEquals(5, store.get(bad, 0));
    assertEquals(List.of(), store.engine.stats().quarantinedPages());
    assertFalse(isHeld());
    RecoveryReport report = store.powerLoss();
    assertEquals(List.of(), report.quarantinedPages());
    assertEquals(5, store.get(bad, 0));
    store.engine.close();
  }

  @Test
  void lostWriteThatNoLogTellsOfAnyMoreIsNotTakenForGoodAfterRestart() {
    long bad = store.cells.makePage(store.engine);
    store.commit(bad, 0, 1);
    store.engine.pool().flushAll();
    byte[] old = store.stored(bad);
    store.commit(bad, 0, 2);
    store.evictAll();
    store.forgetLog();
    store.store(bad, old);
    refused(bad);
    assertFalse(isHeld(), "there is nothing to hold");
    for (int round = 0; round < 2; round++) {
      store.engine.close();
      store.engine = Engines.open(store.disk, DamagedPages.PLAIN);
      refused(bad);
    }
    store.engine.close();
  }

  /** As Cells, with an error in it: it cannot redo this value. */
  static final class Broken implements ResourceManager {
    static final long POISON = 666;

    @Override
    public int id() {
      return Cells.ID;
    }

    @Override
    public String name() {
      return "broken cells";
    }

    @Override
    public void redo(MemorySegment page, long pageId, MemorySegment body) {
      Engines.CELLS.redo(page, pageId, body);
      long at = 2;
      if (body.byteSize() > at + 8 && body.get(ValueLayout.JAVA_LONG_UNALIGNED, at) == POISON) {
        page.fill((byte) 0x77); // half done
        throw new IndexOutOfBoundsException("an error of this manager");
      }
    }

    @Override
    public void undo(UndoContext context, LogRecord.Update update) {
      Engines.CELLS.undo(context, update);
    }

    @Override
    public String describe(MemorySegment body) {
      return Engines.CELLS.describe(body);
    }
  }

  @Test
  void redoThatThrowsCostsItsPageAndNotTheStore() {
    long bad = store.cells.makePage(store.engine);
    long good = store.cells.makePage(store.engine);
    store.commit(bad, 0, 1);
    store.engine.pool().flushAll();
    byte[] stored = store.stored(bad);
    store.commit(bad, 1, Broken.POISON);
    store.commit(bad, 2, 3);
    store.commit(good, 0, 4);
    store.engine.abandon();
    store.disk = store.disk.afterPowerLoss();
    for (int round = 0; round < 2; round++) {
      store.engine =
          Engine.open(
              store.disk,
              Environment.system(),
              DamagedPages.PLAIN,
              List.of(new Broken()),
              RecoveryListener.NONE);
      assertEquals(List.of(bad), store.engine.lastRecovery().quarantinedPages());
      String why = String.valueOf(refused(bad).getMessage());
      assertTrue(why.contains("an error of this manager"), why);
      assertEquals(4, store.get(good, 0));
      store.engine.close();
      assertEquals(java.util.Arrays.hashCode(stored), java.util.Arrays.hashCode(store.stored(bad)));
    }
    // The program is mended: the page comes back.
    store.engine = Engines.open(store.disk, DamagedPages.PLAIN);
    assertEquals(List.of(), store.engine.lastRecovery().quarantinedPages());
    assertEquals(1, store.get(bad, 0));
    assertEquals(Broken.POISON, store.get(bad, 1));
    assertEquals(3, store.get(bad, 2));
    store.engine.close();
  }
}
