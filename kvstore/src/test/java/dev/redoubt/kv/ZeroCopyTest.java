package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.EngineOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of keys and values through a callback: what is shown, when, and for how long. */
final class ZeroCopyTest {
  private static final long SEED = 20261128;
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);
  private static final int KEYS = 300;

  private final Store store;
  private final byte[] large = new byte[300_000];

  ZeroCopyTest(@TempDir Path dir) {
    store =
        Store.open(
            dir,
            StoreOptions.defaults()
                .withDurability(Durability.ASYNC)
                .withEngine(EngineOptions.defaults().withPageSize(4096)));
  }

  @BeforeEach
  void fill() {
    new Random(SEED).nextBytes(large);
    store.write(
        tx -> {
          for (long i = 0; i < KEYS; i++) {
            tx.tree(TREE).put(2 * i, value(i));
          }
          tx.tree(TREE).put(100L, large);
        });
  }

  @AfterEach
  void close() {
    assertEquals(0, store.stats().versions().snapshots());
    store.close();
  }

  private static byte[] value(long i) {
    byte[] value = new byte[(int) (i % 50)];
    new Random(i).nextBytes(value);
    return value;
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void aValueIsShownAndThenRefused() throws Exception {
    try (ReadTx tx = store.beginRead();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      List<MemorySegment> kept = new ArrayList<>();
      byte[] seen =
          tx.tree(TREE)
              .readBytes(
                  60L,
                  value -> {
                    kept.add(value);
                    assertTrue(value.isReadOnly());
                    ExecutionException elsewhere =
                        assertThrows(
                            ExecutionException.class, () -> other.submit(() -> bytes(value)).get());
                    assertInstanceOf(WrongThreadException.class, elsewhere.getCause());
                    return bytes(value);
                  });
      assertArrayEquals(value(30), seen);
      assertThrows(IllegalStateException.class, () -> bytes(kept.getFirst()));
      tx.tree(TREE).scanBytes(KeyRange.all(), (key, value) -> kept.add(key) && kept.add(value));
      assertEquals(1 + 2 * KEYS, kept.size());
      for (MemorySegment each : kept) {
        assertFalse(each.scope().isAlive());
      }
    }
  }

  @Test
  void absentKeysAndMissingTreesShowNothing() {
    store.view(
        tx -> {
          ReadTree<Long, byte[]> tree = tx.tree(TREE);
          assertNull(tree.readBytes(61L, ZeroCopyTest::bytes));
          assertEquals(-1, tree.readChunks(61L, (piece, offset, total) -> true));
          ReadTree<Long, byte[]> missing = tx.tree(TreeDef.of("no", Codecs.INT64, Codecs.BYTES));
          assertNull(missing.readBytes(60L, ZeroCopyTest::bytes));
          assertEquals(-1, missing.readChunks(60L, (piece, offset, total) -> true));
          assertEquals(0, missing.scanBytes(KeyRange.all(), (key, value) -> true));
          assertEquals(0, missing.descendBytes(KeyRange.all(), (key, value) -> true));
        });
  }

  @Test
  void largeValuesAreShownWholeOrPieceByPiece() {
    store.view(
        tx -> {
          ReadTree<Long, byte[]> tree = tx.tree(TREE);
          assertArrayEquals(large, tree.readBytes(100L, ZeroCopyTest::bytes));
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          int[] pieces = {0};
          assertEquals(
              large.length,
              tree.readChunks(
                  100L,
                  (piece, offset, total) -> {
                    assertEquals(all.size(), offset);
                    assertEquals(large.length, total);
                    all.writeBytes(bytes(piece));
                    pieces[0]++;
                    return true;
                  }));
          assertArrayEquals(large, all.toByteArray());
          assertTrue(pieces[0] > 50, "a page at a time: " + pieces[0]);
          assertEquals(
              large.length, tree.readChunks(100L, (piece, offset, total) -> offset < 9000));
          byte[] inLeaf = value(30);
          assertEquals(
              inLeaf.length,
              tree.readChunks(
                  60L,
                  (piece, offset, total) -> {
                    assertArrayEquals(inLeaf, bytes(piece));
                    return true;
                  }));
        });
  }

  @Test
  void scansShowWhatRangesShow() {
    Random random = new Random(SEED);
    store.view(
        tx -> {
          ReadTree<Long, byte[]> tree = tx.tree(TREE);
          for (int round = 0; round < 60; round++) {
            long from = random.nextInt(-10, 2 * KEYS);
            KeyRange<Long> range =
                new KeyRange<>(
                    from,
                    random.nextBoolean(),
                    from + random.nextInt(2 * KEYS),
                    random.nextBoolean());
            boolean up = random.nextBoolean();
            List<String> expected = new ArrayList<>();
            for (Map.Entry<Long, byte[]> each : up ? tree.range(range) : tree.descending(range)) {
              expected.add(text(each.getKey(), each.getValue()));
            }
            List<String> shown = new ArrayList<>();
            ReadTree.EntryBytes<RuntimeException> body =
                (key, value) -> shown.add(text(Codecs.INT64.decode(bytes(key)), bytes(value)));
            long count = up ? tree.scanBytes(range, body) : tree.descendBytes(range, body);
            assertEquals(expected, shown, () -> range + ", seed " + SEED);
            assertEquals(expected.size(), count);
          }
        });
  }

  private static String text(long key, byte[] value) {
    return key + " " + value.length + " " + java.util.Arrays.hashCode(value);
  }

  /** With a latch held, the writer would wait for ever. */
  @Test
  void othersWriteAndSplitTheLeafWhileItIsShown() {
    try (ReadTx tx = store.beginRead()) {
      ReadTree<Long, byte[]> tree = tx.tree(TREE);
      long[] last = {-1};
      long shown =
          tree.scanBytes(
              KeyRange.all(),
              (key, value) -> {
                long here = Codecs.INT64.decode(bytes(key));
                assertTrue(here > last[0]);
                last[0] = here;
                if (here % 50 == 0) {
                  store.write(
                      each -> {
                        for (int i = 0; i < 20; i++) {
                          each.tree(TREE).put(here + 1, new byte[700]);
                          each.tree(TREE).put(here, new byte[700 + i]);
                        }
                      });
                }
                return true;
              });
      assertEquals(KEYS, shown);
      tree.readBytes(
          100L,
          value -> {
            store.write(each -> each.tree(TREE).remove(100L));
            return assertEqual(large, bytes(value));
          });
    }
  }

  /** Another thread may use the transaction meanwhile, so its user is not inside. */
  @Test
  void theTransactionIsNotHeldWhileUserCodeRuns() throws Exception {
    try (WriteTx tx = store.beginWrite();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Tree<Long, byte[]> tree = tx.tree(TREE);
      Callable<byte[]> elsewhere = () -> other.submit(() -> tree.get(60L)).get();
      assertArrayEquals(value(30), tree.readBytes(100L, value -> elsewhere.call()));
      assertEquals(
          large.length,
          tree.readChunks(100L, (piece, offset, total) -> elsewhere.call().length < 0));
      assertEquals(
          1, tree.scanBytes(KeyRange.atLeast(100L), (key, value) -> elsewhere.call().length < 0));
    }
  }

  private static boolean assertEqual(byte[] expected, byte[] found) {
    assertArrayEquals(expected, found);
    return true;
  }

  /** A leaf keeps what its keys share once; shown, its entries take many times its size. */
  @Test
  void leavesOfLongKeysAreShownInSeveralParts() {
    TreeDef<byte[], byte[]> longKeys = TreeDef.raw("long keys");
    store.write(
        tx -> {
          List<Integer> order = new ArrayList<>(IntStream.range(0, 100).boxed().toList());
          Collections.shuffle(order, new Random(SEED)); // leaves in the middle have both fences
          for (int i : order) {
            byte[] key = new byte[1000];
            key[999] = (byte) i;
            tx.tree(longKeys).put(key, new byte[] {(byte) i});
          }
        });
    store.view(
        tx -> {
          List<Integer> up = new ArrayList<>();
          List<Integer> down = new ArrayList<>();
          ReadTree<byte[], byte[]> tree = tx.tree(longKeys);
          tree.scanBytes(KeyRange.all(), (key, value) -> up.add(last(key) + 1000 * last(value)));
          tree.descendBytes(
              KeyRange.all(), (key, value) -> down.add(last(key) + 1000 * last(value)));
          assertEquals(IntStream.range(0, 100).mapToObj(i -> 1001 * i).toList(), up);
          assertEquals(up, down.reversed());
        });
  }

  private static int last(MemorySegment bytes) {
    return bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1);
  }

  /** Leaves that split and merge, and keys with versions, in front of the scan and behind it. */
  @Test
  void aScanShowsItsSnapshotWhateverIsWrittenMeanwhile() {
    Random random = new Random(SEED);
    for (int round = 0; round < 12; round++) {
      try (ReadTx tx = store.beginRead()) {
        ReadTree<Long, byte[]> tree = tx.tree(TREE);
        List<String> expected = new ArrayList<>();
        for (Map.Entry<Long, byte[]> each : tree.range(KeyRange.all())) {
          expected.add(text(each.getKey(), each.getValue()));
        }
        boolean up = round % 2 == 0;
        List<String> shown = new ArrayList<>();
        ReadTree.EntryBytes<RuntimeException> body =
            (key, value) -> {
              shown.add(text(Codecs.INT64.decode(bytes(key)), bytes(value)));
              if (random.nextInt(8) == 0) {
                store.write(each -> change(each.tree(TREE), random));
              }
              return true;
            };
        long count =
            up ? tree.scanBytes(KeyRange.all(), body) : tree.descendBytes(KeyRange.all(), body);
        assertEquals(expected, up ? shown : shown.reversed(), "seed " + SEED + ", " + round);
        assertEquals(expected.size(), count);
      }
    }
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }

  private static void change(Tree<Long, byte[]> tree, Random random) {
    long from = random.nextInt(2 * KEYS);
    boolean remove = random.nextBoolean();
    for (long key = from; key < from + 20; key++) {
      if (remove) {
        tree.remove(key);
      } else {
        tree.put(key, new byte[random.nextInt(1000)]);
      }
    }
    tree.put(from, new byte[random.nextInt(3) * 3000]); // some lie in chains of their own
  }

  @Test
  void theCallbackMeetsWhatItWritesItself() {
    try (WriteTx tx = store.beginWrite()) {
      Tree<Long, byte[]> tree = tx.tree(TREE);
      List<Long> keys = new ArrayList<>();
      tree.scanBytes(
          KeyRange.closed(0L, 9L),
          (key, value) -> {
            long here = Codecs.INT64.decode(bytes(key));
            keys.add(here);
            if (here == 2) {
              tree.put(3L, new byte[1]);
              tree.remove(4L);
            }
            return true;
          });
      assertEquals(List.of(0L, 2L, 3L, 6L, 8L), keys);
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class,
              () ->
                  tree.readChunks(
                      100L,
                      (piece, offset, total) -> {
                        tree.put(100L, new byte[1]);
                        return true;
                      }));
      assertTrue(String.valueOf(refused.getMessage()).contains("written"), refused::toString);
    }
  }

  @Test
  void aTransactionThatEndsInTheCallbackIsRefusedAfterIt() {
    WriteTx tx = store.beginWrite();
    Tree<Long, byte[]> tree = tx.tree(TREE);
    assertThrows(
        ClosedException.class,
        () ->
            tree.scanBytes(
                KeyRange.all(),
                (key, value) -> {
                  tx.close();
                  return true;
                }));
    assertThrows(ClosedException.class, () -> tree.readBytes(0L, ZeroCopyTest::bytes));
    ReadTx reader = store.beginRead();
    assertThrows(
        ClosedException.class,
        () ->
            reader
                .tree(TREE)
                .readChunks(
                    100L,
                    (piece, offset, total) -> {
                      reader.close();
                      return true;
                    }));
  }

  @Test
  void whatTheCallbackThrowsPassesThrough() {
    store.view(
        tx -> {
          ReadTree<Long, byte[]> tree = tx.tree(TREE);
          IOException thrown = new IOException("mine");
          assertEquals(
              thrown,
              assertThrows(
                  IOException.class,
                  () ->
                      tree.readBytes(
                          0L,
                          value -> {
                            throw thrown;
                          })));
          assertEquals(
              thrown,
              assertThrows(
                  IOException.class,
                  () ->
                      tree.scanBytes(
                          KeyRange.all(),
                          (key, value) -> {
                            throw thrown;
                          })));
        });
  }

  @Test
  void whatWasShownCountsAsRead() {
    assertConflicts(61, true, tree -> tree.readBytes(61L, ZeroCopyTest::bytes));
    assertConflicts(63, true, tree -> tree.readChunks(63L, (piece, offset, total) -> true));
    assertConflicts(11, true, tree -> tree.scanBytes(KeyRange.atLeast(10L), (k, v) -> ends(k, 12)));
    assertConflicts(
        13, false, tree -> tree.scanBytes(KeyRange.atLeast(10L), (k, v) -> ends(k, 12)));
    assertConflicts(
        17, true, tree -> tree.descendBytes(KeyRange.atMost(20L), (k, v) -> ends(k, 16)));
    assertConflicts(
        15, false, tree -> tree.descendBytes(KeyRange.atMost(20L), (k, v) -> ends(k, 16)));
  }

  private static boolean ends(MemorySegment key, long last) {
    return Codecs.INT64.decode(bytes(key)) != last;
  }

  private interface Reading {
    void run(Tree<Long, byte[]> tree);
  }

  private void assertConflicts(long key, boolean conflicts, Reading reading) {
    try (WriteTx tx = store.beginWrite()) {
      Tree<Long, byte[]> tree = tx.tree(TREE);
      reading.run(tree);
      tree.put(-5L, new byte[1]);
      store.write(each -> each.tree(TREE).put(key, new byte[1]));
      if (conflicts) {
        assertThrows(ConflictException.class, tx::commit);
      } else {
        tx.commit();
      }
    }
  }

  @Test
  void aScanHasOneLargeValueInMemoryAtATime() {
    store.write(
        tx -> {
          for (long i = 1; i < 20; i += 2) {
            tx.tree(TREE).put(100 + i, large);
          }
        });
    List<MemorySegment> kept = new ArrayList<>();
    store.view(
        tx ->
            tx.tree(TREE)
                .scanBytes(
                    KeyRange.atLeast(100L),
                    (key, value) -> {
                      assertTrue(kept.stream().noneMatch(each -> each.scope().isAlive()));
                      return value.byteSize() < large.length || kept.add(value);
                    }));
    assertEquals(11, kept.size());
  }
}
