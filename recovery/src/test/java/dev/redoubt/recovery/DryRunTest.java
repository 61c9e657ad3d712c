package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.wal.Log;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DryRunTest {
  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  private MemoryDisk crashed() {
    Engine engine = Engines.open(disk);
    long one = cells.makePage(engine);
    long two = cells.makePage(engine);
    engine.pool().flushAll();
    engine.checkpoint();
    Transaction loser = engine.begin();
    Transaction winner = engine.begin();
    cells.set(engine, loser, one, 0, 1);
    cells.set(engine, winner, two, 0, 2);
    engine.pool().flushAll();
    NestedTopAction open = loser.nestedTopAction();
    cells.set(engine, loser, one, 1, 3);
    assertTrue(open.toString().length() > 0);
    cells.set(engine, winner, two, 1, 4);
    engine.log().force(winner.commit());
    engine.log().forceAll();
    Transaction branch = engine.begin();
    cells.set(engine, branch, two, 2, 5);
    branch.prepare(new byte[] {1}, new byte[0]);
    engine.abandon();
    return disk.afterPowerLoss();
  }

  @Test
  void dryRunTellsWhatRestartThenDoesAndWritesNothing() {
    MemoryDisk store = crashed();
    List<RestartStep> steps = new ArrayList<>();
    RecoveryReport planned =
        DryRun.run(store, Environment.system(), Engines.SMALL.log(), steps::add);
    assertEquals(0, store.writes());
    RecoveryReport done;
    try (Engine engine = Engines.open(store)) {
      done = engine.lastRecovery();
      assertEquals(1, engine.unfinished().size());
    }
    assertEquals(done.redone(), planned.redone());
    assertEquals(done.skippedNotDirty(), planned.skippedNotDirty());
    assertEquals(done.skippedRecLsn(), planned.skippedRecLsn());
    assertEquals(done.skippedPageLsn(), planned.skippedPageLsn());
    assertEquals(done.losers(), planned.losers());
    assertEquals(done.clrsWritten(), planned.clrsWritten());
    assertEquals(done.checkpointLsn(), planned.checkpointLsn());
    assertEquals(done.redoLsn(), planned.redoLsn());
    assertEquals(done.endLsn(), planned.endLsn());
    assertEquals(done.scannedRecords(), planned.scannedRecords());
    assertEquals(1, planned.inDoubt());
    assertEquals(planned.redone(), count(steps, RestartRule.APPLIED));
    assertEquals(1, count(steps, RestartRule.UNDONE));
    assertEquals(1, count(steps, RestartRule.UNDONE_NESTED));
    assertEquals(1, count(steps, RestartRule.LOSER_ENDED));
    assertEquals(1, count(steps, RestartRule.WINNER_ENDED));
    assertEquals(1, count(steps, RestartRule.LEFT_IN_DOUBT));
    // The nested update is the newer one, and is undone in a sweep of its own.
    List<RestartStep> undo =
        steps.stream().filter(s -> s.rule().phase() == RecoveryListener.Phase.UNDO).toList();
    assertEquals(
        List.of(
            RestartRule.WINNER_ENDED,
            RestartRule.LEFT_IN_DOUBT,
            RestartRule.UNDO_BEGINS,
            RestartRule.UNDONE_NESTED,
            RestartRule.UNDONE,
            RestartRule.LOSER_ENDED),
        undo.stream().map(RestartStep::rule).toList());
  }

  private static long count(List<RestartStep> steps, RestartRule rule) {
    return steps.stream().filter(step -> step.rule() == rule).count();
  }

  @Test
  void dumpDescribesEveryRecordOfALogThatNobodyHasOpen() {
    MemoryDisk store = crashed();
    List<LogEntry> entries = new ArrayList<>();
    try (Log log = Log.openReadOnly(store, Environment.system(), Engines.SMALL.log())) {
      LogDump dump = new LogDump(log, List.of(cells));
      dump.forEach(0, entries::add);
      List<LogEntry> two = new ArrayList<>();
      dump.forEach(
          entries.get(3).lsn(),
          entry -> {
            two.add(entry);
            return two.size() < 2;
          });
      assertEquals(entries.subList(3, 5), two);
      assertEquals(entries.getLast(), dump.at(entries.getLast().lsn()));
    }
    assertEquals(0, store.writes());
    LogEntry nested =
        entries.stream().filter(e -> e.type().equals("nested-update")).findFirst().orElseThrow();
    assertTrue(nested.prevLsn() > 0);
    assertEquals("cells", nested.pages().getFirst().manager());
    assertEquals("set", nested.pages().getFirst().description());
    assertEquals("prepare", entries.getLast().type());
    assertTrue(entries.stream().anyMatch(e -> e.detail().contains("dirty pages")));
  }

  @Test
  void dryRunOfNoStoreSaysSo() {
    assertThrows(
        NotAStoreException.class,
        () -> DryRun.run(disk, Environment.system(), Engines.SMALL.log(), step -> {}));
    assertTrue(disk.list().isEmpty());
  }
}
