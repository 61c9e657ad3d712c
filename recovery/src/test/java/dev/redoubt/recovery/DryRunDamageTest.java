package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.Environment;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a dry run says of one damaged page, step by step, and that restart then does it. */
class DryRunDamageTest {
  private final DamagedPages store = new DamagedPages();
  private final long bad = store.cells.makePage(store.engine);

  /** A page whose format the log has forgotten, in no table. */
  private void forgetFormat() {
    store.engine.pool().flushAll();
    store.forgetLog();
    store.engine.pool().flushAll();
    store.engine.checkpoint();
  }

  private void formatAnew() {
    AtomicChange change = new AtomicChange();
    try (var guard = store.engine.pool().exclusive(bad)) {
      change.format(guard, store.cells).putByte(1);
      Engines.change(store.engine, change);
    }
  }

  /** Steps of redo that are about the page; the figures are those of the restart that follows. */
  private List<RestartStep> foretold(Runnable meanwhile) {
    List<RestartStep> steps = new ArrayList<>();
    RecoveryReport told =
        dryRun(
            meanwhile,
            step -> {
              if ((step instanceof RestartStep.OfRedo redo && redo.pageId() == bad)
                  || (step instanceof RestartStep.OfStoredPage page && page.pageId() == bad)) {
                steps.add(step);
              }
            });
    store.engine = Engines.open(store.disk, DamagedPages.PLAIN);
    assertEquals(figures(told), figures(store.engine.lastRecovery()));
    return steps;
  }

  private RecoveryReport dryRun(Runnable meanwhile, Consumer<RestartStep> steps) {
    store.engine.abandon();
    store.disk = store.disk.afterPowerLoss();
    meanwhile.run();
    return DryRun.run(store.disk, Environment.system(), DamagedPages.PLAIN.log(), steps);
  }

  private static List<Object> figures(RecoveryReport report) {
    return List.of(
        List.of(report.redone(), report.skippedNotDirty()),
        List.of(report.skippedRecLsn(), report.skippedPageLsn()),
        report.pagesRebuilt(),
        report.quarantinedPages());
  }

  private static List<RestartRule> rules(List<RestartStep> steps) {
    return steps.stream().map(RestartStep::rule).toList();
  }

  @Test
  void aFormatCuresAPageThatWasSetAside() {
    forgetFormat();
    store.commit(bad, 0, 1);
    store.commit(bad, 0, 2);
    formatAnew();
    store.commit(bad, 0, 3);
    assertEquals(
        List.of(
            RestartRule.SET_ASIDE,
            RestartRule.STAYS_ASIDE,
            RestartRule.APPLIED,
            RestartRule.APPLIED),
        rules(foretold(() -> store.spoil(bad))));
    assertEquals(3, store.get(bad, 0));
    store.engine.close();
  }

  @Test
  void aPageSetAsideIsRebuiltUpToItsLastRecord() {
    store.commit(bad, 0, 1);
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    store.commit(bad, 0, 2);
    store.commit(bad, 0, 3);
    List<RestartStep> steps = foretold(() -> store.spoil(bad));
    assertEquals(
        List.of(RestartRule.SET_ASIDE, RestartRule.STAYS_ASIDE, RestartRule.REBUILT), rules(steps));
    long last = ((RestartStep.OfRedo) steps.get(1)).lsn();
    assertEquals(last, ((RestartStep.OfStoredPage) steps.get(2)).lsn(), "to which record");
    assertEquals(3, store.get(bad, 0));
    store.engine.close();
  }

  @Test
  void aStalePageIsRebuiltFromTheVersionThatIsStored() {
    forgetFormat();
    store.commit(bad, 0, 1);
    store.engine.pool().flushAll();
    byte[] old = store.stored(bad);
    store.commit(bad, 0, 2);
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    store.commit(bad, 0, 3);
    List<RestartStep> steps = foretold(() -> store.store(bad, old));
    assertEquals(List.of(RestartRule.SET_ASIDE, RestartRule.REBUILT), rules(steps));
    assertEquals(3, store.get(bad, 0));
    store.engine.close();
  }

  @Test
  void aPageFromBeyondTheEndOfTheLogIsNoPage() {
    store.commit(bad, 0, 1);
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    store.commit(bad, 0, 2);
    byte[] later = store.stored(bad);
    new PageVerifier(store.engine.log().storeId(), DamagedPages.PAGE)
        .seal(MemorySegment.ofArray(later), bad, 1L << 40);
    List<RestartStep> steps = foretold(() -> store.store(bad, later));
    assertEquals(List.of(RestartRule.SET_ASIDE, RestartRule.REBUILT), rules(steps));
    assertEquals(RestartStep.UNREADABLE, ((RestartStep.OfRedo) steps.getFirst()).pageLsn());
    assertEquals(2, store.get(bad, 0));
    store.engine.close();
  }

  @Test
  void aPageThatWasNeverHomeHasNoVersion() {
    store.commit(bad, 0, 1);
    List<RestartStep> steps = foretold(() -> {});
    assertEquals(List.of(RestartRule.APPLIED, RestartRule.APPLIED), rules(steps));
    assertEquals(0, ((RestartStep.OfRedo) steps.getFirst()).pageLsn(), "blank, not unreadable");
    assertEquals(1, store.get(bad, 0));
    store.engine.close();
  }
}
