package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.kv.btree.BTree;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees dropped as part of a transaction (store rule 14). */
final class DropTreeTest {
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);
  private static final TreeDef<Long, byte[]> OTHER =
      TreeDef.of("other", Codecs.INT64, Codecs.BYTES);
  private static final int ENTRIES = 2000;

  @TempDir Path dir;
  private Store store;

  @BeforeEach
  void open() {
    store = Store.open(dir, IsolationFixture.INLINE);
    store.write(tx -> tx.tree(OTHER).put(1L, new byte[1]));
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
  }

  private long pages() {
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
    return store.stats().allocatedPages();
  }

  /** Many leaves, and large values. */
  private void fill() {
    store.write(
        tx -> {
          for (long i = 0; i < ENTRIES; i++) {
            tx.tree(TREE).put(i, new byte[i % 200 == 0 ? 30_000 : 50]);
          }
        });
  }

  private long count() {
    return store.<Long, RuntimeException>read(tx -> tx.tree(TREE).count());
  }

  @Test
  void aDropIsPartOfItsTransactionAndFreesEveryPage() {
    long before = pages();
    fill();
    long full = pages();
    assertTrue(full > before + 50, "pages " + full);
    WriteTx tx = store.beginWrite();
    tx.tree(TREE).put(1L, new byte[1]);
    Savepoint savepoint = tx.savepoint();
    assertFalse(tx.dropTree("missing"));
    assertTrue(tx.dropTree("t"));
    assertThrows(IllegalStateException.class, () -> tx.tree(TREE));
    assertFalse(dropsAgain(tx));
    tx.rollbackTo(savepoint);
    assertEquals(ENTRIES, tx.tree(TREE).count());
    assertTrue(tx.dropTree("t"));
    assertEquals(ENTRIES, count());
    assertArrayEquals(new byte[50], store.get(TREE, 2L));
    assertEquals(List.of("other", "t"), store.listTrees());
    tx.rollback();
    assertEquals(ENTRIES, count());
    assertArrayEquals(
        new byte[50],
        store.<byte[], RuntimeException>read(reader -> reader.tree(TREE).find(1L).orElseThrow()));
    assertEquals(full, pages());
    store.write(dropper -> assertTrue(dropper.dropTree("t")));
    assertEquals(0, count());
    assertEquals(List.of("other"), store.listTrees());
    assertEquals(before, pages());
    store.write(again -> assertFalse(again.dropTree("t")));
  }

  private static boolean dropsAgain(WriteTx tx) {
    try {
      return tx.dropTree("t");
    } catch (IllegalStateException itsOwnDrop) {
      return false;
    }
  }

  @Test
  void viewsOfATreeThatTheTransactionHasDroppedAreRefused() {
    fill();
    try (WriteTx tx = store.beginWrite()) {
      Tree<Long, byte[]> view = tx.tree(TREE);
      assertNotNull(view.get(1L));
      assertTrue(tx.dropTree("t"));
      assertThrows(IllegalStateException.class, () -> view.get(1L));
      assertThrows(IllegalStateException.class, () -> view.put(1L, new byte[1]));
      assertThrows(IllegalStateException.class, () -> view.remove(1L));
      assertThrows(IllegalStateException.class, view::count);
      assertThrows(IllegalStateException.class, () -> tx.prepare(new byte[] {1}));
    }
  }

  @Test
  void oldSnapshotsReadTheDroppedTreeAndLaterOnesTheNewOne() {
    fill();
    ReadTx old = store.beginRead();
    ReadTree<Long, byte[]> view = old.tree(TREE);
    store.write(tx -> assertTrue(tx.dropTree("t")));
    ReadTx between = store.beginRead();
    store.write(tx -> tx.tree(TREE).put(7L, new byte[] {7}));
    long full = pages();
    assertEquals(ENTRIES, view.count());
    assertEquals(ENTRIES, old.tree(TREE).count());
    assertEquals(30_000, view.find(200L).orElseThrow().length);
    assertEquals(0, between.tree(TREE).count());
    assertEquals(1, count());
    between.close();
    assertEquals(full, pages());
    old.close();
    assertTrue(pages() < full - 50);
    assertEquals(1, count());
    TreeDef<String, String> texts = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
    store.write(tx -> assertTrue(tx.dropTree("t")));
    store.write(tx -> tx.tree(texts).put("a", "b")); // another incarnation, other codecs
    assertEquals(1, store.<Long, RuntimeException>read(tx -> tx.tree(texts).count()));
  }

  @Test
  void aTransactionWhoseSnapshotIsOlderThanTheDropIsRefusedTheTree() {
    fill();
    WriteTx tx = store.beginWrite();
    assertNotNull(tx.tree(OTHER).get(1L));
    store.write(dropper -> assertTrue(dropper.dropTree("t")));
    ConflictException e = assertThrows(ConflictException.class, () -> tx.tree(TREE));
    assertTrue(e.isRetryable());
    tx.close();
    WriteTx blind = store.beginWrite(); // it has read nothing
    store.write(other -> other.tree(OTHER).put(2L, new byte[1]));
    blind.tree(TREE).put(1L, new byte[1]);
    blind.commit();
    assertEquals(1, count());
  }

  @Test
  void whoeverUsesTheTreeIsWaitedForAndWhoComesLaterWaits() throws Exception {
    fill();
    WriteTx user = store.beginWrite();
    user.tree(TREE).put(5L, new byte[5]);
    Thread drops = Thread.ofPlatform().start(() -> store.write(tx -> tx.dropTree("t")));
    awaitWaiter(user, drops);
    assertEquals(ENTRIES, count());
    user.tree(TREE).put(6L, new byte[6]); // it goes on
    Thread later =
        Thread.ofPlatform().start(() -> store.write(tx -> tx.tree(TREE).put(9L, new byte[9])));
    while (later.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    user.commit();
    drops.join();
    later.join();
    assertEquals(1, count());
    assertNotNull(store.<byte[], RuntimeException>read(tx -> tx.tree(TREE).find(9L).orElseThrow()));
  }

  private static void awaitWaiter(WriteTx owner, Thread waiter) {
    while (Waiters.of(owner) == 0) {
      assertTrue(waiter.isAlive(), "it has not waited");
      Thread.onSpinWait();
    }
  }

  @Test
  void aTreeWithKeysOfATransactionInDoubtIsNotDropped() {
    fill();
    WriteTx prepared = store.beginWrite();
    prepared.tree(TREE).put(1L, new byte[1]);
    assertTrue(prepared.prepare(new byte[] {1}));
    assertThrows(ConflictException.class, () -> drop(store.beginWrite()));
    store.rollbackPrepared(store.listPrepared().getFirst().id());
    store.write(tx -> assertTrue(tx.dropTree("t")));
    assertEquals(0, count());
  }

  /** From prepare to decision nobody commits into what was read, by dropping it neither. */
  @Test
  void aDropWaitsForATransactionInDoubtThatHasReadTheTree() throws Exception {
    fill();
    WriteTx prepared = store.beginWrite();
    assertEquals(ENTRIES, prepared.tree(TREE).count());
    prepared.tree(OTHER).put(3L, new byte[3]);
    assertTrue(prepared.prepare(new byte[] {1}));
    Thread drops = Thread.ofPlatform().start(() -> store.write(tx -> tx.dropTree("t")));
    awaitWaiter(prepared, drops);
    assertEquals(ENTRIES, count());
    store.commitPrepared(store.listPrepared().getFirst().id());
    drops.join();
    assertEquals(0, count());
  }

  private static void drop(WriteTx tx) {
    try (tx) {
      tx.dropTree("t");
    }
  }

  @Test
  void aCommittedDropIsFreedByTheNextOpeningAndALostOneIsUndone() {
    long before = pages();
    fill();
    long full = pages();
    for (boolean commits : new boolean[] {false, true}) {
      ReadTx keeps = store.beginRead();
      assertEquals(ENTRIES, keeps.tree(TREE).count());
      WriteTx tx = store.beginWrite();
      assertTrue(tx.dropTree("t"));
      if (commits) {
        tx.commit();
      }
      store.engine().log().forceAll();
      store.abandon();
      store = Store.open(dir, IsolationFixture.INLINE);
      assertEquals(commits ? 0 : ENTRIES, count());
      store.engine().restart().await();
      assertEquals(commits ? before : full, pages());
      assertSound();
    }
    assertNull(store.parts().catalog().entry("t"));
  }

  /** As any read of what is acknowledged: a crash could still take the drop back. */
  @Test
  void aSingleGetSeesNoDropThatIsNotAcknowledged() {
    fill();
    WriteTx drop = store.beginWrite();
    assertTrue(drop.dropTree("t"));
    drop.commitAsync();
    assertArrayEquals(new byte[50], store.get(TREE, 2L));
    WriteTx again = store.beginWrite();
    again.tree(TREE); // made anew
    assertArrayEquals(new byte[50], store.get(TREE, 2L));
    again.rollback();
    store.engine().log().forceAll();
    assertNull(store.get(TREE, 2L));
  }

  /** Its snapshot was given up while it read: the pages of the tree have another use by now. */
  @Test
  void aReaderOfAFreedTreeIsToldOfItsSnapshotAndNotOfDamage() {
    fill();
    BTree tree = Objects.requireNonNull(store.parts().catalog().open(TREE));
    store.write(tx -> assertTrue(tx.dropTree("t")));
    pages();
    fill(); // into the same pages
    Viewer givenUp =
        (Viewer)
            Proxy.newProxyInstance(
                Viewer.class.getClassLoader(),
                new Class<?>[] {Viewer.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("check")) {
                    throw new SnapshotTooOldException("given up");
                  }
                  return method.getReturnType() == long.class ? 0L : null;
                });
    TreeReader reader = store.parts().reader();
    byte[] key = Codecs.INT64.encode(2L);
    assertThrows(SnapshotTooOldException.class, () -> reader.get(givenUp, tree, key));
    TreeReader.Position from = new TreeReader.Position(key, true);
    assertThrows(
        SnapshotTooOldException.class, () -> reader.leaf(givenUp, tree, from, true, null, true));
    RangeScan.Bounds bounds = new RangeScan.Bounds(key, true, null, true, true);
    try (ByteScan scan = new ByteScan(givenUp, reader, tree, bounds)) {
      assertThrows(SnapshotTooOldException.class, scan::read);
    }
  }

  /**
   * The look ahead of a long scan reads a node above the leaves, before the leaf itself is read.
   */
  @Test
  void aScanThatLooksAheadInAFreedTreeIsToldOfItsSnapshot() {
    store.close();
    store = Store.open(dir, TestPages.OPTIONS); // only with threads is anything read ahead
    fill();
    BTree tree = Objects.requireNonNull(store.parts().catalog().open(TREE));
    boolean[] givenUp = {false};
    Viewer sees = (Viewer) store.beginRead();
    Viewer viewer =
        (Viewer)
            Proxy.newProxyInstance(
                Viewer.class.getClassLoader(),
                new Class<?>[] {Viewer.class},
                (proxy, method, arguments) -> {
                  if (!method.getName().equals("check")) {
                    return method.getName().equals("enter") ? null : method.invoke(sees, arguments);
                  }
                  if (givenUp[0]) {
                    throw new SnapshotTooOldException("given up");
                  }
                  return null;
                });
    byte[] first = Codecs.INT64.encode(Long.MIN_VALUE);
    RangeScan<Long, byte[]> scan =
        new RangeScan<>(
            viewer,
            store.parts().reader(),
            tree,
            TREE,
            new RangeScan.Bounds(first, true, null, true, true));
    int leaf =
        store
            .parts()
            .reader()
            .leaf(viewer, tree, new TreeReader.Position(first, true), true, null, true)
            .entries()
            .size();
    for (long i = 0; i < leaf + 1; i++) {
      scan.next(); // into the second leaf: the third is the first that is looked ahead from
    }
    ((ReadTx) sees).close();
    store.write(tx -> assertTrue(tx.dropTree("t")));
    pages();
    while (store.parts().catalog().byId(tree.treeId()) != null) {
      Thread.onSpinWait();
    }
    fill(); // into the same pages
    givenUp[0] = true;
    assertThrows(SnapshotTooOldException.class, () -> scan.countRemaining());
  }
}
