package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.recovery.EngineOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  private static final TreeDef<String, Long> ACCOUNTS =
      TreeDef.of("accounts", Codecs.UTF_8, Codecs.INT64);
  private static final TreeDef<byte[], byte[]> BLOBS = TreeDef.raw("blobs");

  @TempDir Path dir;

  @Test
  void whatWasCommittedIsThereAfterCloseAndAfterACrash() {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(
          tx -> {
            Tree<String, Long> accounts = tx.tree(ACCOUNTS);
            accounts.put("ann", 70L);
            accounts.put("bob", 30L);
          });
    }
    Store crashing = Store.open(dir, TestPages.OPTIONS);
    assertTrue(crashing.lastRecovery().clean());
    assertEquals(
        70L, crashing.<@Nullable Long, RuntimeException>read(tx -> tx.tree(ACCOUNTS).get("ann")));
    crashing.write(tx -> tx.tree(ACCOUNTS).put("ann", 71L));
    WriteTx loser = crashing.beginWrite();
    loser.tree(ACCOUNTS).put("bob", 31L);
    crashing.engine().log().forceAll();
    crashing.abandon();
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      assertFalse(store.lastRecovery().clean());
      assertEquals(1, store.lastRecovery().losers());
      assertEquals(List.of(71L, 30L), values(store));
      assertSound(store);
    }
  }

  @Test
  void aTransactionThatThrowsLeavesNothing() {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      assertThrows(
          ArithmeticException.class,
          () ->
              store.write(
                  tx -> {
                    tx.tree(ACCOUNTS).put("ann", 1L);
                    throw new ArithmeticException("no");
                  }));
      assertEquals(List.of(), values(store));
      assertSound(store);
    }
  }

  @Test
  void savepointsNestAndRollBackPartly() {
    try (Store store = Store.open(dir, TestPages.OPTIONS);
        WriteTx tx = store.beginWrite()) {
      Tree<String, Long> accounts = tx.tree(ACCOUNTS);
      accounts.put("ann", 1L);
      Savepoint outer = tx.savepoint();
      accounts.put("ann", 2L);
      Savepoint inner = tx.savepoint();
      accounts.remove("ann");
      accounts.put("bob", 3L);
      tx.rollbackTo(inner);
      assertEquals(2L, accounts.get("ann"));
      assertNull(accounts.get("bob"));
      tx.rollbackTo(outer);
      assertEquals(1L, accounts.get("ann"));
      tx.commit();
      assertEquals(List.of(1L), values(store));
    }
  }

  @Test
  void othersSeeTheCommittedStateUntilTheCommit() {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(
          tx -> {
            tx.tree(ACCOUNTS).put("ann", 1L);
            tx.tree(ACCOUNTS).put("bob", 1L);
          });
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(ACCOUNTS).put("ann", 2L);
        tx.tree(ACCOUNTS).remove("bob");
        tx.tree(ACCOUNTS).put("cid", 2L);
        assertEquals(List.of(1L, 1L), values(store));
        assertEquals(2L, tx.tree(ACCOUNTS).count());
        tx.commit();
      }
      assertEquals(List.of(2L, 2L), values(store));
    }
  }

  @Test
  void aDeadlockIsFoundAtOnceAndTheYoungestIsRefused() throws InterruptedException {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      WriteTx older = store.beginWrite();
      WriteTx younger = store.beginWrite();
      older.tree(ACCOUNTS).put("a", 1L);
      younger.tree(ACCOUNTS).put("b", 2L);
      CountDownLatch done = new CountDownLatch(1);
      Thread waiting =
          Thread.ofPlatform()
              .start(
                  () -> {
                    older.tree(ACCOUNTS).put("b", 1L);
                    older.commit();
                    done.countDown();
                  });
      ConflictException refused =
          assertThrows(ConflictException.class, () -> younger.tree(ACCOUNTS).put("a", 2L));
      assertTrue(refused.isRetryable());
      assertThrows(ConflictException.class, () -> younger.tree(ACCOUNTS).get("b"));
      younger.close();
      done.await();
      waiting.join();
      assertEquals(List.of(1L, 1L), values(store));
    }
  }

  @Test
  void countersOfManyThreadsLoseNoIncrement() throws InterruptedException {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(tx -> tx.tree(ACCOUNTS).put("n", 0L));
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int i = 0; i < 50; i++) {
                        store.write(StoreTest::increment);
                      }
                    }));
      }
      for (Thread each : threads) {
        each.join();
      }
      assertEquals(List.of(200L), values(store));
    }
  }

  private static void increment(WriteTx tx) {
    Tree<String, Long> tree = tx.tree(ACCOUNTS);
    Long before = tree.remove("n");
    tree.put("n", (before == null ? 0 : before) + 1);
  }

  @Test
  void scansGoBothWaysWithinBounds() {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(
          tx -> {
            for (long i = 0; i < 2000; i++) {
              tx.tree(ACCOUNTS).put("k%04d".formatted(i), i);
            }
          });
      store.view(
          tx -> {
            ReadTree<String, Long> tree = tx.tree(ACCOUNTS);
            KeyRange<String> range = KeyRange.between("k0100", "k0200");
            assertEquals(100, tree.count(range));
            assertEquals(100L, tree.range(range).iterator().next().getValue());
            assertEquals(199L, tree.descending(range).iterator().next().getValue());
            List<Long> up =
                StreamSupport.stream(tree.range(KeyRange.all()).spliterator(), false)
                    .map(Map.Entry::getValue)
                    .toList();
            List<Long> down =
                StreamSupport.stream(tree.descending(KeyRange.all()).spliterator(), false)
                    .map(Map.Entry::getValue)
                    .toList();
            assertEquals(2000, up.size());
            assertEquals(up, down.reversed());
            assertEquals(101, tree.count(KeyRange.closed("k0100", "k0200")));
            assertEquals(99, tree.count(KeyRange.lessThan("k0099")));
            assertEquals(100, tree.count(KeyRange.atMost("k0099")));
            assertEquals(1899, tree.count(KeyRange.greaterThan("k0100")));
          });
    }
  }

  @Test
  void aPrefixIsARange() {
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(
          tx -> {
            for (String key : List.of("a", "ab", "abc", "ac", "b", "\uffff", "\uffffx")) {
              tx.tree(ACCOUNTS).put(key, 1L);
            }
            for (byte last : new byte[] {0, 1, -1}) {
              tx.tree(BLOBS).put(new byte[] {-1, last}, new byte[0]);
            }
          });
      store.view(
          tx -> {
            assertEquals(2, tx.tree(ACCOUNTS).count(KeyRange.startingWith("ab")));
            assertEquals(2, tx.tree(ACCOUNTS).count(KeyRange.startingWith("\uffff")));
            assertEquals(7, tx.tree(ACCOUNTS).count(KeyRange.startingWith("")));
            assertEquals(3, tx.tree(BLOBS).count(KeyRange.startingWith(new byte[] {-1})));
            assertEquals(1, tx.tree(BLOBS).count(KeyRange.startingWith(new byte[] {-1, -1})));
          });
    }
  }

  @Test
  void aTransactionUsedByTwoThreadsAtOnceSaysSo() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch tried = new CountDownLatch(1);
    Codec<String> slow =
        new Codec<>() {
          @Override
          public String name() {
            return "utf-8";
          }

          @Override
          public byte[] encode(String value) {
            return Codecs.UTF_8.encode(value);
          }

          @Override
          public String decode(byte[] bytes) {
            inside.countDown();
            try {
              tried.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return Codecs.UTF_8.decode(bytes);
          }

          @Override
          public Comparator<String> comparator() {
            return Codecs.UTF_8.comparator();
          }
        };
    TreeDef<String, String> tree = TreeDef.of("slow", Codecs.UTF_8, slow);
    try (Store store = Store.open(dir, TestPages.OPTIONS);
        WriteTx tx = store.beginWrite()) {
      tx.tree(tree).put("a", "b");
      Thread reading = Thread.ofPlatform().start(() -> tx.tree(tree).first());
      inside.await();
      assertThrows(IllegalStateException.class, () -> tx.tree(tree).put("c", "d"));
      assertThrows(IllegalStateException.class, tx::commit);
      tried.countDown();
      reading.join();
      tx.commit();
    }
  }

  @Test
  void aValueThatIsTooLargeIsRefusedAndTheTransactionLives() {
    Codec<byte[]> asItIs = new PlainCodec();
    TreeDef<byte[], byte[]> tree = TreeDef.of("large", Codecs.BYTES, asItIs);
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(
          tx -> {
            byte[] value = new byte[Limits.under(1L << 30).maxValueBytes() + 1];
            assertThrows(TooLargeException.class, () -> tx.tree(tree).put(new byte[] {1}, value));
            tx.tree(tree).put(new byte[] {2}, new byte[] {3});
          });
      store.view(tx -> assertEquals(1, tx.tree(tree).count()));
    }
  }

  /** Copies nothing, so that a very large value fits the heap of a test. */
  private static final class PlainCodec implements Codec<byte[]> {
    @Override
    public String name() {
      return "plain";
    }

    @Override
    public byte[] encode(byte[] value) {
      return value;
    }

    @Override
    public byte[] decode(byte[] bytes) {
      return bytes;
    }

    @Override
    public Comparator<byte[]> comparator() {
      return Codecs.BYTES.comparator();
    }
  }

  @Test
  void largeValuesComeBackAndTheirSpaceIsReused() {
    byte[] large = new byte[3_000_000];
    new Random(7).nextBytes(large);
    byte[] key = {1};
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(tx -> tx.tree(BLOBS).put(key, large));
      assertArrayEquals(
          large, store.<byte @Nullable [], RuntimeException>read(tx -> tx.tree(BLOBS).get(key)));
      long once = store.stats().allocatedPages();
      for (int i = 0; i < 5; i++) {
        large[0]++;
        store.write(tx -> tx.tree(BLOBS).put(key, large));
        assertSound(store);
      }
      assertTrue(store.stats().allocatedPages() <= 2 * once, "chains are freed after commit");
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(BLOBS).put(key, new byte[1_000_000]);
        tx.rollback();
      }
      assertArrayEquals(
          large, store.<byte @Nullable [], RuntimeException>read(tx -> tx.tree(BLOBS).get(key)));
      assertSound(store);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // a null value is the misuse
  void misuseIsAnErrorThatNamesIt() throws InterruptedException {
    EngineOptions opensOnly = TestPages.OPTIONS.engine().withCreateIfMissing(false);
    StoreOptions existing = TestPages.OPTIONS.withEngine(opensOnly);
    assertThrows(NotAStoreException.class, () -> Store.open(dir.resolve("none"), existing));
    assertThrows(NotAStoreException.class, () -> Store.open(dir, existing));
    Store store = Store.open(dir, TestPages.OPTIONS);
    assertThrows(StoreLockedException.class, () -> Store.open(dir, TestPages.OPTIONS));
    WriteTx tx = store.beginWrite();
    Tree<String, Long> tree = tx.tree(ACCOUNTS);
    assertThrows(TooLargeException.class, () -> tree.put("x".repeat(100_000), 1L));
    assertThrows(NullPointerException.class, () -> tree.put("x", null));
    tree.put("x", 1L);
    tx.commit();
    assertThrows(ClosedException.class, () -> tree.put("y", 1L));
    assertThrows(ClosedException.class, tx::commit);
    assertThrows(
        TreeMismatchException.class, () -> store.write(w -> w.tree(TreeDef.raw("accounts"))));
    store.close();
    assertThrows(ClosedException.class, store::beginWrite);
    assertThrows(ClosedException.class, () -> store.view(r -> {}));
    store.close();
  }

  private static List<Long> values(Store store) {
    return store.read(tx -> tx.tree(ACCOUNTS).stream().map(Map.Entry::getValue).toList());
  }

  private static void assertSound(Store store) {
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }

  /** In the catalog they would all be one name, and each tree would take the place of another. */
  @Test
  void aTreeNameWithoutUtf8IsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> TreeDef.of("\ud800", Codecs.UTF_8, Codecs.UTF_8));
  }
}
