package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.LogOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is open while its losers are undone, step by step as the schedules say. */
final class InstantRestartTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);

  private static final StoreOptions OPTIONS =
      TestPages.OPTIONS
          .withConflictWait(Duration.ofHours(1))
          .withEngine(
              TestPages.OPTIONS
                  .engine()
                  .withPageSize(4096)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10))
                  .withRestart(RestartMode.INSTANT)
                  .withBackground(false));

  private static final String LARGE = "x".repeat(50_000);

  @TempDir Path dir;

  @Test
  void readersSeeWhatWasCommittedBeforeDuringAndAfterUndo() {
    Map<String, String> committed = crashWithLosersOfEveryKind();
    try (Store store = Store.open(dir, OPTIONS)) {
      RestartLeft left = store.stats().restartLeft();
      assertEquals(1, left.losers());
      assertFalse(left.isNothing());
      long all = left.updates();
      assertTrue(all > 200, () -> "updates " + all);
      ReadTx old = store.beginRead();
      WriteTx writer = store.beginWrite();
      assertEquals(committed, contents(writer.tree(TREE)));
      int steps = 0;
      while (!store.engine().restart().isOver()) {
        assertSees(committed, store);
        long before = store.engine().restart().updatesLeft();
        store.engine().tick();
        steps++;
        long now = store.engine().restart().updatesLeft();
        assertTrue(now <= before, now + " updates left, " + before + " before");
      }
      assertTrue(steps > 3, "undo took " + steps + " steps");
      assertTrue(store.stats().restartLeft().isNothing());
      assertSees(committed, store);
      assertEquals(committed, contents(old));
      old.close();
      writer.tree(TREE).put("written", "late");
      writer.commit(); // it has read every key that was undone meanwhile: that made nothing new
      assertEquals(List.of(), store.engine().unfinished());
      assertSound(store);
    }
    try (Store store = Store.open(dir, OPTIONS)) {
      assertTrue(store.engine().restart().isOver());
      committed.put("written", "late");
      assertSees(committed, store);
    }
  }

  @Test
  void writersWaitForTheLoserOfTheirKeyAndForNoOther() {
    Store crashing = Store.open(dir, OPTIONS);
    crashing.write(
        tx -> {
          for (String key : new String[] {"first", "second", "both"}) {
            tx.tree(TREE).put(key, "old");
          }
        });
    WriteTx first = crashing.beginWrite();
    WriteTx second = crashing.beginWrite();
    first.tree(TREE).put("first", "lost");
    first.tree(TREE).put("new in first", "lost");
    second.tree(TREE).put("second", "lost");
    for (int i = 0; i < 1000; i++) {
      first.tree(TREE).put("first " + i, "lost");
      second.tree(TREE).put("second " + i, "lost");
    }
    long firstId = ((WriteTransaction) first).id();
    crash(crashing);
    try (Store store = Store.open(dir, OPTIONS)) {
      assertEquals(2, store.engine().restart().losersLeft());
      store.write(tx -> tx.tree(TREE).put("both", "free")); // nobody's key waits for nobody
      assertEquals(2, store.engine().restart().losersLeft());
      store.write(tx -> tx.tree(TREE).put("first 999", "mine")); // the last of its loser's
      assertEquals(2, store.engine().restart().losersLeft());
      assertNull(get(store, "first 998"));
      store.write(tx -> tx.tree(TREE).put("second", "mine")); // the first of its loser's
      assertEquals(1, store.engine().restart().losersLeft());
      assertEquals(
          List.of(firstId), store.engine().unfinished().stream().map(Transaction::id).toList());
      assertEquals("old", get(store, "first"));
      assertTrue(store.engine().restart().updatesLeft() > 900);
      store.engine().restart().await();
      assertEquals(
          Map.of("first", "old", "second", "mine", "both", "free", "first 999", "mine"),
          store.<Map<String, String>, RuntimeException>read(InstantRestartTest::contents));
      assertSound(store);
    }
  }

  @Test
  void aWriterThatMayNotWaitIsToldWhatItWouldWaitFor() {
    Store crashing = Store.open(dir, OPTIONS);
    WriteTx loser = crashing.beginWrite();
    for (int i = 0; i < 1000; i++) {
      loser.tree(TREE).put("key " + i, "lost");
    }
    crash(crashing);
    StoreOptions hasty = OPTIONS.withConflictWait(Duration.ZERO);
    try (Store store = Store.open(dir, hasty)) {
      WriteTx tx = store.beginWrite();
      ConflictException e =
          assertThrows(ConflictException.class, () -> tx.tree(TREE).put("key 0", "mine"));
      assertTrue(String.valueOf(e.getMessage()).contains("which restart is undoing"), e::toString);
      assertTrue(e.isRetryable());
      tx.close();
      store.write(again -> again.tree(TREE).put("key 0", "mine")); // each attempt helps
      assertEquals("mine", get(store, "key 0"));
    }
  }

  @Test
  void whatALoserHadRolledBackBeforeTheCrashIsNotItsAnyMore() {
    Store crashing = Store.open(dir, OPTIONS);
    crashing.write(
        tx -> {
          for (String key : new String[] {"kept", "given back", "twice", "deleted"}) {
            tx.tree(TREE).put(key, "old");
          }
        });
    WriteTx loser = crashing.beginWrite();
    loser.tree(TREE).put("kept", "lost");
    loser.tree(TREE).put("twice", "lost");
    Savepoint savepoint = loser.savepoint();
    loser.tree(TREE).put("given back", "lost");
    loser.tree(TREE).put("twice", "lost again");
    loser.tree(TREE).remove("deleted");
    for (int i = 0; i < 50; i++) {
      loser.tree(TREE).put("given back " + i, "lost");
    }
    loser.rollbackTo(savepoint);
    loser.tree(TREE).remove("deleted");
    crash(crashing);
    try (Store store = Store.open(dir, OPTIONS)) {
      assertEquals(3, store.engine().restart().updatesLeft());
      store.write(tx -> tx.tree(TREE).put("given back", "mine"));
      store.write(tx -> tx.tree(TREE).put("given back 7", "mine"));
      assertEquals(3, store.engine().restart().updatesLeft());
      for (String key : new String[] {"kept", "twice", "deleted"}) {
        assertEquals("old", get(store, key));
      }
      store.write(tx -> tx.tree(TREE).put("deleted", "mine"));
      long begin = store.engine().log().endLsn();
      store.engine().restart().await();
      assertEquals("mine", get(store, "deleted"));
      assertEquals("old", get(store, "twice"));
      assertTrue(store.engine().log().endLsn() > begin);
      assertSound(store);
    }
  }

  @Test
  void usersSplitAndMergePagesWhileLosersAreUndone() {
    Map<String, String> committed = crashWithLosersOfEveryKind();
    try (Store store = Store.open(dir, OPTIONS)) {
      int round = 0;
      while (!store.engine().restart().isOver()) {
        store.engine().tick();
        int at = round++;
        store.write(
            tx -> {
              for (int i = 0; i < 40; i++) { // between the keys of the loser: every leaf splits
                String key = "bulk " + (at * 40 + i) % 400 + " mine";
                tx.tree(TREE).put(key, "y".repeat(300));
                committed.put(key, "y".repeat(300));
              }
            });
        if (at % 3 == 2) {
          store.write(
              tx -> {
                for (int i = 0; i < 80; i += 2) {
                  tx.tree(TREE).remove("bulk " + i + " mine");
                  committed.remove("bulk " + i + " mine");
                }
              });
        }
        assertSees(committed, store);
      }
      assertSees(committed, store);
      assertSound(store);
    }
  }

  @Test
  void aSecondCrashInTheMiddleUndoesNothingTwice() {
    Map<String, String> committed = crashWithLosersOfEveryKind();
    long updates = 0;
    int crashes = 0;
    long left = Long.MAX_VALUE;
    while (left > 0) {
      Store store = Store.open(dir, OPTIONS);
      long now = store.engine().restart().updatesLeft();
      updates = Math.max(updates, now);
      assertTrue(now < left || now == 0, now + " updates left, " + left + " before the crash");
      left = now;
      assertSees(committed, store);
      String key = "user " + crashes++;
      store.write(tx -> tx.tree(TREE).put(key, key));
      committed.put(key, key);
      while (!store.engine().restart().isOver() && store.engine().restart().updatesLeft() == now) {
        store.engine().tick(); // whatever comes before undo
      }
      crash(store);
    }
    assertTrue(crashes > 2);
    try (Store store = Store.open(dir, OPTIONS)) {
      store.engine().restart().await();
      assertSees(committed, store);
      assertSound(store);
    }
  }

  @Test
  void aLoserThatMadeATreeIsUndoneBeforeTheCatalogIsRead() {
    Store crashing = Store.open(dir, OPTIONS);
    crashing.write(tx -> tx.tree(TREE).put("a", "old"));
    Transaction maker = crashing.engine().begin();
    BTree catalog =
        Objects.requireNonNull(crashing.parts().catalog().byId(Catalog.CATALOG_TREE_ID));
    catalog.put(
        maker,
        "ghost tree".getBytes(StandardCharsets.UTF_8),
        new byte[64],
        false,
        cell -> BTree.Before.AS_IT_IS);
    WriteTx loser = crashing.beginWrite();
    loser.tree(TREE).put("a", "lost");
    crash(crashing);
    try (Store store = Store.open(dir, OPTIONS)) {
      assertEquals(List.of("t"), store.listTrees());
      assertEquals(1, store.engine().restart().losersLeft());
      TreeDef<String, String> ghost = TreeDef.of("ghost tree", Codecs.UTF_8, Codecs.UTF_8);
      store.write(tx -> tx.tree(ghost).put("k", "v"));
      store.engine().restart().await();
      assertEquals(List.of("ghost tree", "t"), store.listTrees());
      assertEquals("old", get(store, "a"));
      assertSound(store);
    }
  }

  @Test
  void chainsThatACommitReplacedAreFreedAndThoseOfLosersAreNot() {
    Store crashing = Store.open(dir, OPTIONS);
    crashing.write(
        tx -> {
          tx.tree(TREE).put("replaced", LARGE);
          tx.tree(TREE).put("loser's", LARGE);
          tx.tree(TREE).put("mine", LARGE);
        });
    ReadTx reader = crashing.beginRead(); // keeps what is replaced from being freed
    assertNotNull(reader.tree(TREE).get("replaced"));
    crashing.write(tx -> tx.tree(TREE).put("replaced", "small"));
    WriteTx loser = crashing.beginWrite();
    loser.tree(TREE).put("loser's", "small");
    loser.tree(TREE).put("loser's new one", LARGE);
    crash(crashing);
    try (Store store = Store.open(dir, OPTIONS)) {
      long pages = store.stats().allocatedPages();
      ReadTx snapshot = store.beginRead();
      store.write(tx -> tx.tree(TREE).put("mine", "small")); // its chain is needed by the snapshot
      store.engine().restart().await();
      assertEquals(LARGE, snapshot.tree(TREE).get("mine"));
      assertEquals(LARGE, get(store, "loser's"));
      // Two chains have gone: the one replaced before the crash, and the one of the loser.
      long now = store.stats().allocatedPages();
      assertTrue(now < pages - 20 && now > pages - 30, "pages " + pages + ", now " + now);
      snapshot.close();
      store.parts().housekeeper().workOff();
      assertTrue(store.stats().allocatedPages() < pages - 30, "pages " + pages);
      store.write(tx -> tx.tree(TREE).put("loser's", "mine now"));
      assertSound(store);
    }
  }

  @Test
  void closingLeavesTheRestToTheNextOpening() {
    Map<String, String> committed = crashWithLosersOfEveryKind();
    Store store = Store.open(dir, OPTIONS);
    store.engine().tick();
    long left = store.engine().restart().updatesLeft();
    store.close();
    try (Store again = Store.open(dir, OPTIONS)) {
      assertFalse(again.lastRecovery().clean());
      assertEquals(left, again.engine().restart().updatesLeft());
      assertSees(committed, again);
      again.engine().restart().await();
      assertSees(committed, again);
      assertSound(again);
    }
    try (Store full = Store.open(dir, OPTIONS.withRestart(RestartMode.FULL))) {
      assertTrue(full.lastRecovery().clean());
      assertSees(committed, full);
    }
  }

  /** Returns what was committed. */
  private Map<String, String> crashWithLosersOfEveryKind() {
    Store store = Store.open(dir, OPTIONS);
    Map<String, String> committed = new TreeMap<>();
    for (String key : new String[] {"deleted", "grown", "twice", "shrunk", "regained", "other"}) {
      committed.put(key, "old".repeat(10));
    }
    committed.put("large", LARGE);
    committed.put("large too", LARGE);
    for (int i = 0; i < 400; i += 2) {
      committed.put("bulk " + i, "old " + i);
    }
    store.write(tx -> committed.forEach((key, value) -> tx.tree(TREE).put(key, value)));
    store.write(tx -> tx.tree(TREE).put("ghost", "gone"));
    ReadTx keepsGhosts = store.beginRead();
    assertNotNull(keepsGhosts.tree(TREE).get("ghost"));
    store.write(tx -> tx.tree(TREE).remove("ghost"));
    WriteTx loser = store.beginWrite();
    Tree<String, String> tree = loser.tree(TREE);
    tree.remove("deleted");
    tree.put("grown", "new".repeat(100));
    tree.put("new", "new");
    tree.put("twice", "first");
    tree.put("twice", "second");
    tree.remove("twice");
    tree.put("shrunk", "");
    tree.remove("revived");
    tree.put("revived", "new");
    tree.remove("revived");
    tree.put("ghost", "back");
    tree.remove("regained");
    tree.put("regained", "other");
    tree.remove("regained");
    tree.remove("large");
    tree.put("large", "small");
    tree.put("large too", LARGE + LARGE);
    for (int i = 0; i < 400; i++) {
      if (i % 3 == 0) {
        tree.remove("bulk " + i);
      } else {
        tree.put("bulk " + i, "lost".repeat(i % 50));
      }
    }
    crash(store);
    return committed;
  }

  private static void crash(Store store) {
    store.engine().log().force(store.engine().log().endLsn() - 1);
    store.abandon();
  }

  private static void assertSees(Map<String, String> expected, Store store) {
    assertEquals(
        expected, store.<Map<String, String>, RuntimeException>read(InstantRestartTest::contents));
    for (Map.Entry<String, String> each : expected.entrySet()) {
      assertEquals(each.getValue(), get(store, each.getKey()));
    }
    for (String key : new String[] {"new", "revived", "ghost", "bulk 1"}) {
      assertNull(get(store, key));
    }
  }

  private static Map<String, String> contents(ReadTx tx) {
    return contents(tx.tree(TREE));
  }

  private static Map<String, String> contents(ReadTree<String, String> tree) {
    return tree.stream()
        .collect(
            Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
  }

  private static @Nullable String get(Store store, String key) {
    return store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }

  private static void assertSound(Store store) {
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }
}
