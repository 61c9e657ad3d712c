package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trees with another put in their place, in the way of readers, writers and restart. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ReplacedTreeTest {
  private static final TreeDef<Long, Long> TREE = TreeDef.of("t", Codecs.INT64, Codecs.INT64);
  private static final TreeDef<Long, Long> OTHER = TreeDef.of("other", Codecs.INT64, Codecs.INT64);
  private static final long ENTRIES = 2000;
  private static final int PAGE_SIZE = 4096;

  /** No second copy of a page. */
  private static final StoreOptions OPTIONS =
      TestPages.OPTIONS.withEngine(
          EngineOptions.defaults()
              .withPageSize(PAGE_SIZE)
              .withLog(LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10))
              .withDoubleWrite(false)
              .withBackground(false));

  @TempDir Path dir;

  private static void replace(WriteTx tx, long generation) {
    tx.tree(TREE).clear();
    tx.tree(TREE)
        .bulkLoad(
            LongStream.range(0, ENTRIES).mapToObj(key -> Map.entry(key, generation)).iterator());
  }

  private static void crash(Store store) {
    store.engine().log().forceAll();
    store.abandon();
  }

  private static void settle(Store store) {
    store.engine().restart().await();
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
  }

  private static void assertSound(Store store) {
    settle(store);
    assertEquals(List.of(), store.verify(pages -> {}).problems());
    assertEquals(List.of(), store.parts().pendingFree().entries());
  }

  /** The index of its updates says which keys they were, and nobody reads their records. */
  @Test
  void aLongLoserThatReplacedATreeHasNotReplacedItForThoseWhoComeBeforeItsUndo() {
    StoreOptions options = OPTIONS.withRestart(RestartMode.INSTANT);
    Store crashing = Store.open(dir, options);
    crashing.write(tx -> replace(tx, 1));
    WriteTx loser = crashing.beginWrite();
    LongStream.range(0, 3000).forEach(key -> loser.tree(OTHER).put(key, 1L));
    replace(loser, 2);
    LongStream.range(0, 3000).forEach(key -> loser.tree(OTHER).put(key, 2L));
    crash(crashing);
    try (Store store = Store.open(dir, options)) {
      assertFalse(store.engine().restart().isOver());
      assertEquals(1L, store.get(TREE, 5L));
      store.write(tx -> tx.tree(TREE).put(5L, 77L));
      assertSound(store);
      assertEquals(77L, store.get(TREE, 5L));
    }
    try (Store store = Store.open(dir, options)) {
      assertEquals(77L, store.get(TREE, 5L));
      assertEquals(1L, store.get(TREE, 6L));
    }
  }

  /** Undo meets the damaged page before it has come to the tree. */
  @ParameterizedTest
  @EnumSource(names = {"FULL", "INSTANT"})
  void aLoserThatCannotBeUndoneHasNotReplacedATree(RestartMode mode) throws IOException {
    StoreOptions options = OPTIONS.withRestart(mode);
    long page;
    try (Store store = Store.open(dir, options)) {
      store.write(tx -> replace(tx, 1));
      store.write(tx -> tx.tree(OTHER).put(1L, 1L));
      page = Objects.requireNonNull(store.parts().catalog().open(OTHER)).rootPageId();
      long end = store.engine().log().endLsn();
      while (store.engine().log().startLsn() < end) { // the page cannot be rebuilt from the log
        store.write(tx -> replace(tx, 1));
        store.engine().pool().flushAll();
        store.engine().checkpoint();
      }
    }
    Store crashing = Store.open(dir, options);
    WriteTx loser = crashing.beginWrite();
    replace(loser, 2);
    loser.tree(OTHER).put(1L, 2L);
    crash(crashing);
    flip(page);
    assertEquals(Map.of("t", ENTRIES), salvaged());
    for (int round = 1; round <= 2; round++) { // the next opening finds the same
      long value = 100L + round;
      try (Store store = Store.open(dir, options)) {
        settle(store);
        assertEquals(1, store.engine().unfinished().size());
        assertEquals(List.of("other", "t"), store.listTrees());
        assertEquals(1L, store.get(TREE, 6L));
        store.write(tx -> tx.tree(TREE).put(5L, value));
        assertThrows(ConflictException.class, () -> store.write(tx -> tx.tree(TREE).clear()));
        assertThrows(ConflictException.class, () -> store.write(tx -> tx.dropTree("t")));
      }
    }
    flip(page);
    try (Store store = Store.open(dir, options)) {
      assertSound(store);
      assertEquals(List.of(), store.engine().unfinished());
      assertEquals(102L, store.get(TREE, 5L));
      assertEquals(1L, store.get(TREE, 6L));
      assertEquals(1L, store.get(OTHER, 1L));
      store.write(tx -> replace(tx, 3));
      assertSound(store);
    }
  }

  /** How many entries of the first generation salvage finds, by tree; it finds no others. */
  private Map<String, Long> salvaged() {
    Map<String, Long> found = new TreeMap<>();
    Salvage.run(
        RealDisk.open(dir),
        Environment.system(),
        64L << 20,
        (tree, _, value) -> {
          assertEquals(1L, Codecs.INT64.decode(value));
          found.merge(String.valueOf(tree.name()), 1L, Long::sum);
        });
    return found;
  }

  private void flip(long page) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve("pages").toFile(), "rw")) {
      long at = page * PAGE_SIZE + PAGE_SIZE / 2;
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ 0x55);
    }
  }

  /** A put of that snapshot would be refused as well. */
  @Test
  void theFirstUpdaterWinsAgainstAClearOfItsTree() {
    try (Store store = Store.open(dir, OPTIONS)) {
      store.write(tx -> replace(tx, 1));
      TransactionOptions snapshot = OPTIONS.transaction().withIsolation(Isolation.SNAPSHOT);
      try (WriteTx tx = store.beginWrite(snapshot)) {
        assertEquals(1L, tx.tree(TREE).get(3L));
        store.write(other -> other.tree(TREE).put(3L, 9L));
        assertThrows(ConflictException.class, () -> tx.tree(TREE).clear());
      }
      assertEquals(9L, store.get(TREE, 3L));
      try (WriteTx tx = store.beginWrite(snapshot)) {
        assertEquals(9L, tx.tree(TREE).get(3L));
        tx.tree(TREE).clear();
        tx.commit();
      }
      assertEquals(null, store.get(TREE, 3L));
      assertSound(store);
    }
  }

  /** It holds no snapshot, so nothing keeps the tree that it has found from being emptied. */
  @Test
  void aSingleGetMeetsNoTreeThatHasBeenEmptied() {
    try (Store store = Store.open(dir, OPTIONS)) {
      store.write(tx -> replace(tx, 1));
      Runnable meanwhile =
          () -> {
            store.write(tx -> replace(tx, 2));
            settle(store);
          };
      Interrupted keys = new Interrupted(meanwhile);
      assertEquals(2L, store.get(TreeDef.of("t", keys, Codecs.INT64), ENTRIES - 1));
      assertSound(store);
    }
  }

  /** Encodes numbers; something else happens before the first one is encoded. */
  private static final class Interrupted implements Codec<Long> {
    private @Nullable Runnable meanwhile;

    Interrupted(Runnable meanwhile) {
      this.meanwhile = meanwhile;
    }

    @Override
    public String name() {
      return Codecs.INT64.name();
    }

    @Override
    public byte[] encode(Long value) {
      Runnable now = meanwhile;
      meanwhile = null;
      if (now != null) {
        now.run();
      }
      return Codecs.INT64.encode(value);
    }

    @Override
    public Long decode(byte[] bytes) {
      return Codecs.INT64.decode(bytes);
    }

    @Override
    public Comparator<Long> comparator() {
      return Codecs.INT64.comparator();
    }
  }
}
