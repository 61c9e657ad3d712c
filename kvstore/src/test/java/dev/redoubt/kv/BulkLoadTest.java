package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees that are loaded as a whole and cleared as a whole (store rule 14). */
final class BulkLoadTest {
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);
  private static final TreeDef<Long, byte[]> OTHER =
      TreeDef.of("other", Codecs.INT64, Codecs.BYTES);
  private static final int ENTRIES = 3000;

  @TempDir Path dir;
  private Store store;

  @BeforeEach
  void open() {
    store = Store.open(dir, IsolationFixture.INLINE);
    store.write(
        tx -> {
          tx.tree(OTHER).put(1L, new byte[1]);
          tx.tree(TREE);
        });
  }

  @AfterEach
  void close() {
    assertSound();
    store.close();
  }

  private void assertSound() {
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
    assertEquals(List.of(), store.verify(pages -> {}).problems());
    assertEquals(0, store.stats().versions().chains());
    assertEquals(List.of(), store.parts().pendingFree().entries());
    assertEquals(List.of(), store.parts().pendingFree().claimsLeft());
  }

  private long pages() {
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
    return store.stats().allocatedPages();
  }

  private static byte[] value(long key, int generation) {
    byte[] value = new byte[key % 200 == 7 ? 30_000 : (int) (key % 90)];
    Arrays.fill(value, (byte) generation);
    return value;
  }

  private static Iterator<Map.Entry<Long, byte[]>> entries(int generation, long count) {
    return LongStream.range(-count / 2, count - count / 2)
        .mapToObj(each -> Map.entry(each, value(Math.abs(each), generation)))
        .iterator();
  }

  private static void load(WriteTx tx, int generation) {
    assertEquals(ENTRIES, tx.tree(TREE).bulkLoad(entries(generation, ENTRIES)));
  }

  /** Which generation is there as a whole; 0 if the tree is empty. */
  private static int generation(ReadTree<Long, byte[]> tree) {
    List<Map.Entry<Long, byte[]>> found = new ArrayList<>();
    tree.range(KeyRange.all()).forEach(found::add);
    if (found.isEmpty()) {
      return 0;
    }
    int generation = found.get(1).getValue()[0];
    Iterator<Map.Entry<Long, byte[]>> expected = entries(generation, ENTRIES);
    for (Map.Entry<Long, byte[]> each : found) {
      Map.Entry<Long, byte[]> next = expected.next();
      assertEquals(next.getKey(), each.getKey());
      assertTrue(Arrays.equals(next.getValue(), each.getValue()), "value of " + each.getKey());
    }
    assertFalse(expected.hasNext());
    return generation;
  }

  private int generation() {
    return store.<Integer, RuntimeException>read(tx -> generation(tx.tree(TREE)));
  }

  private void reopen() {
    store.close();
    store = Store.open(dir, IsolationFixture.INLINE);
  }

  private void crash() {
    store.engine().log().forceAll();
    store.abandon();
    store = Store.open(dir, IsolationFixture.INLINE);
    store.engine().restart().await();
  }

  @Test
  void aLoadIsThereWithItsCommitAndWithNothingOfItBefore() {
    long before = pages();
    ReadTx old = store.beginRead();
    WriteTx tx = store.beginWrite();
    load(tx, 1);
    assertEquals(1, generation(tx.tree(TREE)));
    assertEquals(0, generation());
    tx.rollback();
    assertEquals(0, generation());
    assertEquals(before, pages());
    store.write(each -> load(each, 2));
    assertEquals(2, generation());
    assertEquals(0, generation(old.tree(TREE)));
    old.close();
    reopen();
    assertEquals(2, generation());
    store.write(each -> each.tree(TREE).clear());
    assertEquals(0, generation());
    assertEquals(before, pages());
    crash();
    assertEquals(0, generation());
    assertEquals(before, pages());
  }

  @Test
  void anAbsentTreeIsMadeAndAnEmptyLoadLeavesItEmpty() {
    TreeDef<String, String> texts = TreeDef.of("texts", Codecs.UTF_8, Codecs.UTF_8);
    Map<String, String> sorted = new TreeMap<>(Map.of("a", "1", "b", "2", "ä", "3"));
    store.write(tx -> assertEquals(3, tx.tree(texts).bulkLoad(sorted.entrySet().iterator(), 1)));
    assertEquals("2", store.get(texts, "b"));
    store.write(tx -> assertEquals(0, tx.tree(TREE).bulkLoad(entries(1, 0))));
    assertEquals(0, generation());
  }

  @Test
  void whatIsLoadedIsChangedLikeAnythingElse() {
    store.write(
        tx -> {
          load(tx, 1);
          tx.tree(TREE).put(0L, new byte[] {9});
          tx.tree(TREE).remove(1L);
        });
    store.write(tx -> tx.tree(TREE).put(100_000L, new byte[100]));
    store.write(tx -> assertEquals(ENTRIES, tx.tree(TREE).removeRange(KeyRange.all())));
    assertEquals(0, generation());
    store.write(tx -> load(tx, 3)); // ghosts count as nothing
    assertEquals(3, generation());
  }

  @Test
  void savepointsBringBackWhatWasThere() {
    store.write(tx -> load(tx, 1));
    long full = pages();
    WriteTx tx = store.beginWrite();
    Tree<Long, byte[]> view = tx.tree(TREE);
    Savepoint loaded = tx.savepoint();
    view.clear();
    assertEquals(0, generation(view));
    view.put(5L, new byte[] {5});
    Savepoint cleared = tx.savepoint();
    assertEquals(1, view.count());
    view.clear();
    load(tx, 2);
    Tree<Long, byte[]> second = tx.tree(TREE);
    assertEquals(2, generation(view));
    view.clear();
    tx.rollbackTo(cleared);
    assertEquals(1, second.count());
    assertEquals(1, view.count());
    tx.rollbackTo(loaded);
    assertEquals(1, generation(view));
    assertEquals(1, generation(second));
    view.clear();
    load(tx, 3);
    assertEquals(1, generation());
    tx.commit();
    assertEquals(3, generation());
    assertEquals(full, pages());
    crash();
    assertEquals(3, generation());
    assertEquals(full, pages());
  }

  @Test
  void aTreeThatTookAnothersPlaceIsDroppedByTheSameTransaction() {
    long before = pages();
    store.write(tx -> load(tx, 1));
    store.write(
        tx -> {
          tx.tree(TREE).clear();
          load(tx, 2);
          assertTrue(tx.dropTree("t"));
          assertThrows(IllegalStateException.class, () -> tx.tree(TREE));
        });
    assertEquals(List.of("other"), store.listTrees());
    assertTrue(pages() < before, "pages left");
  }

  @Test
  void wrongOrderAndRepeatedKeysAreNamedAndTheTransactionLives() {
    long before = pages();
    WriteTx tx = store.beginWrite();
    List<Map.Entry<Long, byte[]>> twice =
        List.of(Map.entry(1L, new byte[1]), Map.entry(2L, new byte[1]), Map.entry(2L, new byte[1]));
    IllegalArgumentException repeated =
        assertThrows(
            IllegalArgumentException.class, () -> tx.tree(TREE).bulkLoad(twice.iterator()));
    assertTrue(String.valueOf(repeated.getMessage()).contains("entry 2 has the same key"));
    List<Map.Entry<Long, byte[]>> unsorted =
        List.of(Map.entry(1L, new byte[1]), Map.entry(-1L, new byte[20_000]));
    IllegalArgumentException below =
        assertThrows(
            IllegalArgumentException.class, () -> tx.tree(TREE).bulkLoad(unsorted.iterator()));
    assertTrue(String.valueOf(below.getMessage()).contains("is below the one before it"));
    Iterator<Map.Entry<Long, byte[]>> fails =
        during(entries(1, ENTRIES), 2000, () -> throwIt(new UnsupportedOperationException("mine")));
    assertThrows(UnsupportedOperationException.class, () -> tx.tree(TREE).bulkLoad(fails));
    for (double fill : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class, () -> tx.tree(TREE).bulkLoad(entries(1, 1), fill));
    }
    load(tx, 4);
    tx.commit();
    assertEquals(4, generation());
    store.write(each -> each.tree(TREE).clear());
    assertEquals(before, pages());
  }

  private static void throwIt(RuntimeException e) {
    throw e;
  }

  @Test
  void aTreeWithEntriesIsRefusedAndStaysAsItIs() {
    store.write(tx -> load(tx, 1));
    WriteTx tx = store.beginWrite();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> load(tx, 2));
    assertTrue(String.valueOf(e.getMessage()).contains("clear it first"));
    tx.tree(TREE).put(0L, value(0, 1));
    tx.commit();
    assertEquals(1, generation());
  }

  private static Iterator<Map.Entry<Long, byte[]>> during(
      Iterator<Map.Entry<Long, byte[]>> entries, int at, Runnable then) {
    int[] given = {0};
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Map.Entry<Long, byte[]> next() {
        if (given[0]++ == at) {
          then.run();
        }
        return entries.next();
      }
    };
  }

  /** Whatever the source of entries does to the transaction that loads them. */
  @Test
  void theSourceMayUseTheTransactionAndNotEndIt() {
    long before = pages();
    refusedDuringLoad(WriteTx::commit);
    refusedDuringLoad(tx -> tx.commit(Durability.ASYNC));
    refusedDuringLoad(tx -> tx.prepare(new byte[] {1}));
    refusedDuringLoad(tx -> tx.tree(TREE));
    refusedDuringLoad(tx -> tx.tree(TREE).clear());
    refusedDuringLoad(tx -> tx.dropTree("t"));
    assertEquals(before, pages());
    WriteTx tx = store.beginWrite();
    tx.tree(TREE)
        .bulkLoad(
            during(
                entries(1, ENTRIES),
                50,
                () -> {
                  assertEquals(1, tx.tree(OTHER).count());
                  tx.tree(OTHER).put(2L, new byte[2]);
                  assertEquals(0, generation());
                }));
    tx.commit();
    assertEquals(1, generation());
    assertEquals(2, store.<Long, RuntimeException>read(each -> each.tree(OTHER).count()));
  }

  private void refusedDuringLoad(Consumer<WriteTx> use) {
    try (WriteTx tx = store.beginWrite()) {
      AtomicBoolean tried = new AtomicBoolean();
      tx.tree(TREE)
          .bulkLoad(
              during(
                  entries(1, ENTRIES),
                  1500,
                  () -> {
                    assertThrows(IllegalStateException.class, () -> use.accept(tx));
                    tried.set(true);
                  }));
      assertTrue(tried.get());
      assertEquals(1, generation(tx.tree(TREE)));
    }
  }

  @Test
  void aSourceThatRollsTheTransactionBackEndsTheLoad() {
    long before = pages();
    List<Consumer<WriteTx>> ends = List.of(WriteTx::rollback, WriteTx::close);
    for (Consumer<WriteTx> end : ends) {
      WriteTx tx = store.beginWrite();
      Iterator<Map.Entry<Long, byte[]>> source =
          during(entries(1, ENTRIES), 1500, () -> end.accept(tx));
      assertThrows(ClosedException.class, () -> tx.tree(TREE).bulkLoad(source));
      assertEquals(0, generation());
    }
    WriteTx tx = store.beginWrite();
    Savepoint start = tx.savepoint();
    Iterator<Map.Entry<Long, byte[]>> source =
        during(entries(1, ENTRIES), 1500, () -> tx.rollbackTo(start));
    assertThrows(IllegalStateException.class, () -> tx.tree(TREE).bulkLoad(source));
    load(tx, 2);
    tx.commit();
    assertEquals(2, generation());
    store.write(each -> each.tree(TREE).clear());
    assertEquals(before, pages());
  }

  @Test
  void aStoreThatClosesOrCrashesInALoadOpensWithoutIt() {
    long before = pages();
    List<Runnable> ends =
        List.of(
            () -> store.close(),
            () -> {
              store.engine().log().forceAll();
              store.abandon();
            });
    for (Runnable end : ends) {
      for (int at : new int[] {0, 1, 150, 2900}) {
        WriteTx tx = store.beginWrite();
        Iterator<Map.Entry<Long, byte[]>> source = during(entries(1, ENTRIES), at, end);
        assertThrows(RuntimeException.class, () -> tx.tree(TREE).bulkLoad(source));
        store = Store.open(dir, IsolationFixture.INLINE);
        store.engine().restart().await();
        assertEquals(0, generation());
        assertEquals(before, pages());
        assertSound();
      }
    }
  }

  @Test
  void aCrashBeforeTheCommitUndoesALoadAndAClear() {
    store.write(tx -> load(tx, 1));
    long full = pages();
    WriteTx tx = store.beginWrite();
    tx.tree(TREE).clear();
    load(tx, 2);
    crash();
    assertEquals(1, generation());
    assertEquals(full, pages());
    assertSound();
    ReadTx keeps = store.beginRead(); // so nothing is cleared up behind the commit
    store.write(
        each -> {
          each.tree(TREE).clear();
          load(each, 2);
        });
    assertEquals(1, generation(keeps.tree(TREE)));
    assertEquals(1, store.parts().pendingFree().claimsLeft().size());
    crash();
    assertEquals(2, generation());
    assertEquals(full, pages());
  }

  /** A view, a cursor and a scan from before: the view goes on, the others are told. */
  @Test
  void scansFromBeforeAClearAreRefusedAndViewsGoOn() {
    store.write(tx -> load(tx, 1));
    WriteTx tx = store.beginWrite();
    Tree<Long, byte[]> view = tx.tree(TREE);
    Iterator<Map.Entry<Long, byte[]>> scan = view.range(KeyRange.all()).iterator();
    scan.next();
    Cursor<Long, byte[]> cursor = view.cursor();
    assertTrue(cursor.first());
    tx.tree(TREE).clear();
    assertTrue(view.count() == 0);
    assertThrows(IllegalStateException.class, () -> scan.hasNext());
    assertThrows(IllegalStateException.class, cursor::next);
    view.put(1L, new byte[] {1});
    assertEquals(1, view.count());
    tx.close();
    assertEquals(1, generation());
  }

  @Test
  void othersThatHaveReadTheTreeConflictAndOldSnapshotsKeepIt() throws Exception {
    store.write(tx -> load(tx, 1));
    ReadTx old = store.beginRead();
    WriteTx reader = store.beginWrite();
    assertEquals(ENTRIES, reader.tree(TREE).count());
    Thread clears = Thread.ofPlatform().start(() -> store.write(tx -> tx.tree(TREE).clear()));
    while (Waiters.of(reader) == 0) {
      assertTrue(clears.isAlive(), "it has not waited");
      Thread.onSpinWait();
    }
    reader.tree(OTHER).put(7L, new byte[1]);
    reader.commit(); // before the clear, which has waited for it
    clears.join();
    assertEquals(0, generation());
    assertEquals(1, generation(old.tree(TREE)));
    WriteTx late = store.beginWrite();
    assertEquals(2, late.tree(OTHER).count());
    store.write(tx -> load(tx, 2));
    ConflictException e = assertThrows(ConflictException.class, () -> late.tree(TREE));
    assertTrue(e.isRetryable());
    late.close();
    assertEquals(1, generation(old.tree(TREE)));
    old.close();
    assertEquals(2, generation());
  }

  @Test
  void aTransactionThatClearedIsNotPrepared() {
    store.write(tx -> load(tx, 1));
    WriteTx tx = store.beginWrite();
    tx.tree(TREE).clear();
    assertThrows(IllegalStateException.class, () -> tx.prepare(new byte[] {1}));
    tx.commit();
    assertEquals(0, generation());
  }

  @Test
  void aMapIsClearedAtOnceAndItsPartsKeyByKey() {
    store.write(tx -> load(tx, 1));
    NavigableMap<Long, byte[]> map = store.map(TREE);
    map.headMap(0L).clear();
    assertEquals(ENTRIES - ENTRIES / 2, map.size());
    map.clear();
    assertEquals(0, map.size());
    map.put(1L, new byte[1]);
    assertEquals(1, map.size());
  }
}
