package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.BufferPoolOptions;
import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Redo by page, in rounds, leaves what redo record by record leaves: on random histories with
 * formats, pages that are new enough, lost writes, unreadable pages and a manager that fails.
 */
class GroupedRedoTest {
  private static final int PAGES = 24;
  private static final long POISON = 0x666;

  /** Cells that cannot redo this value. */
  private static final class Poisoned implements ResourceManager {
    @Override
    public int id() {
      return Cells.ID;
    }

    @Override
    public String name() {
      return "poisoned cells";
    }

    @Override
    public void redo(MemorySegment page, long pageId, MemorySegment body) {
      Engines.CELLS.redo(page, pageId, body);
      if (body.byteSize() > 10 && body.get(ValueLayout.JAVA_LONG_UNALIGNED, 2) == POISON) {
        page.fill((byte) 0x55); // half done
        throw new IndexOutOfBoundsException("poison");
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

  /** What a redo left behind. */
  private record Left(
      Map<Long, String> pages,
      List<DirtyPage> dirty,
      Map<Long, Long> suspects,
      List<Long> counts,
      long rounds,
      long mostBytes) {
    void sameAs(Left other, String when) {
      assertEquals(other.suspects, suspects, when);
      assertEquals(other.pages, pages, when);
      assertEquals(other.dirty, dirty, when);
      assertEquals(other.counts, counts, when);
    }
  }

  /** The parts of an engine in the middle of its opening. */
  private record Opened(
      Log log, PageStore pages, Engine engine, AnalysisResult analysis, FirstRound first) {
    BufferPool pool() {
      return engine.pool();
    }
  }

  private static Opened open(MemoryDisk disk, int frames, long budget) {
    Log log = Log.open(disk, Environment.system(), DamagedPages.PLAIN.log());
    Analysis pass = new Analysis(log, RecoveryMeter.NONE);
    RedoRound round = new RedoRound(budget);
    AnalysisResult analysis = pass.run(round, Long.MAX_VALUE);
    Managers managers = EngineOpening.withOwn(List.of(new Poisoned()));
    managers.requireAll(analysis.managerIds());
    log.startAppending();
    PageStore pages =
        DamagedPages.PLAIN
            .pages()
            .open(
                new PageStoreKind.Place(
                    log.disk(),
                    log.storeId(),
                    DamagedPages.PAGE,
                    false,
                    DamagedPages.PLAIN.pageCaching()));
    BufferPool pool =
        new BufferPool(pages, log, Environment.system(), new BufferPoolOptions(frames, false));
    Engine engine =
        new Engine(log, pages, pool, Environment.system(), managers, DamagedPages.PLAIN);
    return new Opened(log, pages, engine, analysis, new FirstRound(pass.rounds(), round));
  }

  private static Left close(
      Opened opened, Map<Long, Redo.Suspect> suspects, List<Long> counts, Redo redo) {
    Map<Long, String> bytes = new TreeMap<>();
    List<DirtyPage> dirty = new ArrayList<>(opened.pool().dirtyPages());
    dirty.sort(Comparator.comparingLong(DirtyPage::pageId));
    for (long id = 1; id <= opened.pages().capacityPages() && id < 4 * PAGES; id++) {
      try (PageGuard guard = opened.pool().forRedo(id)) {
        boolean bad = guard.unreadable() != null;
        byte[] all = guard.page().toArray(ValueLayout.JAVA_BYTE);
        // The checksum of a page that went home and back is there, of one that did not is not.
        Arrays.fill(all, 0, 4, (byte) 0);
        bytes.put(id, bad ? "unreadable" : guard.pageLsn() + ":" + Arrays.hashCode(all));
      }
    }
    opened.first().round().close();
    opened.engine().abandon();
    Map<Long, Long> last = new TreeMap<>();
    suspects.forEach((id, suspect) -> last.put(id, suspect.lastLsn()));
    return new Left(bytes, dirty, last, counts, redo.rounds(), redo.mostBytes());
  }

  private static Left grouped(MemoryDisk disk, int frames, long budget, boolean two) {
    Opened opened = open(disk, frames, budget);
    Engine engine = opened.engine();
    Redo redo = redo(opened, two);
    redo.setBudget(budget);
    redo.run(opened.first().round());
    List<Long> counts =
        List.of(redo.redone(), redo.skippedNotDirty(), redo.skippedRecLsn(), redo.skippedPageLsn());
    assertTrue(engine.pool().stats().frames() >= 16);
    return close(opened, redo.suspects(), counts, redo);
  }

  private static Redo redo(Opened opened, boolean two) {
    Engine engine = opened.engine();
    return new Redo(
        opened.log(),
        engine.pool(),
        engine.managers(),
        opened.analysis(),
        opened.first().reader(),
        new RestartCheckpoints(engine, opened.analysis(), Long.MAX_VALUE),
        RecoveryMeter.NONE,
        null,
        Environment.system(),
        !two);
  }

  private static Left oneByOne(MemoryDisk disk, int frames) {
    Opened opened = open(disk, frames, 1);
    Engine engine = opened.engine();
    RecordByRecordRedo redo =
        new RecordByRecordRedo(opened.log(), engine.pool(), engine.managers(), opened.analysis());
    redo.run();
    List<Long> counts =
        List.of(redo.redone(), redo.skippedNotDirty(), redo.skippedRecLsn(), redo.skippedPageLsn());
    return close(opened, redo.suspects(), counts, redo(opened, false));
  }

  /** A crashed store with every kind of trouble that redo can meet. */
  private static MemoryDisk crashed(SplittableRandom random, int steps, boolean checkpoints) {
    DamagedPages store = new DamagedPages();
    List<Long> pages = new ArrayList<>();
    for (int i = 0; i < PAGES; i++) {
      pages.add(store.cells.makePage(store.engine));
    }
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    Map<Long, byte[]> old = new TreeMap<>();
    for (int i = 0; i < steps; i++) {
      long page = pages.get(random.nextInt(PAGES));
      int dice = random.nextInt(200);
      if (dice < 160) {
        Transaction transaction = store.engine.begin();
        for (int change = random.nextInt(4); change >= 0; change--) {
          long value = random.nextInt(300) == 0 ? POISON : random.nextLong();
          store.set(transaction, page, random.nextInt(60), value);
          page = pages.get(random.nextInt(PAGES));
        }
        transaction.commit();
        transaction.end();
      } else if (dice < 170) {
        AtomicChange change = new AtomicChange();
        try (PageGuard guard = store.engine.pool().fresh(page)) {
          change.format(guard, store.cells).putByte(1);
          Engines.change(store.engine, change);
        }
      } else if (dice < 190) {
        store.engine.pool().cleanSome(1 + random.nextInt(6));
      } else if (dice < 193 && checkpoints) {
        store.engine.checkpoint();
      } else if (dice < 196) {
        old.put(page, store.stored(page));
      }
    }
    store.engine.log().forceAll();
    store.engine.abandon();
    store.disk = store.disk.afterPowerLoss();
    old.forEach(store::store);
    for (int i = random.nextInt(3); i > 0; i--) {
      store.spoil(pages.get(random.nextInt(PAGES)));
    }
    return store.disk;
  }

  private static void compare(int seeds, int steps, Function<MemoryDisk, Left> redo, int frames) {
    long suspects = 0;
    for (int seed = 1; seed <= seeds; seed++) {
      MemoryDisk disk = crashed(new SplittableRandom(seed), steps, steps < 1000);
      Left expected = oneByOne(disk.afterPowerLoss(), frames);
      redo.apply(disk.afterPowerLoss()).sameAs(expected, "seed " + seed);
      suspects += expected.suspects().size();
    }
    assertTrue(suspects > seeds / 2, suspects + " suspects only");
  }

  @Test
  void oneRoundLeavesWhatRecordByRecordLeaves() {
    compare(40, 300, disk -> grouped(disk, 128, RedoRound.BUDGET_BYTES, false), 128);
  }

  @Test
  void manyTinyRoundsLeaveTheSame() {
    long[] rounds = new long[1];
    compare(
        40,
        300,
        disk -> {
          Left left = grouped(disk, 128, 600, false);
          rounds[0] += left.rounds();
          assertTrue(left.mostBytes() <= 600 + 200, left.mostBytes() + " bytes");
          return left;
        },
        128);
    assertTrue(rounds[0] > 40 * 10, rounds[0] + " rounds");
  }

  @Test
  void twoThreadsLeaveTheSame() {
    compare(6, 4000, disk -> grouped(disk, 128, 200_000, true), 128);
  }

  @Test
  void memoryOfARoundStaysWithinItsBudgetWhateverTheLog() {
    MemoryDisk disk = crashed(new SplittableRandom(99), 20_000, false);
    long budget = 1 << 20;
    Opened opened = open(disk.afterPowerLoss(), 128, budget);
    long log = opened.analysis().endLsn() - opened.analysis().redoLsn();
    Redo redo = redo(opened, false);
    redo.setBudget(budget >>> 4);
    redo.run(opened.first().round());
    assertTrue(log > 8 * (budget >>> 4), log + " bytes of log");
    assertTrue(redo.rounds() > 4, redo.rounds() + " rounds");
    assertTrue(redo.mostBytes() <= budget, redo.mostBytes() + " bytes");
    assertTrue(opened.first().round().memoryBytes() <= 2 * budget);
    close(opened, redo.suspects(), List.of(), redo);
  }

  @Test
  void theFirstRoundTakesHalfOfThePoolWithinBounds() {
    assertEquals(RedoRound.BUDGET_BYTES, RedoRound.firstBudget(64L << 20));
    assertEquals(256L << 20, RedoRound.firstBudget(512L << 20));
    assertEquals(512L << 20, RedoRound.firstBudget(64L << 30));
  }

  @Test
  void laterRoundsTakeHalfOfTheFirstWithinBounds() {
    assertEquals(RedoRound.BUDGET_BYTES, later(64L << 20));
    assertEquals(96L << 20, later(192L << 20));
    assertEquals(128L << 20, later(512L << 20));
  }

  private static long later(long firstBytes) {
    try (RedoRound first = new RedoRound(firstBytes)) {
      return first.laterBudget();
    }
  }
}
