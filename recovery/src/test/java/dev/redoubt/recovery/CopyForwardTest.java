package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Old prepared transactions let go of the log, whatever interrupts that. */
@org.junit.jupiter.api.Timeout(
    value = 300,
    threadMode = org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD)
class CopyForwardTest {
  private static final byte[] GTRID = {1, 2};
  private static final byte[] DATA = {9};
  private static final int UPDATES = 460;
  private static final EngineOptions OPTIONS = WalCapTest.CAPPED.withMaxWalBytes(1 << 20);
  private static final long HELD = 300 << 10;

  private final Cells cells = Engines.CELLS;

  /** An engine, a prepared transaction that holds much log, and what another wrote last. */
  private record Scene(
      MemoryDisk disk, Engine engine, Transaction branch, long page, long otherPage) {
    long held() {
      return engine.log().endLsn() - branch.firstLsn();
    }
  }

  private Scene scene() {
    MemoryDisk disk = new MemoryDisk();
    Engine engine = Engines.open(disk, OPTIONS);
    long page = cells.makePage(engine);
    long otherPage = cells.makePage(engine);
    engine.checkpoint();
    Transaction branch = engine.begin();
    cells.set(engine, branch, page, 0, 77);
    Savepoint undone = branch.savepoint();
    cells.set(engine, branch, page, 1, 78);
    branch.rollbackTo(undone);
    for (int cell = 2; cell < UPDATES; cell++) {
      cells.set(engine, branch, page, cell, cell);
    }
    cells.set(engine, branch, page, 0, 79);
    branch.prepare(GTRID, DATA);
    Scene scene = new Scene(disk, engine, branch, page, otherPage);
    while (scene.held() < HELD) {
      work(scene, scene.held());
    }
    return scene;
  }

  private void work(Scene scene, long value) {
    Transaction other = scene.engine().begin();
    other.reserve(64);
    cells.set(scene.engine(), other, scene.otherPage(), 1, value);
    Engines.commit(scene.engine(), other);
  }

  private static void checkPrepared(Scene scene, Engine engine, String when) {
    List<Transaction> left = engine.unfinished();
    assertEquals(1, left.size(), when);
    Transaction again = left.getFirst();
    assertEquals(scene.branch().id(), again.id(), when);
    assertEquals(Transaction.State.PREPARED, again.state(), when);
    assertArrayEquals(GTRID, again.globalId(), when);
    assertArrayEquals(DATA, again.payload(), when);
    List<LogRecord> updates = new ArrayList<>();
    engine.forEachUpdate(again, updates::add);
    assertEquals(UPDATES, updates.size(), when);
    assertEquals(79, Cells.get(engine, scene.page(), 0), when);
  }

  private static void decide(Scene scene, Engine engine, boolean commit, String when) {
    Transaction branch =
        engine.unfinished().isEmpty() ? scene.branch() : engine.unfinished().getFirst();
    if (commit) {
      Engines.commit(engine, branch);
    } else {
      branch.rollback();
    }
    engine.log().forceAll();
    checkDecided(scene, engine, commit, when);
  }

  private static void checkDecided(Scene scene, Engine engine, boolean commit, String when) {
    assertTrue(engine.unfinished().isEmpty(), when);
    assertEquals(commit ? 79 : 0, Cells.get(engine, scene.page(), 0), when);
    assertEquals(0, Cells.get(engine, scene.page(), 1), when);
    for (int cell = 2; cell < UPDATES; cell++) {
      assertEquals(commit ? cell : 0, Cells.get(engine, scene.page(), cell), when);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCheckpointLetsTheLogGoAndTheDecisionIsTheSame(boolean commit) {
    Scene scene = scene();
    Engine engine = scene.engine();
    long first = scene.branch().firstLsn();
    engine.checkpoint();
    engine.pool().flushAll();
    engine.checkpoint();
    assertTrue(scene.branch().firstLsn() > first);
    assertTrue(engine.log().startLsn() > first, "the log still begins below");
    assertEquals(UPDATES, Engines.count(engine, "undo-copy", scene.branch().id()));
    decide(scene, engine, commit, "live");
    engine.abandon();
    Engine again = Engines.open(scene.disk().afterPowerLoss(), OPTIONS);
    checkDecided(scene, again, commit, "after a crash");
    again.close();
  }

  @Test
  void copiesAreCopiedAgainWhenTheyHaveBecomeOld() {
    Scene scene = scene();
    Engine engine = scene.engine();
    long first = scene.branch().firstLsn();
    for (int round = 0; round < 4; round++) {
      engine.checkpoint();
      assertTrue(scene.branch().firstLsn() > first, "round " + round);
      first = scene.branch().firstLsn();
      while (scene.held() < HELD) {
        work(scene, round);
      }
    }
    engine.abandon();
    Engine again = Engines.open(scene.disk().afterPowerLoss(), OPTIONS);
    checkPrepared(scene, again, "after a crash");
    decide(scene, again, false, "after a crash");
    again.close();
  }

  @Test
  void anEndlessStreamOfCommitsStaysWithinTheCap() {
    Scene scene = scene();
    long until = scene.engine().log().endLsn() + 6 * OPTIONS.maxWalBytes();
    while (scene.engine().log().endLsn() < until) {
      work(scene, 1);
      assertTrue(WalCapTest.retained(scene.engine()) <= OPTIONS.maxWalBytes());
    }
    decide(scene, scene.engine(), false, "live");
    scene.engine().close();
  }

  /** Cuts the power, or kills the process, at each write of a checkpoint that copies. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cutAtEachWriteOfTheCopyItIsWhollyThere(boolean powerLoss) {
    int cuts = 0;
    boolean cut = true;
    for (int after = 0; cut; after++) {
      Scene scene = scene();
      scene.disk().cutAfter(after);
      cut = false;
      try {
        scene.engine().checkpoint();
        scene.engine().checkpoint(); // what the first left in memory counts too
      } catch (MemoryDisk.PowerCut | EngineHaltedException e) {
        cut = true;
        cuts++;
      }
      scene.disk().cutAfter(Long.MAX_VALUE);
      scene.engine().abandon();
      MemoryDisk left =
          powerLoss ? scene.disk().afterPowerLoss() : scene.disk().afterProcessDeath();
      String when = "cut after " + after + " writes";
      Engine again = Engines.open(left, OPTIONS);
      checkPrepared(scene, again, when);
      again.abandon();
      MemoryDisk twice = left.afterPowerLoss(); // death, recovery, power loss
      again = Engines.open(twice, OPTIONS);
      checkPrepared(scene, again, when);
      decide(scene, again, after % 2 == 0, when);
      again.abandon();
      Engine last = Engines.open(twice.afterPowerLoss(), OPTIONS);
      checkDecided(scene, last, after % 2 == 0, when);
      last.close();
    }
    assertTrue(cuts > 5, "cut " + cuts + " times only");
  }
}
