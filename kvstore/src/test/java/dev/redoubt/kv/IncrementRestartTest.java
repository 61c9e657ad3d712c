package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A crash with several unfinished transactions that have added to the same number. */
final class IncrementRestartTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);

  @TempDir Path dir;

  private static StoreOptions options(RestartMode mode) {
    return IsolationFixture.INLINE.withRestart(mode);
  }

  /**
   * Leaves "hot" at 1,111,000, of which are committed 1000 and 10,000; 100,000 is of one in doubt,
   * the rest of losers. "mixed" is 7 as committed.
   */
  private void crash() {
    Store store = Store.open(dir, options(RestartMode.FULL));
    store.write(
        tx -> {
          tx.tree(TREE).put("hot", 1000L);
          tx.tree(TREE).put("mixed", 7L);
        });
    WriteTx loser = store.beginWrite();
    WriteTx second = store.beginWrite();
    WriteTx committed = store.beginWrite();
    WriteTx prepared = store.beginWrite();
    loser.tree(TREE).add("hot", 400_000);
    committed.tree(TREE).add("hot", 10_000);
    prepared.tree(TREE).add("hot", 100_000);
    second.tree(TREE).add("hot", 600_000);
    loser.tree(TREE).add("mixed", 1);
    Savepoint savepoint = loser.savepoint();
    loser.tree(TREE).add("hot", 50);
    loser.tree(TREE).addAndGet("mixed", 2);
    loser.rollbackTo(savepoint);
    loser.tree(TREE).addAndGet("mixed", 3);
    loser.tree(TREE).remove("mixed");
    assertTrue(prepared.prepare(new byte[] {1}));
    committed.commit();
    store.engine().log().forceAll();
    store.abandon();
  }

  private static long get(Store store, String key) {
    Long value = store.<@Nullable Long, RuntimeException>read(tx -> tx.tree(TREE).get(key));
    return value == null ? -1 : value;
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void readersSeeTheCommittedSumThroughoutAndTheDecisionAddsItsPart(RestartMode mode) {
    crash();
    try (Store store = Store.open(dir, options(mode))) {
      assertEquals(11_000, get(store, "hot"));
      assertEquals(7, get(store, "mixed"));
      while (!store.engine().restart().isOver()) {
        assertEquals(11_000, get(store, "hot"));
        assertEquals(7, get(store, "mixed"));
        store.engine().tick();
      }
      assertEquals(11_000, get(store, "hot"));
      store.write(tx -> tx.tree(TREE).add("hot", 5)); // beside the one in doubt
      assertEquals(11_005, get(store, "hot"));
      store.commitPrepared(store.listPrepared().getFirst().id());
      assertEquals(111_005, get(store, "hot"));
      assertEquals(7, get(store, "mixed"));
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void oneInDoubtThatIsRolledBackTakesItsOwnIncrementAlone(RestartMode mode) {
    crash();
    try (Store store = Store.open(dir, options(mode))) {
      store.rollbackPrepared(store.listPrepared().getFirst().id());
      assertEquals(11_000, get(store, "hot"));
      store.engine().restart().await();
      assertEquals(11_000, get(store, "hot"));
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  /** Each loser of the key is undone first, and not one of them only. */
  @Test
  void whoAddsDuringRestartComesBehindEveryLoserOfTheKey() {
    crash();
    try (Store store = Store.open(dir, options(RestartMode.INSTANT))) {
      assertEquals(2, store.engine().restart().losersLeft());
      store.write(tx -> tx.tree(TREE).add("hot", 1));
      assertEquals(0, store.engine().restart().losersLeft());
      assertEquals(11_001, get(store, "hot"));
      store.engine().log().forceAll();
      store.abandon();
    }
    try (Store store = Store.open(dir, options(RestartMode.INSTANT))) {
      assertEquals(11_001, get(store, "hot"));
      store.commitPrepared(store.listPrepared().getFirst().id());
      assertEquals(111_001, get(store, "hot"));
      store.engine().restart().await();
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }
}
