package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.LogOptions;
import java.lang.StackWalker.StackFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rule 4 for structure changes: space is set aside before latches, and kept for undo. */
final class UndoSpaceTest {
  /** Methods that run with a page latched, besides all of the class that logs changes. */
  private static final Set<String> LATCHED =
      Set.of(
          "Splitter.split",
          "Splitter.growRoot",
          "Merger.merge",
          "Merger.collapse",
          "LeafWrite.put",
          "LeafWrite.delete",
          "LeafWrite.purge",
          "Dismantler.cut",
          "TreeUndo.tryRestore");

  private static final EngineOptions TINY_SEGMENTS =
      EngineOptions.defaults()
          .withPageSize(4096)
          .withFrames(64)
          .withBackground(false)
          .withCheckpoints(96 << 10, Duration.ofHours(1))
          .withLog(LogOptions.defaults().withSegmentBytes(128 << 10).withBuffers(2, 32 << 10));

  private static final byte[] SHORT = {};
  private static final byte[] LONG = new byte[900];

  private final AtomicInteger growths = new AtomicInteger();
  private final List<String> underLatches = new ArrayList<>();
  private final NavigableMap<byte[], byte[]> model = TreeFixture.newModel();

  private static byte[] key(int number, String suffix) {
    return String.format(Locale.ROOT, "%05d%s", number, suffix).getBytes(StandardCharsets.US_ASCII);
  }

  private void full() {
    growths.incrementAndGet();
    throw new DiskFullException("full");
  }

  private void noteLatched() {
    growths.incrementAndGet();
    String latched =
        StackWalker.getInstance()
            .walk(frames -> frames.map(UndoSpaceTest::name).filter(this::isLatched).findFirst())
            .orElse(null);
    if (latched != null) {
      underLatches.add(latched);
    }
  }

  private boolean isLatched(String method) {
    return method.startsWith("ChangeLogger.") || LATCHED.contains(method);
  }

  private static String name(StackFrame frame) {
    String type = frame.getClassName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
  }

