package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.Environment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Analysis explained where others worked while the checkpoint copied its tables. */
class DryRunOverCheckpointTest {
  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();
  private final Engine engine = Engines.open(disk);
  private final long page = cells.makePage(engine);
  private final List<RestartStep> steps = new ArrayList<>();

  /** Takes a checkpoint; the work is done behind its begin record, before the tables are copied. */
  private void checkpointBehind(Runnable work) {
    Checkpointer.Tables live = engine.tables();
    engine.checkpoint(
        new Checkpointer.Tables() {
          @Override
          public List<TransactionEntry> transactions() {
            work.run();
            return live.transactions();
          }

          @Override
          public List<DirtyPage> dirtyPages() {
            return live.dirtyPages();
          }

          @Override
          public long nextTransactionId() {
            return live.nextTransactionId();
          }
        });
  }

  private void explain() {
    engine.log().forceAll();
    engine.abandon();
    DryRun.run(disk.afterPowerLoss(), Environment.system(), Engines.SMALL.log(), steps::add);
  }

  private List<RestartRule> rulesOf(long transactionId) {
    List<RestartRule> rules = new ArrayList<>();
    for (RestartStep step : steps) {
      if (step instanceof RestartStep.OfTransaction of
          && of.entry().transactionId() == transactionId) {
        rules.add(step.rule());
      }
    }
    return rules;
  }

  @Test
  void whatTheCopyHasAlreadyIsKept() {
    engine.pool().flushAll();
    Transaction one = engine.begin();
    checkpointBehind(() -> cells.set(engine, one, page, 0, 1));
    cells.set(engine, one, page, 1, 2);
    explain();
    assertEquals(
        List.of(
            RestartRule.TRANSACTION_LOADED,
            RestartRule.TRANSACTION_KEPT,
            RestartRule.TRANSACTION_MOVED_ON),
        rulesOf(one.id()));
    List<RestartRule> rules = new ArrayList<>();
    for (RestartStep step : steps) {
      if (step instanceof RestartStep.OfPage of && of.pageId() == page) {
        rules.add(step.rule());
      }
    }
    assertEquals(
        List.of(RestartRule.PAGE_LOADED, RestartRule.PAGE_KEPT, RestartRule.PAGE_KEPT), rules);
  }

  @Test
  void aTransactionThatEndsWhileTheTablesAreCopiedIsRemoved() {
    Transaction loaded = engine.begin();
    cells.set(engine, loaded, page, 0, 1);
    Transaction gone = engine.begin();
    cells.set(engine, gone, page, 1, 1);
    checkpointBehind(() -> Engines.commit(engine, gone));
    Engines.commit(engine, loaded);
    explain();
    // Its commit enters it once more, its end removes it.
    assertEquals(RestartRule.TRANSACTION_REMOVED, rulesOf(gone.id()).getLast());
    assertEquals(
        List.of(
            RestartRule.TRANSACTION_LOADED,
            RestartRule.TRANSACTION_MOVED_ON,
            RestartRule.TRANSACTION_REMOVED),
        rulesOf(loaded.id()));
    RestartStep.OfTransaction removed = null;
    for (RestartStep step : steps) {
      if (step instanceof RestartStep.OfTransaction of
          && step.rule() == RestartRule.TRANSACTION_REMOVED
          && of.entry().transactionId() == loaded.id()) {
        removed = of;
      }
    }
    assertTrue(removed != null && removed.entry().firstLsn() == loaded.firstLsn());
  }

  @Test
  void aTransactionWhoseCommitOnlyStoodBeforeTheCheckpointIsRemovedByItsEnd() {
    Transaction gone = engine.begin();
    cells.set(engine, gone, page, 1, 1);
    engine.log().force(gone.commit());
    checkpointBehind(gone::end);
    explain();
    assertEquals(List.of(RestartRule.TRANSACTION_REMOVED), rulesOf(gone.id()));
  }

  @Test
  void undoIsSaidToGoFromTheLargestUndoNextLsnToTheSmallestFirstLsn() {
    Transaction one = engine.begin();
    cells.set(engine, one, page, 0, 1);
    cells.set(engine, one, page, 2, 1);
    long undoNext = one.undoNextLsn();
    Savepoint before = one.savepoint();
    cells.set(engine, one, page, 3, 1);
    one.rollbackTo(before);
    explain();
    RestartStep.Begin undo =
        steps.stream()
            .filter(step -> step.rule() == RestartRule.UNDO_BEGINS)
            .map(RestartStep.Begin.class::cast)
            .findFirst()
            .orElseThrow();
    assertTrue(one.lastLsn() > undoNext && one.firstLsn() < undoNext);
    // What undo visits next is the CLR of the rollback, or what that names.
    assertEquals(one.undoNextLsn(), undo.lsn());
    assertEquals(one.firstLsn(), undo.toLsn());
  }
}
