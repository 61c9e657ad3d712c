package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule 18, to its end: a page that an operator gives up holds no log, and stays lost. */
class GivingUpTest {
  private static final EngineOptions CAPPED = WalCapTest.CAPPED.withDoubleWrite(false);

  private final Cells cells = Engines.CELLS;
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk, CAPPED);
  private long bad;
  private long good;

  private void set(Transaction transaction, long page, int cell, long value) {
    transaction.reserve(64);
    cells.set(engine, transaction, page, cell, value);
  }

  private void commit(long page, int cell, long value) {
    Transaction transaction = engine.begin();
    set(transaction, page, cell, value);
    Engines.commit(engine, transaction);
  }

  private long get(long page, int cell) {
    return Cells.get(engine, page, cell);
  }

  /** Commits until so many times the cap have been logged. */
  private void work(long caps) {
    long until = engine.log().endLsn() + caps * WalCapTest.CAP;
    for (long i = 0; engine.log().endLsn() < until; i++) {
      commit(good, 9, i);
      assertTrue(WalCapTest.retained(engine) <= WalCapTest.CAP);
    }
  }

  private void powerLoss(RestartMode mode) {
    engine.abandon();
    disk = disk.afterPowerLoss();
    open(mode);
  }

  private void open(RestartMode mode) {
    engine = Engines.open(disk, CAPPED.withRestart(mode));
    engine.continueRestart();
    engine.restart().await();
  }

  /** A page whose format is no longer in the log is spoiled under two losers. */
  private Transaction quarantine(RestartMode mode) {
    bad = cells.makePage(engine);
    good = cells.makePage(engine);
    commit(good, 0, 1);
    commit(good, 1, 1);
    engine.pool().flushAll();
    work(2);
    commit(bad, 0, 1);
    Transaction loser = engine.begin();
    set(loser, good, 0, 2);
    set(loser, bad, 1, 2);
    set(loser, bad, 2, 2);
    set(loser, good, 1, 2);
    set(loser, bad, 3, 2);
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    disk.put("pages", bad * DamagedPages.PAGE + 100, new byte[] {1, 2, 3, 4, 5});
    open(mode);
    assertEquals(List.of(bad), engine.stats().quarantinedPages());
    return loser;
  }

  private void checkLost() {
    CorruptionException told = assertThrows(CorruptionException.class, () -> get(bad, 0));
    assertTrue(String.valueOf(told.getMessage()).contains("given up"), told.getMessage());
    assertTrue(PageGivenUpException.in(told) != null);
    assertEquals(1, get(good, 0), "the loser is undone where its pages are whole");
    assertEquals(1, get(good, 1), "the loser is undone where its pages are whole");
    assertEquals(List.of(), engine.unfinished());
    assertFalse(engine.log().holders().stream().anyMatch(h -> h.name().equals("quarantine")));
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void afterTheOperatorsWordTheStoreWritesManyTimesItsCapThroughCrashes(RestartMode mode) {
    quarantine(mode);
    WalCapException refused = assertThrows(WalCapException.class, () -> work(3));
    assertTrue(String.valueOf(refused.getMessage()).contains("give"), refused.getMessage());
    engine.giveUp(bad);
    checkLost();
    for (int round = 0; round < 3; round++) {
      work(4);
      checkLost();
      powerLoss(mode);
      checkLost();
      work(1);
      engine.close();
      open(mode);
      checkLost();
      assertTrue(engine.lastRecovery().clean(), "a page given up is nothing left to do");
    }
    engine.giveUp(bad); // once more changes nothing
    checkLost();
    engine.close();
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void everyCrashOfGivingUpLeavesTheQuarantineOrThePageLost(RestartMode mode) {
    quarantine(mode);
    engine.abandon();
    MemoryDisk before = disk;
    int quarantined = 0;
    int lost = 0;
    for (long writes = 0, ended = 0; ended == 0; writes++) {
      disk = before.afterPowerLoss();
      open(mode);
      disk.cutAfter(writes);
      try {
        engine.giveUp(bad);
        ended = 1;
      } catch (MemoryDisk.PowerCut | EngineHaltedException cut) {
        // Here the power goes, or the process dies.
      }
      engine.abandon();
      disk = writes % 2 == 0 ? disk.afterPowerLoss() : disk.afterProcessDeath();
      open(mode);
      if (engine.unfinished().isEmpty()) {
        lost++;
      } else {
        quarantined++;
        assertThrows(CorruptionException.class, () -> get(bad, 0));
        engine.giveUp(bad);
      }
      checkLost();
      work(2);
      powerLoss(mode);
      checkLost();
      engine.close();
    }
    assertTrue(quarantined > 0 && lost > 1, quarantined + " and " + lost);
  }

  private void openBroken() {
    engine =
        Engine.open(
            disk,
            Environment.system(),
            CAPPED,
            List.of(new QuarantineTest.Broken()),
            RecoveryListener.NONE);
  }

  /** The log still has the page's format, and a program that can redo all of it comes later. */
  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void whatWasLoggedBeforeNeverBringsAPageBackThatWasGivenUp(RestartMode mode) {
    bad = cells.makePage(engine);
    good = cells.makePage(engine);
    commit(bad, 1, QuarantineTest.Broken.POISON);
    commit(good, 0, 1);
    commit(good, 1, 1);
    Transaction loser = engine.begin();
    set(loser, bad, 2, 7);
    engine.log().forceAll();
    engine.abandon();
    MemoryDisk before = disk;
    int lost = 0;
    for (long writes = 0, ended = 0; ended == 0; writes++) {
      disk = before.afterPowerLoss();
      openBroken();
      assertEquals(List.of(bad), engine.stats().quarantinedPages());
      disk.cutAfter(writes);
      try {
        engine.giveUp(bad);
        ended = 1;
      } catch (MemoryDisk.PowerCut | EngineHaltedException cut) {
        // Here the power goes.
      }
      engine.abandon();
      disk = disk.afterPowerLoss();
      byte[] stored = disk.bytes("pages", bad * DamagedPages.PAGE, DamagedPages.PAGE);
      if (PageLayout.type(MemorySegment.ofArray(stored)) == PageLayout.GIVEN_UP) {
        lost++;
        RecoveryReport told =
            DryRun.run(disk, Environment.system(), CAPPED.log(), RestartStep::rule);
        open(mode);
        if (mode == RestartMode.FULL) {
          assertEquals(figures(told), figures(engine.lastRecovery()), "foretold and done");
        }
        checkLost();
      } else {
        open(mode);
        assertEquals(QuarantineTest.Broken.POISON, get(bad, 1));
        assertEquals(0, get(bad, 2));
      }
      engine.close();
    }
    assertTrue(lost > 1, "crashes behind the mark: " + lost);
  }

  private static List<Object> figures(RecoveryReport report) {
    return List.of(
        List.of(report.redone(), report.skippedPageLsn(), report.clrsWritten()),
        report.pagesRebuilt(),
        report.quarantinedPages(),
        report.unfinishedLosers());
  }

  /** However many updates of the page a loser has. */
  @Test
  void whatIsNotUndoneBecauseOfItIsSaidOnce() {
    quarantine(RestartMode.FULL);
    List<String> said = new CopyOnWriteArrayList<>();
    Logger logger = Logger.getLogger(Rollback.class.getName());
    Handler handler =
        new Handler() {
          @Override
          public void publish(java.util.logging.LogRecord logged) {
            said.add(logged.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    try {
      engine.giveUp(bad);
    } finally {
      logger.removeHandler(handler);
    }
    checkLost();
    assertEquals(1, said.size(), said::toString);
    engine.close();
  }

  @Test
  void onlyAPageInQuarantineCanBeGivenUp() {
    good = cells.makePage(engine);
    commit(good, 0, 1);
    assertThrows(IllegalArgumentException.class, () -> engine.giveUp(good));
    assertThrows(IllegalArgumentException.class, () -> engine.giveUp(good + 500));
    assertEquals(1, get(good, 0));
    engine.close();
  }

  @Test
  void formattingAPageAnewThatWasGivenUpLiftsThat() {
    quarantine(RestartMode.FULL);
    engine.giveUp(bad);
    AtomicChange change = new AtomicChange();
    try (var guard = engine.pool().fresh(bad)) {
      change.format(guard, cells).putByte(1);
      Engines.change(engine, change);
    }
    commit(bad, 0, 5);
    for (RestartMode mode : RestartMode.values()) {
      powerLoss(mode);
      assertEquals(5, get(bad, 0));
      assertEquals(List.of(), engine.stats().quarantinedPages());
    }
    engine.close();
  }
}
