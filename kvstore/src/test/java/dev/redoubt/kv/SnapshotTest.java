package dev.redoubt.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.kv.btree.BTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long versions are kept, and what a snapshot sees through everything that moves cells. */
final class SnapshotTest {
  private static final TreeDef<String, byte[]> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.BYTES);
  private static final long SEED = 20_261_123L;
  private static final long BUDGET = 1 << 18;
  private static final StoreOptions INLINE =
      TestPages.OPTIONS.withEngine(
          TestPages.OPTIONS.engine().withPageSize(4096).withBackground(false));

  @TempDir Path dir;

  @Test
  void snapshotsOfEveryAgeSeeTheirStateThroughSplitsMergesGhostsAndRollbacks() {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<String, Integer> model = new TreeMap<>();
    List<ReadTx> readers = new ArrayList<>();
    List<Map<String, Integer>> expected = new ArrayList<>();
    try (Store store = Store.open(dir, INLINE)) {
      for (int round = 0; round < 400; round++) {
        change(store, random, model);
        if (random.nextInt(4) == 0) {
          readers.add(store.beginRead());
          expected.add(new TreeMap<>(model));
        }
        if (readers.size() > 12) {
          int leaving = random.nextInt(readers.size());
          readers.remove(leaving).close();
          expected.remove(leaving);
        }
        if (!readers.isEmpty()) {
          int one = random.nextInt(readers.size());
          assertSees(expected.get(one), readers.get(one), random);
        }
      }
      for (int i = 0; i < readers.size(); i++) {
        assertSees(expected.get(i), readers.get(i), random);
        readers.get(i).close();
      }
      assertNothingKept(store);
      BTree tree = Objects.requireNonNull(store.parts().catalog().open(TREE));
      int[] ghosts = {0};
      byte[] from = new byte[0];
      while (from != null) {
        from =
            tree.visitLeaf(
                from,
                true,
                true,
                (key, cell) -> {
                  ghosts[0] += cell.ghost() ? 1 : 0;
                  return true;
                });
      }
      assertEquals(0, ghosts[0], "every ghost has been purged, seed " + SEED);
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  /**
   * <em>A dead node in the old generation kept every younger one alive until that was cleared.</em>
   */
  @Test
  void commitsThatHaveBeenReclaimedLeadToNoYoungerOne() {
    try (Store store = Store.open(dir, INLINE)) {
      store.write(tx -> tx.tree(TREE).put("k", new byte[] {0}));
      WriteSet early = store.parts().commits().last();
      for (byte i = 1; i < 4; i++) {
        byte[] value = {i};
        store.write(tx -> tx.tree(TREE).put("k", value));
      }
      WriteSet late = store.parts().commits().last();
      assertNull(early.next);
      assertEquals(late.commitTs(), store.parts().versions().reclaimedTo());
      try (WriteTx reader = store.beginWrite()) {
        reader.tree(TREE).get("k");
        for (byte i = 4; i < 8; i++) {
          byte[] value = {i};
          store.write(tx -> tx.tree(TREE).put("k", value));
        }
        assertNotNull(late.next, "the reader is yet to validate what came behind its snapshot");
        reader.tree(TREE).put("other", new byte[] {1});
        assertThrows(ConflictException.class, reader::commit);
      }
    }
  }

  /**
   * It needs what was there before the first change of each key. <em>All commits since were kept in
   * their order behind that, and a snapshot was given up within seconds under load.</em>
   */
  @Test
  void aSnapshotThatIsHeldForLongKeepsOneVersionOfAKeyHoweverOftenThatChanges() {
    StoreOptions options =
        INLINE.withDurability(Durability.ASYNC).withVersionBudgetBytes(4 * BUDGET);
    try (Store store = Store.open(dir, options)) {
      store.write(tx -> putAll(tx, 0));
      long most = 0;
      try (ReadTx reader = store.beginRead(ReadPoint.DURABLE)) {
        for (int round = 1; round <= 2000; round++) {
          int now = round;
          store.write(tx -> putAll(tx, now));
          if (round % 100 == 0) {
            store.engine().log().forceAll();
          }
          most = Math.max(most, store.stats().versions().keptBytes());
        }
        VersionStats kept = store.stats().versions();
        assertEquals(0, kept.snapshotsGivenUp(), kept::toString);
        assertTrue(most < 4 * BUDGET, "kept at most " + most + " of 2000 x 20 x 170 bytes");
        for (Map.Entry<String, byte[]> each : reader.tree(TREE).range(KeyRange.all())) {
          assertEquals(0, new String(each.getValue(), UTF_8).length(), each.getKey());
        }
      }
      store.engine().log().forceAll();
      assertNothingKept(store);
    }
  }

  /**
   * With all threads: whoever reads walks over chains that are thinned out meanwhile. So many
   * transfers that what an old snapshot needs of puts above increments fits, however fast the
   * machine.
   */
  @Test
  void sumsHoldInEverySnapshotWhileTheCommitListIsThinnedOut() throws Exception {
    TreeDef<Integer, Long> accounts = TreeDef.of("accounts", Codecs.INT32, Codecs.INT64);
    StoreOptions options =
        TestPages.OPTIONS.withDurability(Durability.ASYNC).withVersionBudgetBytes(64 * BUDGET);
    try (Store store = Store.open(dir, options);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      store.write(tx -> IntStream.range(0, 40).forEach(i -> tx.tree(accounts).put(i, 100L)));
      AtomicBoolean over = new AtomicBoolean();
      List<Future<?>> writers = new ArrayList<>();
      List<Future<?>> readers = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        SplittableRandom random = new SplittableRandom(SEED + t);
        writers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 15_000 && !over.get(); i++) {
                    int from = random.nextInt(40);
                    int to = random.nextInt(40);
                    boolean byAdding = random.nextInt(4) == 0;
                    store.write(tx -> move(tx.tree(accounts), from, to, byAdding));
                  }
                }));
        readers.add(
            threads.submit(
                () -> {
                  while (!over.get()) {
                    assertEquals(
                        4000L, store.<Long, RuntimeException>read(tx -> sum(tx, accounts)));
                  }
                }));
      }
      try (ReadTx old = store.beginRead()) {
        assertEquals(4000L, sum(old, accounts));
        List<Map.Entry<Integer, Long>> then = old.tree(accounts).stream().toList();
        while (!writers.stream().allMatch(Future::isDone)) {
          assertEquals(then, old.tree(accounts).stream().toList());
        }
        assertEquals(then, old.tree(accounts).stream().toList());
        VersionStats kept = store.stats().versions();
        assertEquals(0, kept.snapshotsGivenUp(), kept::toString);
      } finally {
        over.set(true);
      }
      for (Future<?> each : writers) {
        each.get();
      }
      for (Future<?> each : readers) {
        each.get();
      }
      store.engine().log().forceAll();
      assertNothingKept(store);
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  private static void move(Tree<Integer, Long> accounts, int from, int to, boolean byAdding) {
    if (byAdding) {
      accounts.add(from, -1);
      accounts.add(to, 1);
    } else if (from != to) {
      Long one = Objects.requireNonNull(accounts.get(from));
      Long other = Objects.requireNonNull(accounts.getForUpdate(to));
      accounts.put(from, one - 1);
      accounts.put(to, other + 1);
    }
  }

  private static long sum(ReadTx tx, TreeDef<Integer, Long> accounts) {
    return tx.tree(accounts).stream().mapToLong(Map.Entry::getValue).sum();
  }

  private static void putAll(WriteTx tx, int round) {
    byte[] value = round == 0 ? new byte[0] : Integer.toString(round).getBytes(UTF_8);
    for (int i = 0; i < 20; i++) {
      tx.tree(TREE).put("k" + i, value);
    }
  }

  /** Who validates walks on from the commit at its snapshot, which nobody else may need. */
  @Test
  void theCommitListStaysWholeBehindAReadWriteSnapshot() {
    try (Store store = Store.open(dir, INLINE);
        ReadTx old = store.beginRead()) {
      assertEquals(0, old.tree(TREE).count());
      store.write(tx -> putAll(tx, 1));
      store.write(tx -> putAll(tx, 2));
      try (WriteTx writer = store.beginWrite()) {
        assertNotNull(writer.tree(TREE).get("k1"));
        for (int round = 3; round < 6; round++) {
          int now = round;
          store.write(tx -> putAll(tx, now));
        }
        store.parts().versions().thinNow();
        writer.tree(TREE).put("other", new byte[1]);
        assertThrows(ConflictException.class, writer::commit);
      }
    }
  }

  private static void change(Store store, SplittableRandom random, Map<String, Integer> model) {
    Map<String, Integer> after = new TreeMap<>(model);
    try (WriteTx tx = store.beginWrite()) {
      Tree<String, byte[]> tree = tx.tree(TREE);
      some(tree, random, after);
      if (random.nextInt(3) == 0) {
        Savepoint savepoint = tx.savepoint();
        some(tree, random, new TreeMap<>(after));
        tx.rollbackTo(savepoint);
        assertSame(after, tree);
      }
      if (random.nextInt(4) == 0) {
        tx.rollback();
        return;
      }
      tx.commit(random.nextBoolean() ? Durability.SYNC : Durability.ASYNC);
    }
    model.clear();
    model.putAll(after);
  }

  private static void some(
      Tree<String, byte[]> tree, SplittableRandom random, Map<String, Integer> model) {
    int from = random.nextInt(300);
    boolean deletes = random.nextBoolean();
    for (int i = random.nextInt(40); i >= 0; i--) {
      String key = "key%03d".formatted(from + random.nextInt(40));
      if (deletes) {
        tree.remove(key);
        model.remove(key);
      } else {
        int value = random.nextInt(1000);
        tree.put(key, bytes(value));
        model.put(key, value);
      }
    }
  }

  /** A length that tells the number, in chains of pages now and then. */
  private static byte[] bytes(int value) {
    byte[] bytes = new byte[value % 50 == 0 ? 5000 + value : value % 300];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void assertSees(
      Map<String, Integer> expected, ReadTx reader, SplittableRandom random) {
    ReadTree<String, byte[]> tree = reader.tree(TREE);
    assertSame(expected, tree);
    for (int i = 0; i < 20; i++) {
      String key = "key%03d".formatted(random.nextInt(340));
      byte[] seen = tree.get(key);
      Integer wanted = expected.get(key);
      assertTrue(
          wanted == null ? seen == null : Arrays.equals(bytes(wanted), seen), key + " " + SEED);
    }
  }

  private static void assertSame(Map<String, Integer> expected, ReadTree<String, byte[]> tree) {
    List<String> keys = new ArrayList<>();
    for (Map.Entry<String, byte[]> each : tree.range(KeyRange.all())) {
      keys.add(each.getKey());
      Integer value = expected.get(each.getKey());
      assertTrue(
          value != null && Arrays.equals(bytes(value), each.getValue()),
          () ->
              each.getKey() + " is " + each.getValue().length + " of " + value + ", seed " + SEED);
    }
    assertEquals(List.copyOf(expected.keySet()), keys, "seed " + SEED);
    List<String> down = new ArrayList<>();
    tree.descending(KeyRange.all()).forEach(each -> down.add(each.getKey()));
    assertEquals(keys, down.reversed(), "seed " + SEED);
  }

  @Test
  void aHotKeyUnderAnOldSnapshotKeepsNoMoreBeforeImagesThanReadersNeed() {
    try (Store store = Store.open(dir, INLINE)) {
      put(store, "hot", 1);
      try (ReadTx old = store.beginRead()) {
        for (int i = 2; i < 500; i++) {
          put(store, "hot", i);
        }
        BTree tree = Objects.requireNonNull(store.parts().catalog().open(TREE));
        int length = 0;
        for (Version each = store.parts().keys().find(tree.treeId(), Codecs.UTF_8.encode("hot"));
            each != null;
            each = each.older) {
          length++;
        }
        assertTrue(length <= 3, "length of the chain: " + length);
        assertEquals(1, old.tree(TREE).find("hot").orElseThrow().length);
        VersionStats stats = store.stats().versions();
        assertTrue(stats.oldestSnapshotLsn() < stats.lastCommitLsn(), stats::toString);
        assertTrue(stats.keptBytes() > 0, stats::toString);
      }
      assertNothingKept(store);
    }
  }

  @Test
  void versionsGoWhenTheLastSnapshotThatNeedsThemLeavesAndNotBefore() {
    try (Store store = Store.open(dir, INLINE)) {
      put(store, "k", 1);
      ReadTx first = store.beginRead();
      put(store, "k", 2);
      ReadTx second = store.beginRead();
      store.write(tx -> tx.tree(TREE).remove("k"));
      first.close();
      assertEquals(2, second.tree(TREE).find("k").orElseThrow().length);
      assertEquals(1, second.tree(TREE).count());
      second.close();
      assertNothingKept(store);
    }
  }

  @Test
  void aGhostThatAnOldSnapshotNeedsOutlivesTheRollbackOfARevival() {
    try (Store store = Store.open(dir, INLINE)) {
      put(store, "k", 1);
      try (ReadTx old = store.beginRead()) {
        store.write(tx -> tx.tree(TREE).remove("k"));
        try (WriteTx tx = store.beginWrite()) {
          tx.tree(TREE).put("k", new byte[3]);
        }
        assertEquals(1, old.tree(TREE).count());
        assertNotNull(old.tree(TREE).get("k"));
      }
      assertNothingKept(store);
    }
  }

  @Test
  void overTheBudgetTheOldestSnapshotFailsAndWritersGoOn() {
    try (Store store = Store.open(dir, INLINE.withVersionBudgetBytes(BUDGET))) {
      put(store, "k", 1);
      ReadTx old = store.beginRead();
      WriteTx writer = store.beginWrite();
      assertEquals(1, writer.tree(TREE).find("k").orElseThrow().length);
      for (int i = 0; i < 1500; i++) {
        put(store, "k" + i % 300, 100);
      }
      VersionStats stats = store.stats().versions();
      assertEquals(2, stats.snapshotsGivenUp(), stats::toString);
      assertTrue(stats.keptBytes() <= BUDGET, stats::toString);
      SnapshotTooOldException e =
          assertThrows(SnapshotTooOldException.class, () -> old.tree(TREE).get("k"));
      assertTrue(e.isRetryable());
      writer.tree(TREE).put("mine", new byte[1]);
      assertThrows(SnapshotTooOldException.class, writer::commit);
      assertThrows(SnapshotTooOldException.class, writer::commit, "it is doomed");
      writer.close();
      old.close();
      assertEquals(1, store.<Integer, RuntimeException>read(tx -> get(tx, "k").length));
      assertNull(store.<byte @Nullable [], RuntimeException>read(tx -> tx.tree(TREE).get("mine")));
      assertNothingKept(store);
    }
  }

  /** <em>One thread that was slow to take its snapshot cost all others theirs.</em> */
  @Test
  void nobodyIsGivenUpForASnapshotThatIsJustBeingTaken() {
    StoreOptions options = INLINE.withDurability(Durability.ASYNC).withVersionBudgetBytes(BUDGET);
    try (Store store = Store.open(dir, options);
        ReadTx old = store.beginRead()) {
      assertEquals(0, old.tree(TREE).count());
      VersionKeeper versions = store.parts().versions();
      CommitOrder commits = store.parts().commits();
      long begin = commits.durable();
      long place = begin;
      Snapshot slow = versions.newSnapshot();
      versions.enter(slow, ReadPoint.DURABLE);
      for (int round = 1; round <= 300; round++) {
        int now = round;
        store.write(tx -> putAll(tx, now));
        if (round % 50 == 40) {
          store.engine().log().forceAll();
          place = commits.durable();
          assertTrue(slow.moveTo(place));
        } else if (round % 50 == 0) {
          store.engine().log().forceAll();
          assertTrue(slow.pend());
          assertFalse(versions.anyWithin(begin + 1, place));
          assertTrue(versions.anyWithin(begin + 1, place + 1));
          assertTrue(versions.anyWithin(place + 1, place + 2));
        }
      }
      VersionStats kept = versions.stats();
      assertEquals(0, kept.snapshotsGivenUp(), kept::toString);
      assertTrue(kept.keptBytes() <= BUDGET, kept::toString);
      assertEquals(0, old.tree(TREE).count());
      versions.leave(slow);
    }
  }

  @Test
  void aTransactionWithMoreVersionsThanTheBudgetIsToldSoAndLives() {
    try (Store store = Store.open(dir, INLINE.withVersionBudgetBytes(BUDGET))) {
      WriteTx large = store.beginWrite();
      int[] written = {0};
      assertThrows(
          TooLargeException.class,
          () -> {
            while (written[0] < 10_000) {
              large.tree(TREE).put("k" + written[0], new byte[1]);
              written[0]++;
            }
          });
      assertTrue(written[0] > 500, "written: " + written[0]);
      put(store, "small", 1); // others go on
      large.commit();
      assertEquals(written[0] + 1L, store.<Long, RuntimeException>read(t -> t.tree(TREE).count()));
      put(store, "after", 1);
      assertEquals(0, store.stats().versions().activeBytes());
      assertNothingKept(store);
    }
  }

  private static byte[] get(ReadTx tx, String key) {
    return tx.tree(TREE).find(key).orElseThrow();
  }

  private static void put(Store store, String key, int length) {
    store.write(tx -> tx.tree(TREE).put(key, new byte[length]));
  }

  private static void assertNothingKept(Store store) {
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
    VersionStats stats = store.stats().versions();
    assertEquals(0, stats.chains(), stats::toString);
    assertEquals(0, stats.keptBytes(), stats::toString);
    assertEquals(0, stats.activeBytes(), stats::toString);
    assertEquals(0, stats.snapshots(), stats::toString);
    assertEquals(0, store.parts().housekeeper().size());
  }

  /**
   * A locking read of a newer key moves the snapshot on. Between looking where to and being there
   * it needs what either place needs, and whoever drops versions must know (store rule 8): a commit
   * behind the new place, with another writer on top of it, would lose its before-image else.
   */
  @Test
  void nothingIsReclaimedWhileASnapshotMoves() throws Exception {
    try (Store store = Store.open(dir, INLINE);
        WriteTx tx = store.beginWrite()) {
      store.write(write -> write.tree(TREE).put("hot", new byte[1]));
      assertNull(tx.tree(TREE).get("other"));
      store.write(write -> write.tree(TREE).put("hot", new byte[2]));
      VersionKeeper versions = store.parts().versions();
      long there = store.parts().commits().last().commitTs();
      ReentrantLock section = store.parts().commits().section;
      Thread mover;
      section.lock();
      try {
        mover = Thread.ofPlatform().start(() -> tx.tree(TREE).getForUpdate("hot"));
        while (!section.hasQueuedThread(mover)) {
          Thread.onSpinWait();
        }
        store.write(write -> write.tree(TREE).put("cold", new byte[1]));
        assertTrue(versions.anyWithin(there, store.parts().commits().last().commitTs()));
      } finally {
        section.unlock();
      }
      mover.join();
      assertEquals(2, Objects.requireNonNull(tx.tree(TREE).get("hot")).length);
    }
  }
}
