package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of the size and shape of trees, against what verification counts. */
final class TreeStatsTest {
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);

  @TempDir Path dir;
  private Store store;

  @BeforeEach
  void open() {
    store = Store.open(dir, IsolationFixture.INLINE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private TreeStats stats() {
    return Objects.requireNonNull(store.treeStats("t"));
  }

  private void load(long entries, double fill) {
    store.write(
        tx ->
            tx.tree(TREE)
                .bulkLoad(
                    LongStream.range(0, entries)
                        .mapToObj(key -> Map.entry(key, new byte[100]))
                        .iterator(),
                    fill));
  }

  @Test
  void aSmallTreeIsCountedExactly() {
    assertNull(store.treeStats("t"));
    long others = store.stats().allocatedPages();
    store.write(tx -> tx.tree(TREE).put(-1L, new byte[30_000]));
    assertEquals(store.stats().allocatedPages() - others, stats().pages());
    assertEquals(1, stats().depth());
    store.write(
        tx -> {
          for (long i = 0; i < 2000; i++) {
            tx.tree(TREE).put(i, new byte[100]);
          }
        });
    TreeStats full = stats();
    assertTrue(full.exact());
    assertEquals(2001, full.entries());
    assertEquals(0, full.ghosts());
    assertEquals(2, full.depth());
    assertEquals(store.stats().allocatedPages() - others, full.pages());
    ReadTx keeps = store.beginRead();
    store.write(tx -> assertEquals(500, tx.tree(TREE).removeRange(KeyRange.lessThan(499L))));
    assertEquals(500, stats().ghosts());
    assertEquals(1501, stats().entries());
    keeps.close();
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
    assertEquals(0, stats().ghosts());
    assertTrue(store.stats().freedPages() > 0);
    assertEquals(0, store.stats().cleaning());
  }

  @Test
  void aLargeTreeIsSampledAndItsFillIsWhatItWasLoadedWith() {
    load(100_000, 0.7);
    TreeStats loaded = stats();
    assertFalse(loaded.exact());
    assertEquals(3, loaded.depth());
    assertEquals(100_000, (double) loaded.entries(), 2000);
    assertEquals(0.7, loaded.fill(), 0.02);
    long pages = loaded.pages();
    assertTrue(Math.abs(store.stats().allocatedPages() - pages) < 20, "pages " + pages);
    store.write(tx -> tx.tree(TREE).clear());
    assertEquals(0, stats().entries());
    assertEquals(1, stats().pages());
    assertEquals(0, stats().fill());
  }

  @Test
  void theKindOfPageStoreAndFreePagesAreTold() {
    load(1000, 1);
    StoreStats stats = store.stats();
    assertEquals(TestPages.KIND.name(), stats.pageStore());
    assertEquals(stats.capacityPages() - stats.allocatedPages(), stats.freePages());
    assertNotNull(store.treeStats("t"));
  }
}
