package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * What a dry run foretells is what a real restart of a copy of the same disk then does: of many
 * random crash states, with torn, stale and unreadable pages among them.
 */
class DryRunAgainstRestartTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 30;

  /** Root directory and space map come before. */
  private static final int FIRST_PAGE = 3;

  private static final int STATES = 72;

  private final WatchedCells watched = new WatchedCells();
  private final Cells cells = Engines.CELLS;
  private final Map<RestartRule, Long> rules = new EnumMap<>(RestartRule.class);

  /** Pages as they were stored at an earlier crash. */
  private final Map<Long, byte[]> older = new HashMap<>();

  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = open(disk);

  private Engine open(MemoryDisk on) {
    return Engine.open(
        on, Environment.system(), Engines.SMALL, List.of(watched), RecoveryListener.NONE);
  }

  @Test
  void everyStepOfManyCrashStates() {
    int states = 0;
    for (long seed = 1; states < STATES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      engine.abandon();
      disk = new MemoryDisk();
      engine = open(disk);
      List<Long> pages = new ArrayList<>();
      for (int i = 0; i < PAGES; i++) {
        pages.add(cells.makePage(engine));
      }
      for (int crash = 0; crash < 6; crash++, states++) {
        if (crash == 3) {
          forgetLog(pages.getFirst()); // What is damaged from now on may be lost for good.
        }
        work(random, pages);
        disk = crashed(random);
        damage(random);
        check("seed " + seed + ", crash " + crash);
        engine = open(disk);
        pages.clear();
        for (int i = 0; i < PAGES; i++) {
          pages.add(cells.makePage(engine));
        }
      }
    }
    // Every rule has been held against the real thing, or the states are not what they should be.
    // One thread cannot change a transaction inside a checkpoint, nor has undo a way to a record
    // that changes nothing.
    Set<RestartRule> never = EnumSet.allOf(RestartRule.class);
    never.removeAll(rules.keySet());
    assertEquals(
        EnumSet.of(RestartRule.TRANSACTION_KEPT, RestartRule.PASSED), never, rules.toString());
  }

  /** The log no longer reaches back to where the pages were made. */
  private void forgetLog(long busy) {
    engine.unfinished().forEach(Transaction::rollback);
    long end = engine.log().endLsn();
    while (engine.log().startLsn() < end) {
      Transaction transaction = engine.begin();
      for (int i = 0; i < 500; i++) {
        cells.set(engine, transaction, busy, i % 100, i);
      }
      Engines.commit(engine, transaction);
      engine.pool().flushAll();
      engine.checkpoint();
      engine.checkpoint();
    }
  }

  private void work(SplittableRandom random, List<Long> pages) {
    List<Transaction> running = new ArrayList<>();
    disk.cutAfter(random.nextBoolean() ? 10 + random.nextInt(200) : Long.MAX_VALUE);
    try {
      int steps = 40 + random.nextInt(200);
      for (int i = 0; i < steps; i++) {
        step(random, pages, running);
      }
    } catch (MemoryDisk.PowerCut | EngineHaltedException off) {
      // The power went off in the middle.
    }
  }

  /** Each transaction keeps to pages of its own: nobody locks cells here. */
  private void step(SplittableRandom random, List<Long> pages, List<Transaction> running) {
    int dice = random.nextInt(100);
    if ((running.size() < 5 && dice < 20) || running.isEmpty()) {
      running.add(engine.begin());
      return;
    }
    int index = random.nextInt(running.size());
    Transaction one = running.get(index);
    if (dice < 60) {
      Predicate<Long> own = page -> page % 7 == one.id() % 7;
      List<Long> mine = pages.stream().filter(own).toList();
      if (!mine.isEmpty()) {
        long page = mine.get(random.nextInt(mine.size()));
        cells.set(engine, one, page, random.nextInt(20), random.nextLong());
      }
    } else if (dice < 66) {
      Savepoint before = one.savepoint();
      cells.makePage(engine, one);
      one.rollbackTo(before);
    } else if (dice < 72) {
      if (nested(random, pages, one)) {
        running.remove(index); // It is open when the process dies.
      }
    } else if (dice < 76) {
      engine.checkpoint();
    } else if (dice < 86) {
      engine.pool().cleanSome(1 + random.nextInt(6));
    } else if (dice < 88) {
      engine.log().forceAll();
    } else {
      running.remove(index);
      finish(random, one);
    }
  }

  /** Whether the nested top action stays open. */
  private boolean nested(SplittableRandom random, List<Long> pages, Transaction one) {
    long page = pages.get((int) (one.id() % 7));
    NestedTopAction action = one.nestedTopAction();
    cells.set(engine, one, page, 50 + random.nextInt(20), 7);
    if (random.nextInt(4) > 0) {
      action.end();
      return false;
    }
    return true;
  }

  private static void finish(SplittableRandom random, Transaction one) {
    switch (random.nextInt(6)) {
      case 0 -> one.rollback();
      case 1 -> one.prepare(new byte[] {1}, new byte[0]);
      case 2 -> one.commit(); // Without its end record.
      default -> {
        one.commit();
        one.end();
      }
    }
  }

  private MemoryDisk crashed(SplittableRandom random) {
    engine.abandon();
    return random.nextBoolean() ? disk.afterPowerLoss() : disk.afterProcessDeath();
  }

  /**
   * Of pages in the table: tears some, spoils some, and brings older ones back. Of the others,
   * which redo does not look at: spoils some of those that losers changed.
   */
  private void damage(SplittableRandom random) {
    List<Long> table = new ArrayList<>();
    Set<Long> undone = new TreeSet<>();
    DryRun.run(
        disk,
        Environment.system(),
        Engines.SMALL.log(),
        step -> {
          if (step instanceof RestartStep.OfPage of && of.pageId() >= FIRST_PAGE) {
            table.add(of.pageId());
          }
          if (step instanceof RestartStep.OfUndo of && of.rule() == RestartRule.UNDONE) {
            undone.addAll(pagesOf(of.lsn()));
          }
        });
    table.forEach(undone::remove);
    for (long page : undone) {
      if (page >= FIRST_PAGE && random.nextInt(4) == 0) {
        disk.put("pages", page * PAGE + 100, new byte[] {1, 2, 3, 4, 5, 6, 7});
      }
    }
    Map<Long, byte[]> now = new HashMap<>();
    for (long page : table) {
      long at = page * PAGE;
      if (disk.length("pages") >= at + PAGE) {
        now.put(page, disk.bytes("pages", at, PAGE));
        byte[] old = older.get(page);
        switch (random.nextInt(12)) {
          case 0 -> disk.put("pages", at + PAGE / 2, new byte[PAGE / 2]);
          case 1 -> disk.put("pages", at + 100, new byte[] {1, 2, 3, 4, 5, 6, 7});
          case 2 -> disk.put("pages", at, old == null ? new byte[PAGE] : old);
          default -> {}
        }
      }
    }
    older.putAll(now);
  }

  private List<Long> pagesOf(long lsn) {
    try (Log log = Log.openReadOnly(disk, Environment.system(), Engines.SMALL.log())) {
      LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(log.read(lsn)), lsn);
      return ((LogRecord.Redoable) record)
          .changes().stream().map(LogRecord.PageChange::pageId).toList();
    }
  }

  private void check(String state) {
    MemoryDisk copy = disk.afterProcessDeath();
    List<RestartStep> steps = new ArrayList<>();
    long writes = disk.writes();
    RecoveryReport planned =
        DryRun.run(disk, Environment.system(), Engines.SMALL.log(), steps::add);
    assertEquals(writes, disk.writes(), state + ": the dry run wrote");
    steps.forEach(step -> rules.merge(step.rule(), 1L, Long::sum));

    watched.applied.clear();
    watched.undoing = false;
    RecoveryReport done;
    List<LogEntry> written;
    try (Engine again = open(copy)) {
      done = again.lastRecovery();
      written =
          Engines.records(again).stream().filter(entry -> entry.lsn() >= done.endLsn()).toList();
      again.abandon();
    }
    assertEquals(figures(planned), figures(done), state);
    assertEquals(plannedApplies(steps, watched.applied.keySet()), watched.applied, state);
    assertEquals(plannedRecords(steps), records(written), state);
  }

  /** All of a report but times. */
  private static List<Object> figures(RecoveryReport report) {
    return List.of(
        report.clean(),
        List.of(report.checkpointLsn(), report.redoLsn(), report.endLsn()),
        List.of(report.scannedBytes(), report.scannedRecords()),
        List.of(report.dirtyPages(), report.transactions()),
        List.of(report.redone(), report.skippedNotDirty()),
        List.of(report.skippedRecLsn(), report.skippedPageLsn()),
        List.of(report.losers(), report.clrsWritten(), report.inDoubt()),
        List.of(report.tornPagesRestored(), report.pagesRebuilt()),
        report.quarantinedPages(),
        report.unfinishedLosers());
  }

  /** The versions that changes are redone on, of each page, in order. */
  private Map<Long, List<Long>> plannedApplies(List<RestartStep> steps, Set<Long> pages) {
    Map<Long, List<Long>> planned = new TreeMap<>();
    Set<Long> besides = new TreeSet<>();
    for (RestartStep step : steps) {
      if (step instanceof RestartStep.OfRedo redo
          && redo.pageId() >= FIRST_PAGE
          && redo.rule() == RestartRule.APPLIED
          && !redo.format()) {
        planned.computeIfAbsent(redo.pageId(), id -> new ArrayList<>()).add(redo.pageLsn());
      } else if (step instanceof RestartStep.OfStoredPage page
          && page.rule() != RestartRule.TORN_PAGE_RESTORED
          && page.rule().phase() == RecoveryListener.Phase.REDO) {
        besides.add(page.pageId()); // A page made anew goes through its chain again.
      }
    }
    pages.removeAll(besides);
    planned.keySet().removeAll(besides);
    return planned;
  }

  /** Type, transaction and undoNextLSN of each CLR and each end record, in order. */
  private static List<String> plannedRecords(List<RestartStep> steps) {
    List<String> records = new ArrayList<>();
    for (RestartStep step : steps) {
      if (step instanceof RestartStep.OfUndo undo) {
        switch (undo.rule()) {
          case UNDONE, UNDONE_NESTED ->
              records.add("clr of " + undo.transactionId() + " to " + undo.undoNextLsn());
          case WINNER_ENDED, LOSER_ENDED -> records.add("end of " + undo.transactionId());
          default -> {}
        }
      }
    }
    return records;
  }

  private static List<String> records(List<LogEntry> written) {
    List<String> records = new ArrayList<>();
    for (LogEntry entry : written) {
      switch (entry.type()) {
        case "clr" -> records.add("clr of " + entry.transactionId() + " to " + entry.undoNextLsn());
        case "end" -> records.add("end of " + entry.transactionId());
        default -> {}
      }
    }
    return records;
  }
}
