package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random transactions over cells, with savepoints, rollbacks, checkpoints and cleaning, against a
 * plain map of committed state; power cuts, deaths of the process, and cuts during restart.
 */
class RandomHistoryTest {
  private static final int PAGES = 40;
  private static final int CELLS_EACH = 6;

  private final Cells cells = Engines.CELLS;

  private record Cell(long page, int index) {}

  /** A transaction and what it has overwritten, by savepoint depth. */
  private static final class Running {
    final Transaction transaction;
    final TreeMap<Integer, Savepoint> savepoints = new TreeMap<>();
    final List<Map<Cell, Long>> levels = new ArrayList<>(List.of(new HashMap<>()));

    Running(Transaction transaction) {
      this.transaction = transaction;
    }

    Map<Cell, Long> written() {
      Map<Cell, Long> all = new HashMap<>();
      levels.forEach(all::putAll);
      return all;
    }
  }

  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk);
  private final List<Cell> all = new ArrayList<>();
  private final List<Running> running = new ArrayList<>();
  private final Map<Cell, Running> owners = new HashMap<>();
  private Map<Cell, Long> committed = new HashMap<>();

  /** States that a crash may leave: the last forced commit, and each unforced one after it. */
  private final List<Map<Cell, Long>> possible = new ArrayList<>();

  @Test
  void committedStateSurvivesEveryKindOfCrash() {
    for (long seed = 1; seed <= 12; seed++) {
      run(seed);
    }
  }

  private void run(long seed) {
    engine.abandon();
    disk = new MemoryDisk();
    engine = Engines.open(disk);
    all.clear();
    running.clear();
    owners.clear();
    committed = new HashMap<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < PAGES; i++) {
      long page = cells.makePage(engine);
      for (int index = 0; index < CELLS_EACH; index++) {
        all.add(new Cell(page, index));
      }
    }
    engine.log().forceAll();
    possible.clear();
    possible.add(new HashMap<>());
    for (int crash = 0; crash < 8; crash++) {
      boolean cut = random.nextBoolean();
      disk.cutAfter(cut ? 20 + random.nextInt(400) : Long.MAX_VALUE);
      try {
        for (int i = 0; i < 250; i++) {
          step(random);
        }
      } catch (MemoryDisk.PowerCut | EngineHaltedException off) {
        assertTrue(cut);
      }
      crash(random, seed, crash);
    }
    engine.close();
  }

  private void step(SplittableRandom random) {
    int dice = random.nextInt(100);
    if (dice < 8 || running.isEmpty()) {
      running.add(new Running(engine.begin()));
    } else if (dice < 11) {
      engine.checkpoint();
    } else if (dice < 14) {
      engine.pool().cleanSome(1 + random.nextInt(8));
    } else if (dice < 15) {
      engine.log().tick();
    } else {
      work(random, running.get(random.nextInt(running.size())), dice);
    }
  }

  private void work(SplittableRandom random, Running one, int dice) {
    if (dice < 72) {
      Cell cell = all.get(random.nextInt(all.size()));
      Running owner = owners.putIfAbsent(cell, one);
      if (owner == null || owner == one) {
        long value = random.nextLong();
        cells.set(engine, one.transaction, cell.page(), cell.index(), value);
        one.levels.getLast().put(cell, value);
      }
    } else if (dice < 78) {
      one.savepoints.put(one.levels.size(), one.transaction.savepoint());
      one.levels.add(new HashMap<>());
    } else if (dice < 82 && one.levels.size() > 1) {
      int depth = 1 + random.nextInt(one.levels.size() - 1);
      one.transaction.rollbackTo(Objects.requireNonNull(one.savepoints.get(depth)));
      one.levels.subList(depth, one.levels.size()).clear();
      one.levels.add(new HashMap<>());
      one.savepoints.tailMap(depth, false).clear();
    } else if (dice < 90) {
      one.transaction.rollback();
      finish(one);
    } else {
      commit(one, random.nextInt(3) > 0);
    }
  }

  private void commit(Running one, boolean forced) {
    Map<Cell, Long> next = new HashMap<>(committed);
    next.putAll(one.written());
    possible.add(next);
    committed = next;
    long lsn = one.transaction.commit();
    if (forced && lsn != 0) {
      engine.log().force(lsn);
      possible.clear();
      possible.add(next);
    }
    one.transaction.end();
    finish(one);
  }

  private void finish(Running one) {
    running.remove(one);
    owners.values().removeIf(owner -> owner == one);
  }

  private void crash(SplittableRandom random, long seed, int crash) {
    engine.abandon();
    boolean powerLoss = random.nextBoolean();
    disk = powerLoss ? disk.afterPowerLoss() : disk.afterProcessDeath();
    for (int again = 0; again < 3; again++) {
      disk.cutAfter(random.nextInt(60));
      try {
        Engines.open(disk).abandon();
      } catch (MemoryDisk.PowerCut | EngineHaltedException off) {
        // The restart is cut off; the next one begins where it can.
      }
      disk = random.nextBoolean() ? disk.afterPowerLoss() : disk.afterProcessDeath();
    }
    disk.cutAfter(Long.MAX_VALUE);
    engine = Engines.open(disk);
    Map<Cell, Long> found = new HashMap<>();
    for (Cell cell : all) {
      long value = Cells.get(engine, cell.page(), cell.index());
      if (value != 0) {
        found.put(cell, value);
      }
    }
    assertTrue(
        possible.contains(found),
        "seed " + seed + ", crash " + crash + ": not one of " + possible.size() + " states");
    assertEquals(List.of(), engine.lastRecovery().quarantinedPages(), "seed " + seed);
    committed = found;
    possible.clear();
    possible.add(found);
    running.clear();
    owners.clear();
  }
}
