package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Pages that are owed redo behind an open engine (rule 16). */
class OwedPagesTest {
  private static final int PAGES = 40;
  private static final int ROUNDS = 30;
  private static final EngineOptions WIDE = Engines.SMALL.withFrames(64);
  private static final EngineOptions INSTANT = WIDE.withRestart(RestartMode.INSTANT);

  /** A round of redo ends after so little log that no page is done with the first. */
  private static final EngineOptions SHORT_ROUNDS =
      INSTANT
          .withCheckpoints(4096, Duration.ofDays(1))
          .withTargetRestartTime(Duration.ofDays(1)); // or a slow machine writes pages home

  private final Cells cells = Engines.CELLS;
  private final List<Long> pages = new ArrayList<>();
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = open(disk, WIDE);

  /** Every page is changed again and again, in turn, and none is written home. */
  private void work() {
    for (int i = 0; i < PAGES; i++) {
      pages.add(cells.makePage(engine));
    }
    for (int round = 1; round <= ROUNDS; round++) {
      Transaction transaction = engine.begin();
      for (long page : pages) {
        cells.set(engine, transaction, page, 1, round);
      }
      Engines.commit(engine, transaction);
    }
  }

  /** With a clock that stands: on a slow machine the pacer would write pages home meanwhile. */
  private static Engine open(MemoryDisk disk, EngineOptions options) {
    Environment environment = options.background() ? Environment.system() : new FixedEnvironment();
    return Engine.open(disk, environment, options, List.of(Engines.CELLS), RecoveryListener.NONE);
  }

  private void powerLoss(EngineOptions options) {
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = open(disk, options);
  }

  private void checkAll() {
    for (long page : pages) {
      assertEquals(ROUNDS, Cells.get(engine, page, 1), "page " + page);
    }
  }

  private Map<Long, Long> recLsns() {
    return engine.tables().dirtyPages().stream()
        .collect(Collectors.toMap(DirtyPage::pageId, DirtyPage::recLsn));
  }

  @Test
  void pageIsWholeWhenItIsFirstTouchedAndTheOthersAreStillOwed() {
    work();
    powerLoss(INSTANT);
    long owed = engine.restart().pagesOwed();
    assertTrue(owed >= PAGES, "owed " + owed);
    assertEquals(ROUNDS, Cells.get(engine, pages.get(7), 1));
    assertEquals(owed - 1, engine.restart().pagesOwed());
    checkAll();
    assertFalse(engine.restart().isOver());
    engine.continueRestart();
    engine.restart().await();
    assertEquals(0, engine.restart().pagesOwed());
    engine.close();
  }

  @Test
  void pageThatARoundBroughtPartOfTheWayIsShownToNobody() {
    work();
    powerLoss(SHORT_ROUNDS);
    long owed = engine.restart().pagesOwed();
    engine.continueRestart();
    engine.tick();
    assertTrue(engine.restart().redoBytesLeft() > 0, "more than one round");
    assertTrue(engine.restart().pagesOwed() >= owed - 4, "few are done with the first round");
    checkAll();
    engine.restart().await();
    checkAll();
    engine.close();
  }

  @Test
  void whatTheBackgroundTookMovesTheRatesAsAFullRestartDoes() {
    work();
    powerLoss(SHORT_ROUNDS);
    assertEquals(RestartRates.DEFAULTS, engine.pacing().rates());
    engine.continueRestart();
    engine.restart().await();
    RestartRates measured = engine.pacing().rates();
    assertNotEquals(
        RestartRates.DEFAULTS.applyNanosPerRecord(), measured.applyNanosPerRecord(), "" + measured);
    powerLoss(INSTANT);
    assertEquals(measured, engine.pacing().rates(), "the checkpoint at the end keeps them");
    engine.close();
  }

  @Test
  void damagedPagesThatAreMadeAnewBehindTheStoreAreCounted() {
    engine.close();
    disk = new MemoryDisk();
    engine = open(disk, WIDE.withDoubleWrite(false));
    work();
    engine.pool().flushAll();
    engine.checkpoint();
    Transaction transaction = engine.begin();
    for (long page : pages) {
      cells.set(engine, transaction, page, 2, 1);
    }
    Engines.commit(engine, transaction);
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    for (int i = 4; i < 7; i++) {
      disk.put("pages", pages.get(i) * 4096 + 200, new byte[] {1, 2, 3, 4, 5});
    }
    engine = open(disk, INSTANT.withDoubleWrite(false));
    assertEquals(ROUNDS, Cells.get(engine, pages.get(4), 1));
    engine.continueRestart();
    engine.restart().await();
    checkAll();
    assertEquals(List.of(), engine.lastRecovery().quarantinedPages());
    assertEquals(3, engine.lastRecovery().pagesRebuilt());
    engine.close();
  }

