package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.kv.btree.BTree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a rollback, whole, in part or cut off, leaves to others. */
final class RollbackTest {
  private static final TreeDef<String, byte[]> FIRST =
      TreeDef.of("first", Codecs.UTF_8, Codecs.BYTES);
  private static final TreeDef<String, byte[]> SECOND =
      TreeDef.of("second", Codecs.UTF_8, Codecs.BYTES);
  private static final byte[] OLD = {1};
  private static final byte[] NEW = {2};
  private static final int KEYS = 800;

  /** No background work: the housekeeper works when a transaction ends, or is told to. */
  private static final StoreOptions INLINE =
      TestPages.OPTIONS
          .withEngine(TestPages.OPTIONS.engine().withBackground(false))
          .withConflictWait(Duration.ofMillis(50));

  @TempDir Path dir;

  @Test
  void aChainWhoseReplacementWasRolledBackIsNotFreedAfterTheCommit() {
    byte[] large = new byte[100_000];
    try (Store store = Store.open(dir, INLINE)) {
      put(store, FIRST, "k", large);
      ReadTx reader = store.beginRead();
      try (WriteTx partly = store.beginWrite()) {
        Tree<String, byte[]> tree = partly.tree(FIRST);
        tree.put("other", OLD);
        Savepoint savepoint = partly.savepoint();
        tree.put("k", NEW);
        partly.rollbackTo(savepoint);
        partly.commit();
      }
      try (WriteTx later = store.beginWrite()) {
        later.tree(FIRST).put("k", NEW);
        reader.close();
        store.parts().housekeeper().workOff();
        later.rollback();
      }
      assertArrayEquals(large, get(store, FIRST, "k"));
      assertSound(store);
    }
  }

  @Test
  void keysStayOwnedWhileADamagedPageKeepsTheRollbackFromEnding() {
    Store store = Store.open(dir, INLINE);
    put(store, FIRST, "k", OLD);
    put(store, SECOND, "k", OLD);
    WriteTx tx = store.beginWrite();
    tx.tree(FIRST).put("k", NEW);
    tx.tree(SECOND).put("k", NEW);
    damage(store, SECOND);
    assertThrows(CorruptionException.class, tx::rollback);
    assertArrayEquals(OLD, get(store, FIRST, "k"));
    assertThrows(ConflictException.class, () -> store.beginWrite().tree(FIRST).put("k", OLD));
    assertThrows(ClosedException.class, tx::commit);
    store.close();
    Store.open(dir, INLINE).close(); // closing let go of everything
  }

  @Test
  void aTransactionThatCouldNotRollBackToItsSavepointCannotCommit() {
    Store store = Store.open(dir, INLINE);
    put(store, SECOND, "k", OLD);
    WriteTx tx = store.beginWrite();
    Savepoint savepoint = tx.savepoint();
    tx.tree(SECOND).put("k", NEW);
    tx.tree(FIRST).put("k", NEW);
    damage(store, SECOND);
    assertThrows(CorruptionException.class, () -> tx.rollbackTo(savepoint));
    assertThrows(ClosedException.class, tx::commit);
    store.abandon();
  }

