package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A transaction that was prepared so long ago that the log has been recycled several times since,
 * and with crashes in between: its undo has been copied forward (store rule 12), and with it go
 * ownership, what others may read meanwhile, and the locks on what it has read.
 */
final class PreparedLongAgoTest {
  private static final long CAP = 4 << 20;
  private static final TreeDef<String, String> TREE =
      TreeDef.of("tree", Codecs.UTF_8, Codecs.UTF_8);
  private static final String LARGE = "x".repeat(50_000);

  @TempDir Path dir;

  private Store open(RestartMode mode) {
    LogOptions log = LogOptions.defaults().withSegmentBytes(256 << 10).withBuffers(4, 64 << 10);
    return Store.open(
        dir,
        StoreOptions.defaults()
            .withRestart(mode)
            .withConflictWait(Duration.ofMillis(50))
            .withEngine(
                StoreOptions.defaults()
                    .engine()
                    .withRestart(mode)
                    .withBackground(false)
                    .withMaxWalBytes(CAP)
                    .withCheckpoints(512 << 10, Duration.ofDays(1))
                    .withLog(log)));
  }

  /** Others commit until all of the log before is gone. */
  private static void recycle(Store store) {
    long end = store.engine().log().endLsn();
    for (int i = 0; store.engine().log().startLsn() < end; i++) {
      assertTrue(i < 1000, "the log is pinned: " + store.engine().logPins());
      String key = "other" + i % 3;
      store.write(tx -> tx.tree(TREE).put(key, LARGE));
      store.engine().tick();
    }
  }

  private static @Nullable String get(Store store, String key) {
    return store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }

  private static void assertUndecided(Store store) {
    assertEquals("old", get(store, "changed"));
    assertEquals(LARGE, get(store, "large"));
    assertNull(get(store, "inserted"));
    for (String key : List.of("changed", "large", "inserted", "read", "in the range")) {
      assertThrows(
          ConflictException.class, () -> store.write(tx -> tx.tree(TREE).put(key, "mine")), key);
    }
    assertEquals(1, store.listPrepared().size());
  }

  @ParameterizedTest
  @CsvSource({"FULL, true", "FULL, false", "INSTANT, true", "INSTANT, false"})
  void itKeepsItsKeysAndReadsThoughItsLogIsGone(RestartMode mode, boolean commit) {
    Store store = open(mode);
    store.write(
        tx -> {
          tx.tree(TREE).put("changed", "old");
          tx.tree(TREE).put("large", LARGE);
          tx.tree(TREE).put("read", "old");
        });
    WriteTx prepared = store.beginWrite();
    assertEquals("old", prepared.tree(TREE).get("read"));
    assertEquals(0, prepared.tree(TREE).count(KeyRange.between("in", "in z")));
    prepared.tree(TREE).put("changed", "new");
    prepared.tree(TREE).put("large", "new");
    prepared.tree(TREE).put("inserted", "new");
    assertTrue(prepared.prepare(new byte[] {7}));
    long firstLsn = store.listPrepared().getFirst().firstLsn();
    for (int crash = 0; crash < 2; crash++) {
      recycle(store);
      recycle(store);
      store.abandon();
      store = open(mode);
      assertTrue(store.listPrepared().getFirst().firstLsn() > firstLsn, "copied forward");
      assertUndecided(store);
    }
    store.engine().restart().await();
    long id = store.listPrepared().getFirst().id();
    if (commit) {
      store.commitPrepared(id);
    } else {
      store.rollbackPrepared(id);
    }
    assertEquals(commit ? "new" : "old", get(store, "changed"));
    assertEquals(commit ? "new" : LARGE, get(store, "large"));
    assertEquals(commit ? "new" : null, get(store, "inserted"));
    store.write(tx -> tx.tree(TREE).put("in the range", "free"));
    store.close();
    store = open(mode);
    assertEquals(List.of(), store.verify(_ -> {}).problems());
    assertEquals(commit ? "new" : LARGE, get(store, "large"));
    store.close();
  }
}