  @Test
  void everyCheckpointMeanwhileNamesWhatIsOwed() {
    work();
    powerLoss(SHORT_ROUNDS);
    engine.continueRestart();
    for (int tick = 0; engine.restart().pagesOwed() > 0; tick++) {
      assertEquals(ROUNDS, Cells.get(engine, pages.get(tick % PAGES), 1));
      assertTrue(recLsns().keySet().containsAll(pages), "tick " + tick);
      engine.tick();
    }
    engine.close();
  }

  @Test
  void pageThatIsBroughtIsDirtyFromItsFirstRecordOn() {
    work();
    powerLoss(INSTANT);
    Map<Long, Long> owed = recLsns();
    checkAll();
    assertEquals(owed, recLsns());
    engine.close();
  }

  @Test
  void aCrashBehindACheckpointInTheMiddleLosesNothing() {
    work();
    for (int ticks = 0; ticks < 12; ticks++) {
      powerLoss(SHORT_ROUNDS);
      engine.continueRestart();
      for (int tick = 0; tick < ticks; tick++) {
        engine.tick();
      }
      long mine = pages.get(ticks);
      Transaction transaction = engine.begin();
      cells.set(engine, transaction, mine, 2, ticks + 1);
      Engines.commit(engine, transaction);
      engine.pool().cleanSome(5);
      engine.checkpoint();
    }
    powerLoss(WIDE);
    checkAll();
    for (int ticks = 0; ticks < 12; ticks++) {
      assertEquals(ticks + 1, Cells.get(engine, pages.get(ticks), 2));
    }
    engine.close();
  }

  @Test
  void theLogOfAnOwedPageStaysUntilItIsHome() {
    work();
    powerLoss(INSTANT);
    long owedFrom = recLsns().values().stream().mapToLong(Long::longValue).min().orElseThrow();
    long page = pages.getFirst();
    for (int i = 0; i < 30_000; i++) {
      Transaction transaction = engine.begin();
      cells.set(engine, transaction, page, 3, i);
      transaction.commit();
      transaction.end();
    }
    engine.pool().flushAll();
    engine.checkpoint();
    assertTrue(engine.log().endLsn() - owedFrom > 2L * engine.log().segmentBytes(), "little log");
    assertTrue(engine.log().startLsn() <= owedFrom, "the log of owed pages is gone");
    checkAll();
    engine.continueRestart();
    engine.restart().await();
    engine.pool().flushAll();
    engine.checkpoint();
    assertTrue(engine.log().startLsn() > owedFrom, "the log of pages at home stays");
    checkAll();
    engine.close();
  }

  @Test
  void usersMeetNothingButWholePagesWhileTheBackgroundWorks() throws InterruptedException {
    work();
    for (int seed = 1; seed <= 5; seed++) {
      powerLoss(SHORT_ROUNDS.withBackground(true));
      ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
      List<Thread> users = new ArrayList<>();
      for (int user = 0; user < 3; user++) {
        SplittableRandom random = new SplittableRandom(10L * seed + user);
        int cell = 10 + user;
        users.add(
            Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                .start(() -> use(random, cell)));
      }
      engine.continueRestart();
      for (Thread user : users) {
        user.join();
      }
      assertEquals(List.of(), List.copyOf(failures), "seed " + seed);
      engine.restart().await();
      checkAll();
    }
    engine.close();
  }

  private void use(SplittableRandom random, int cell) {
    for (int i = 0; i < 200; i++) {
      long page = pages.get(random.nextInt(PAGES));
      assertEquals(ROUNDS, Cells.get(engine, page, 1), "page " + page);
      if (i % 4 == 0) {
        Transaction transaction = engine.begin();
        cells.set(engine, transaction, page, cell, i);
        transaction.commit();
        transaction.end();
      }
    }
  }
}