  @Test
  void afterAHaltNobodySeesWhatWasNotCommittedAndNobodyWaitsForIt() throws Exception {
    Store store = Store.open(dir, TestPages.OPTIONS.withConflictWait(Duration.ofHours(1)));
    put(store, FIRST, "k", OLD);
    WriteTx tx = store.beginWrite();
    tx.tree(FIRST).put("k", NEW);
    WriteTransaction waiter = (WriteTransaction) store.beginWrite();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<?> waiting = thread.submit(() -> waiter.tree(FIRST).put("k", NEW));
      while (Waiters.waitedForBy(waiter) == null) {
        Thread.onSpinWait();
      }
      store.engine().log().gate().halt(new IllegalStateException("a test"));
      tx.close();
      assertArrayEquals(OLD, get(store, FIRST, "k"));
      ExecutionException refused =
          assertTimeoutPreemptively(
              Duration.ofMinutes(2), () -> assertThrows(ExecutionException.class, waiting::get));
      assertInstanceOf(EngineHaltedException.class, refused.getCause());
    }
    store.close();
  }

  @Test
  void aClosingStoreDoesNotWaitForThoseWhoWait() throws Exception {
    Store store = Store.open(dir, TestPages.OPTIONS.withConflictWait(Duration.ofHours(1)));
    WriteTransaction waiter = (WriteTransaction) store.beginWrite();
    WriteTx owner = store.beginWrite();
    owner.tree(FIRST).put("k", NEW);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<?> waiting = thread.submit(() -> waiter.tree(FIRST).put("k", NEW));
      while (Waiters.waitedForBy(waiter) == null) {
        Thread.onSpinWait();
      }
      assertTimeoutPreemptively(Duration.ofMinutes(2), store::close);
      assertThrows(ExecutionException.class, waiting::get);
    }
  }

  @Test
  void aScanDoesNotShowWhatItsTransactionHasRolledBackSince() {
    try (Store store = Store.open(dir, INLINE)) {
      put(store, FIRST, "z", OLD);
      try (WriteTx tx = store.beginWrite()) {
        Tree<String, byte[]> tree = tx.tree(FIRST);
        Savepoint savepoint = tx.savepoint();
        tree.put("a", new byte[50_000]);
        tree.put("b", new byte[50_000]);
        Iterator<Map.Entry<String, byte[]>> scan = tree.range(KeyRange.all()).iterator();
        assertEquals("a", scan.next().getKey());
        tx.rollbackTo(savepoint);
        tree.put("c", new byte[50_000]); // takes the pages of a and b
        assertEquals("c", scan.next().getKey());
        assertEquals("z", scan.next().getKey());
        assertFalse(scan.hasNext());
      }
    }
  }

  @Test
  void aChainIsFreedWhenItsLastReaderLeaves() {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      put(store, FIRST, "k", new byte[100_000]);
      ReadTx reader = store.beginRead();
      put(store, FIRST, "k", OLD);
      reader.close();
      assertTimeoutPreemptively(
          Duration.ofMinutes(2),
          () -> {
            while (store.parts().housekeeper().size() > 0) {
              Thread.onSpinWait();
            }
          });
      assertSound(store);
    }
  }

  @Test
  void aRefusedWaitDoesNotSendTheSearchForDeadlocksInCircles() {
    try (Store store = Store.open(dir, INLINE)) {
      WriteTransaction one = (WriteTransaction) store.beginWrite();
      WriteTransaction other = (WriteTransaction) store.beginWrite();
      one.tree(FIRST).put("k", NEW);
      // What stands while the younger of a deadlock has been refused and has not woken yet.
      one.waiting().waitsFor = other;
      other.waiting().waitsFor = one;
      other.waiting().refused = true;
      try (WriteTx third = store.beginWrite()) {
        assertTimeoutPreemptively(
            Duration.ofMinutes(2),
            () -> assertThrows(ConflictException.class, () -> third.tree(FIRST).put("k", NEW)));
      }
      one.waiting().waitsFor = null;
      other.waiting().waitsFor = null;
    }
  }

  @Test
  void ghostsThatACrashLeftMakeRoomBeforeALeafIsSplit() {
    long pages = 0;
    for (int round = 0; round < 4; round++) {
      try (Store store = Store.open(dir, INLINE)) {
        int suffix = round;
        store.write(
            tx -> {
              for (int i = 0; i < KEYS; i++) {
                tx.tree(FIRST).put("k%05d-%d".formatted(i * 7 % KEYS, suffix), new byte[40]);
              }
            });
        if (round == 0) {
          pages = store.stats().allocatedPages();
        }
        assertEquals((long) KEYS, store.<Long, RuntimeException>read(tx -> tx.tree(FIRST).count()));
        assertTrue(store.stats().allocatedPages() <= 2 * pages, "grows in round " + round);
        deleteAsIfNobodyCameToPurge(store, suffix);
        assertSound(store);
        store.engine().log().forceAll();
        store.abandon();
      }
    }
  }

  private static void deleteAsIfNobodyCameToPurge(Store store, int suffix) {
    BTree tree = Objects.requireNonNull(store.parts().catalog().open(FIRST));
    dev.redoubt.recovery.Transaction tx = store.engine().begin();
    for (int i = 0; i < KEYS; i++) {
      byte[] key = Codecs.UTF_8.encode("k%05d-%d".formatted(i, suffix));
      tree.delete(tx, key, cell -> BTree.Before.AS_IT_IS);
    }
    tx.commit();
    tx.end();
  }

  private static void damage(Store store, TreeDef<?, ?> definition) {
    BTree tree = Objects.requireNonNull(store.parts().catalog().open(definition));
    store.engine().pool().flushAll();
    store.engine().pool().refuse(tree.rootPageId(), new CorruptionException("a test"));
  }

  private static void put(Store store, TreeDef<String, byte[]> tree, String key, byte[] value) {
    store.write(tx -> tx.tree(tree).put(key, value));
  }

  private static byte[] get(Store store, TreeDef<String, byte[]> tree, String key) {
    return store.read(tx -> Objects.requireNonNull(tx.tree(tree).get(key)));
  }

  private static void assertSound(Store store) {
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }
}