  @Test
  void noFileIsMadeOrGrowsWithPagesLatched() {
    try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS)) {
      fixture.disk.beforeGrowth(this::noteLatched);
      new RandomWork(fixture, KeyKind.LONG, 7).run(150);
      for (int i = 0; i < 10; i++) {
        Transaction tx = fixture.engine.begin();
        fixture.overflow.write(tx, TreeFixture.TREE_ID, new byte[100_000]);
        fixture.engine.tick();
        tx.rollback();
      }
      Transaction loser = fixture.engine.begin();
      BTree made =
          new BTree(
              fixture.engine,
              fixture.pages,
              17,
              BTree.create(fixture.engine, fixture.pages, loser, 17));
      for (int i = 0; i < 400; i++) {
        made.put(loser, key(i, ""), LONG, false, TreeFixture.PLAIN);
      }
      loser.rollback();
      assertEquals(List.of(), underLatches);
      assertTrue(growths.get() > 50, () -> growths + " times");
    }
  }

  /** Every eighth key shrinks; then a committed neighbour takes the place its undo will need. */
  private Transaction shrink(TreeFixture fixture, int from, int count) {
    Transaction fill = fixture.engine.begin();
    for (int i = from; i < from + 8 * count; i++) {
      fixture.put(fill, key(i, ""), LONG);
      model.put(key(i, ""), LONG);
    }
    fixture.commit(fill);
    Transaction loser = fixture.engine.begin();
    for (int i = from; i < from + 8 * count; i += 8) {
      fixture.put(loser, key(i, ""), SHORT);
    }
    Transaction neighbour = fixture.engine.begin();
    for (int i = from; i < from + 8 * count; i += 8) {
      fixture.put(neighbour, key(i, "a"), LONG);
      model.put(key(i, "a"), LONG);
    }
    fixture.commit(neighbour);
    return loser;
  }

  /** Takes all pages and all log that anyone but undo can have. */
  private void fillUp(TreeFixture fixture) {
    fixture.engine.checkpoint();
    fixture.disk.beforeGrowth(this::full);
    assertThrows(
        DiskFullException.class,
        () -> {
          while (true) {
            fixture.engine.structureSpace().reservePage();
          }
        });
    assertThrows(
        DiskFullException.class,
        () -> {
          while (true) {
            fixture.engine.log().reserve(512);
          }
        });
  }

  private static long pages(TreeFixture fixture) {
    PageUse use = new PageUse(fixture.engine.space());
    fixture.tree.verify(use);
    assertEquals(List.of(), use.problems());
    return use.pages();
  }

  private void freeAndCheck(TreeFixture fixture) {
    fixture.disk.beforeGrowth(() -> {});
    fixture.check(model, "after");
    fixture.crash();
    fixture.check(model, "after the crash");
    Transaction more = fixture.engine.begin();
    fixture.put(more, key(99_999, ""), LONG);
    model.put(key(99_999, ""), LONG);
    fixture.commit(more);
    fixture.check(model, "after all");
  }

  @Test
  void rollbackSplitsWithinWhatIsKeptForItOnAFullDisk() {
    try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS)) {
      Transaction loser = shrink(fixture, 0, 20);
      fillUp(fixture);
      long before = pages(fixture);
      loser.rollback();
      assertTrue(pages(fixture) >= before + 10, () -> before + " to " + pages(fixture));
      freeAndCheck(fixture);
    }
  }

  @Test
  void twoRollBackAtOnceOnAFullDisk() throws Exception {
    try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Transaction> losers = List.of(shrink(fixture, 0, 10), shrink(fixture, 4000, 10));
      fillUp(fixture);
      long before = pages(fixture);
      CyclicBarrier start = new CyclicBarrier(2);
      List<Future<?>> both = new ArrayList<>();
      for (Transaction loser : losers) {
        both.add(
            threads.submit(
                () -> {
                  start.await();
                  loser.rollback();
                  return true;
                }));
      }
      for (Future<?> each : both) {
        each.get(300, TimeUnit.SECONDS);
      }
      assertTrue(pages(fixture) >= before + 10, () -> before + " to " + pages(fixture));
      freeAndCheck(fixture);
    }
  }

  @Test
  void rollbackBeyondWhatIsKeptStopsAndGoesOnWhenThereIsSpace() {
    try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS)) {
      Transaction loser = shrink(fixture, 0, 150);
      fillUp(fixture);
      DiskFullException stopped = assertThrows(DiskFullException.class, loser::rollback);
      assertTrue(String.valueOf(stopped.getMessage()).contains("full"), stopped::toString);
      assertEquals(Transaction.State.ABORTING, loser.state());
      fixture.disk.beforeGrowth(() -> {});
      loser.rollback();
      freeAndCheck(fixture);
    }
  }

  @Test
  void restartOnADiskThatIsFullFromAnyGrowthOnLosesNothing() {
    int allowed = 0;
    int refused = 0;
    do {
      model.clear();
      growths.set(0);
      AtomicInteger granted = new AtomicInteger(allowed);
      try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS)) {
        shrink(fixture, 0, 120);
        fixture.engine.log().forceAll();
        fixture.disk.beforeGrowth(
            () -> {
              if (granted.getAndDecrement() <= 0) {
                full();
              }
            });
        try {
          fixture.crash();
        } catch (DiskFullException full) {
          refused++;
          fixture.disk.beforeGrowth(() -> {});
          fixture.crash();
        }
        freeAndCheck(fixture);
      }
      allowed++;
    } while (growths.get() > 0);
    assertTrue(refused > 0 && refused < allowed, refused + " of " + allowed);
  }

  private void leaveLargeLoser(TreeFixture fixture) {
    Transaction fill = fixture.engine.begin();
    for (int i = 0; i < 1000; i++) {
      fixture.put(fill, key(i, ""), LONG);
      model.put(key(i, ""), LONG);
    }
    fixture.commit(fill);
    Transaction loser = fixture.engine.begin();
    for (int i = 0; i < 1000; i++) {
      fixture.put(loser, key(i, ""), new byte[901 - i % 2]);
    }
    fixture.engine.log().forceAll();
  }

  @Test
  void largeLoserIsUndoneOnAFullDiskInTheSegmentsMadeForIt() {
    try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS)) {
      leaveLargeLoser(fixture);
      fixture.disk.beforeGrowth(this::full);
      fixture.crash();
      freeAndCheck(fixture);
    }
  }

  @Test
  void restartWithoutThoseSegmentsMakesThemBeforeItLatches() {
    try (TreeFixture fixture = new TreeFixture(TINY_SEGMENTS)) {
      leaveLargeLoser(fixture);
      fixture.disk.list().stream()
          .filter(name -> name.startsWith("spare-"))
          .forEach(fixture.disk::delete);
      fixture.disk.forceDirectory();
      fixture.disk.beforeGrowth(this::noteLatched);
      fixture.crash();
      assertEquals(List.of(), underLatches);
      assertTrue(growths.get() > 4, () -> growths + " times");
      freeAndCheck(fixture);
    }
  }
}
