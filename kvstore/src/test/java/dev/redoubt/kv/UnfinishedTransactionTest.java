package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that restart cannot finish keep their keys, and others see what was committed. */
final class UnfinishedTransactionTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final TreeDef<String, String> BAD = TreeDef.of("bad", Codecs.UTF_8, Codecs.UTF_8);
  private static final int PAGE_SIZE = 4096;

  /** No second copy of a page, and waits that no test outlives. */
  private static final StoreOptions OPTIONS =
      TestPages.OPTIONS
          .withConflictWait(Duration.ofHours(1))
          .withEngine(
              EngineOptions.defaults()
                  .withRestart(RestartMode.FULL)
                  .withPageSize(PAGE_SIZE)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10))
                  .withDoubleWrite(false)
                  .withBackground(false));

  private static final String LARGE = "x".repeat(50_000);

  @TempDir Path dir;

  @Test
  void aLoserThatADamagedPageKeepsFromEndingOwnsTheKeysItChanged() throws IOException {
    long damaged = crashWithLoserOnDamagedPage();
    for (int round = 0; round < 2; round++) { // the next opening finds the same
      try (Store store = Store.open(dir, OPTIONS)) {
        assertEquals(1, store.lastRecovery().unfinishedLosers().size());
        assertSeesWhatWasCommitted(store);
        for (String key : new String[] {"deleted", "grown", "new", "twice", "revived", "large"}) {
          assertRefused(store, key, "a page it changed is damaged");
        }
        String value = "round " + round;
        store.write(tx -> tx.tree(TREE).put("other", value));
        store.write(tx -> tx.tree(TREE).put("undone", value)); // undone before the damage was met
        assertEquals(value, get(store, "other"));
        assertEquals(value, get(store, "undone"));
        assertThrows(
            CorruptionException.class,
            () -> store.<@Nullable String, RuntimeException>read(tx -> tx.tree(BAD).get("k")));
        VerifyReport report = store.verify(pages -> {});
        assertTrue(
            report.problems().toString().contains("page " + damaged), report.problems()::toString);
      }
    }
  }

  @Test
  void behindAnOpenStoreALoserIsUndoneUpToTheDamagedPageAndOwnsTheRest() throws IOException {
    long damaged = crashWithLoserOnDamagedPage();
    StoreOptions instant = OPTIONS.withRestart(RestartMode.INSTANT);
    for (int round = 0; round < 2; round++) {
      try (Store store = Store.open(dir, instant)) {
        assertSeesWhatWasCommitted(store);
        assertFalse(store.engine().restart().isOver());
        String value = "round " + round;
        store.write(tx -> tx.tree(TREE).put("undone", value)); // by undo up to the damage
        assertSeesWhatWasCommitted(store);
        assertRefused(store, "deleted", "a page it changed is damaged");
        store.engine().restart().await();
        for (String key : new String[] {"deleted", "grown", "new", "twice", "revived", "large"}) {
          assertRefused(store, key, "a page it changed is damaged");
        }
        store.write(tx -> tx.tree(TREE).put("other", value));
        assertEquals(value, get(store, "undone"));
        assertEquals(1, store.engine().unfinished().size());
        assertEquals(0, store.engine().restart().losersLeft());
        VerifyReport report = store.verify(pages -> {});
        assertTrue(
            report.problems().toString().contains("page " + damaged), report.problems()::toString);
        store.write(tx -> tx.tree(TREE).put("undone", "old"));
        store.write(tx -> tx.tree(TREE).put("other", "old"));
      }
    }
  }

  /** The log no longer reaches back: the damaged page cannot be rebuilt from it. */
  private static void forgetLog(Store store) {
    long end = store.engine().log().endLsn();
    while (store.engine().log().startLsn() < end) {
      store.write(tx -> tx.tree(TREE).put("filler", LARGE));
      store.engine().pool().flushAll();
      store.engine().checkpoint();
    }
    store.write(tx -> tx.tree(TREE).remove("filler"));
  }

  /** The loser changes its keys, then the page, then one more key, the only one to be undone. */
  private long crashWithLoserOnDamagedPage() throws IOException {
    long damaged;
    try (Store store = Store.open(dir, OPTIONS)) {
      store.write(
          tx -> {
            Tree<String, String> tree = tx.tree(TREE);
            for (String key : new String[] {"deleted", "grown", "twice", "undone", "other"}) {
              tree.put(key, "old");
            }
            tree.put("large", LARGE);
            tx.tree(BAD).put("k", "old");
          });
      damaged = Objects.requireNonNull(store.parts().catalog().open(BAD)).rootPageId();
      forgetLog(store);
    }
    Store store = Store.open(dir, OPTIONS);
    WriteTx loser = store.beginWrite();
    Tree<String, String> tree = loser.tree(TREE);
    tree.remove("deleted");
    tree.put("grown", "new".repeat(100));
    tree.put("new", "new");
    tree.put("twice", "first");
    tree.put("twice", "second");
    tree.remove("twice");
    tree.remove("revived");
    tree.put("revived", "new");
    tree.remove("revived");
    tree.remove("large");
    tree.put("large", "small");
    loser.tree(BAD).put("k", "new");
    tree.put("undone", "new");
    store.engine().log().force(store.engine().log().endLsn() - 1);
    store.abandon();
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve("pages").toFile(), "rw")) {
      file.seek(damaged * PAGE_SIZE + PAGE_SIZE / 2);
      file.write(0x55);
    }
    return damaged;
  }

  private static void assertSeesWhatWasCommitted(Store store) {
    assertEquals("old", get(store, "deleted"));
    assertEquals("old", get(store, "grown"));
    assertEquals("old", get(store, "twice"));
    assertNull(get(store, "new"));
    assertNull(get(store, "revived"));
    assertEquals(LARGE, get(store, "large"));
    assertEquals(
        List.of("deleted", "grown", "large", "other", "twice", "undone"),
        store.<List<String>, RuntimeException>read(
            tx -> tx.tree(TREE).stream().map(Map.Entry::getKey).toList()));
  }

  @Test
  void aPreparedTransactionOwnsItsKeysUntilItIsDecided() {
    Store store = Store.open(dir, OPTIONS);
    store.write(tx -> tx.tree(TREE).put("a", "old"));
    Transaction prepared = store.engine().begin();
    BTree tree = Objects.requireNonNull(store.parts().catalog().open(TREE));
    for (String key : new String[] {"a", "b"}) {
      tree.put(
          prepared,
          Codecs.UTF_8.encode(key),
          "new".getBytes(StandardCharsets.UTF_8),
          false,
          cell -> BTree.Before.AS_IT_IS);
    }
    prepared.prepare(new byte[] {1}, new byte[0]);
    store.abandon();
    try (Store again = Store.open(dir, OPTIONS)) {
      assertEquals("old", get(again, "a"));
      assertNull(get(again, "b"));
      assertRefused(again, "a", "awaits its decision");
      assertRefused(again, "b", "transaction " + prepared.id());
      assertTrue(again.verify(pages -> {}).ok());
    }
  }

  /** At once, in spite of the long wait of the options, and without running the work again. */
  private static void assertRefused(Store store, String key, String why) {
    int[] attempts = {0};
    ConflictException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(60),
            () ->
                assertThrows(
                    ConflictException.class,
                    () ->
                        store.write(
                            tx -> {
                              attempts[0]++;
                              tx.tree(TREE).put(key, "mine");
                            })));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("restart could not finish") && message.contains(why), message);
    assertFalse(e.isRetryable());
    assertEquals(1, attempts[0]);
  }

  private static @Nullable String get(Store store, String key) {
    return store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }
}
