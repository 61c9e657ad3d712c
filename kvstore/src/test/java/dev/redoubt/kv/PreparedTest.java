package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.wal.LogOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions in doubt, decided in the same opening and after a crash (store rule 12). */
final class PreparedTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final StoreOptions OPTIONS =
      TestPages.OPTIONS
          .withConflictWait(Duration.ofMillis(50))
          .withMaxAttempts(1)
          .withEngine(
              TestPages.OPTIONS
                  .engine()
                  .withPageSize(4096)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10))
                  .withBackground(false));
  private static final byte[] GTRID = {7, 8};
  private static final String LARGE = "x".repeat(50_000);

  @TempDir Path dir;
  private Store store;

  @BeforeEach
  void open() {
    store = Store.open(dir, OPTIONS);
    store.write(
        tx -> {
          Tree<String, String> tree = tx.tree(TREE);
          tree.put("changed", "old");
          tree.put("deleted", "old");
          tree.put("large", LARGE);
          tree.put("x", "0");
          tree.put("y", "0");
        });
  }

  @AfterEach
  void nothingIsLeft() {
    if (!store.listPrepared().isEmpty()) {
      store.close();
      return;
    }
    assertEquals(List.of(), store.verify(pages -> {}).problems());
    store.engine().log().forceAll();
    store.parts().housekeeper().workOff();
    VersionStats left = store.stats().versions();
    assertEquals(
        List.of(0L, 0L, 0L),
        List.of((long) left.chains(), left.keptBytes(), (long) left.snapshots()),
        left::toString);
    store.close();
    store = Store.open(dir, OPTIONS); // once more, from the log and the pages alone
    assertEquals(List.of(), store.verify(pages -> {}).problems());
    store.close();
  }

  private void crash(boolean really) {
    if (really) {
      store.abandon();
      store = Store.open(dir, OPTIONS);
    }
  }

  private long prepareChanges() {
    WriteTx tx = store.beginWrite();
    Tree<String, String> tree = tx.tree(TREE);
    tree.put("changed", "new");
    tree.put("inserted", "new");
    tree.remove("deleted");
    tree.put("large", "small");
    assertTrue(tx.prepare(GTRID));
    tx.close(); // does nothing: it is not its user's any more
    return tx.id();
  }

  private @Nullable String get(String key) {
    return store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }

  private List<String> keys() {
    return store.<List<String>, RuntimeException>read(
        tx -> tx.tree(TREE).stream().map(Map.Entry::getKey).toList());
  }

  private void assertBefore() {
    assertEquals("old", get("changed"));
    assertNull(get("inserted"));
    assertEquals("old", get("deleted"));
    assertEquals(LARGE, get("large"));
    assertEquals(List.of("changed", "deleted", "large", "x", "y"), keys());
  }

  private void assertAfter() {
    assertEquals("new", get("changed"));
    assertEquals("new", get("inserted"));
    assertNull(get("deleted"));
    assertEquals("small", get("large"));
    assertEquals(List.of("changed", "inserted", "large", "x", "y"), keys());
  }

  private void assertOwned() {
    for (String key : List.of("changed", "inserted", "deleted", "large")) {
      assertThrows(
          ConflictException.class, () -> store.write(tx -> tx.tree(TREE).put(key, "mine")), key);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void commitOfADecisionShowsEverythingAtOnce(boolean crash) {
    long id = prepareChanges();
    crash(crash);
    assertBefore();
    assertOwned();
    PreparedTransaction listed = store.listPrepared().getFirst();
    assertEquals(id, listed.id());
    assertArrayEquals(GTRID, listed.gtrid());
    assertEquals(crash, listed.fromRestart());
    try (ReadTx before = store.beginRead()) {
      CommitInfo info = store.commitPrepared(id);
      assertEquals(info, store.commitPrepared(id));
      assertEquals(
          DecisionException.Reason.DECIDED_OTHERWISE,
          assertThrows(DecisionException.class, () -> store.rollbackPrepared(id)).reason());
      assertAfter();
      assertEquals("old", before.tree(TREE).get("deleted"));
      assertEquals("old", before.tree(TREE).get("changed"));
      assertEquals(LARGE, before.tree(TREE).get("large"));
      // What is written above it must not lead the old snapshot astray.
      for (String value : List.of("later", "much later")) {
        store.write(
            tx -> {
              tx.tree(TREE).put("deleted", value);
              tx.tree(TREE).put("changed", value);
            });
      }
      assertEquals("old", before.tree(TREE).get("deleted"));
      assertEquals("old", before.tree(TREE).get("changed"));
      assertNull(before.tree(TREE).get("inserted"));
    }
    assertEquals("much later", get("deleted"));
    store.write(
        tx -> {
          tx.tree(TREE).remove("deleted");
          tx.tree(TREE).put("changed", "new");
        });
    assertEquals(List.of(), store.listPrepared());
    crash(true);
    assertAfter();
    assertEquals(
        DecisionException.Reason.UNKNOWN,
        assertThrows(DecisionException.class, () -> store.commitPrepared(id)).reason());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rollbackOfADecisionGivesEverythingBack(boolean crash) {
    long id = prepareChanges();
    crash(crash);
    store.rollbackPrepared(id);
    store.rollbackPrepared(id);
    assertEquals(
        DecisionException.Reason.DECIDED_OTHERWISE,
        assertThrows(DecisionException.class, () -> store.commitPrepared(id)).reason());
    assertBefore();
    store.write(tx -> tx.tree(TREE).put("changed", "mine"));
    store.write(tx -> tx.tree(TREE).put("changed", "old"));
    crash(true);
    assertBefore();
    assertEquals(List.of(), store.listPrepared());
  }

  @Test
  void aDecisionThatHasReturnedIsDurable() {
    long id = prepareChanges();
    store.commitPrepared(id);
    assertTrue(store.engine().log().durableEndLsn() > store.parts().commits().last().commitTs());
    crash(true);
    assertEquals(List.of(), store.listPrepared());
    assertAfter();
  }

  @Test
  void itStaysInDoubtOverAnOrderlyCloseAndACheckpoint() {
    long id = prepareChanges();
    store.close();
    for (int round = 0; round < 2; round++) {
      store = Store.open(dir, OPTIONS);
      assertBefore();
      assertOwned();
      store.checkpoint();
      store.close();
    }
    store = Store.open(dir, OPTIONS);
    store.commitPrepared(id);
    assertAfter();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatItHasReadIsLockedUntilTheDecision(boolean crash) {
    WriteTx reader = store.beginWrite();
    assertEquals("0", reader.tree(TREE).get("x"));
    assertNull(reader.tree(TREE).get("missing"));
    reader.tree(TREE).put("y", "1");
    assertTrue(reader.prepare(GTRID));
    crash(crash);
    for (String key : List.of("x", "missing")) {
      ConflictException e =
          assertThrows(
              ConflictException.class, () -> store.write(tx -> tx.tree(TREE).put(key, "mine")));
      assertEquals(!crash, e.isRetryable());
      assertTrue(String.valueOf(e.getMessage()).contains("transaction " + reader.id()));
    }
    store.write(tx -> tx.tree(TREE).put("changed", "free")); // nobody has read it
    store.commitPrepared(reader.id());
    store.write(tx -> tx.tree(TREE).put("x", "1"));
    assertEquals("1", get("x"));
    assertEquals("1", get("y"));
  }

  /** Each reads what the other writes: only one of them may be prepared, a crash or not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noWriteSkewWithAPreparedTransaction(boolean crash) {
    WriteTx first = store.beginWrite();
    first.tree(TREE).put("x", first.tree(TREE).get("y") + "1");
    assertTrue(first.prepare(GTRID));
    crash(crash);
    WriteTx second = store.beginWrite();
    String x = second.tree(TREE).get("x");
    second.tree(TREE).put("y", x + "1");
    assertThrows(ConflictException.class, () -> second.prepare(new byte[] {9}));
    second.close();
    WriteTx third = store.beginWrite();
    third.tree(TREE).put("y", third.tree(TREE).get("x") + "1");
    assertThrows(ConflictException.class, third::commit);
    third.close();
    store.commitPrepared(first.id());
    assertEquals(List.of("01", "0"), List.of(String.valueOf(get("x")), String.valueOf(get("y"))));
  }

  @Test
  void oneThatHasReadWhatAPreparedOneWroteIsNotPrepared() {
    long id = prepareChanges();
    WriteTx reader = store.beginWrite();
    assertEquals("old", reader.tree(TREE).get("changed"));
    reader.tree(TREE).put("x", "1");
    assertThrows(ConflictException.class, () -> reader.prepare(new byte[] {9}));
    reader.close();
    store.rollbackPrepared(id);
  }

  /** Its coordinator is told that it is over, and nothing is asked of it any more (rule 6). */
  @Test
  void oneThatHasWrittenNothingReturnsWhenWhatItHasReadIsDurable() {
    WriteTx writer = store.beginWrite();
    writer.tree(TREE).put("x", "1");
    long lsn = writer.commit(Durability.ASYNC).commitLsn();
    assertTrue(store.engine().log().durableEndLsn() <= lsn);
    WriteTx reader = store.beginWrite();
    assertEquals("1", reader.tree(TREE).get("x"));
    assertFalse(reader.prepare(GTRID));
    assertTrue(store.engine().log().durableEndLsn() > lsn);
  }

  @Test
  void oneThatHasWrittenNothingIsOverAndItsReadsHold() {
    WriteTx reader = store.beginWrite();
    assertEquals("0", reader.tree(TREE).get("x"));
    assertFalse(reader.prepare(GTRID));
    assertThrows(ClosedException.class, () -> reader.tree(TREE));
    assertEquals(List.of(), store.listPrepared());
    store.write(tx -> tx.tree(TREE).put("x", "1"));

    WriteTx stale = store.beginWrite();
    assertEquals("1", stale.tree(TREE).get("x"));
    store.write(tx -> tx.tree(TREE).put("x", "2"));
    assertThrows(ConflictException.class, () -> stale.prepare(GTRID));
    stale.close();

    WriteTx beside = store.beginWrite();
    assertEquals("2", beside.tree(TREE).get("x"));
    try (WriteTx writer = store.beginWrite()) {
      writer.tree(TREE).put("x", "3");
      assertThrows(ConflictException.class, () -> beside.prepare(GTRID));
    }
    beside.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGlobalIdIsTakenOnce(boolean crash) {
    long id = prepareChanges();
    crash(crash);
    WriteTx second = store.beginWrite();
    second.tree(TREE).put("x", "1");
    assertEquals(
        DecisionException.Reason.DUPLICATE,
        assertThrows(DecisionException.class, () -> second.prepare(GTRID)).reason());
    assertTrue(second.prepare(new byte[255])); // it lives on
    assertEquals(2, store.listPrepared().size());
    store.rollbackPrepared(second.id());
    store.rollbackPrepared(id);
    WriteTx third = store.beginWrite();
    third.tree(TREE).put("x", "1");
    assertTrue(third.prepare(GTRID));
    store.commitPrepared(third.id());
  }

  @Test
  void badUseIsRefusedAndChangesNothing() {
    WriteTx tx = store.beginWrite();
    tx.tree(TREE).put("x", "1");
    assertThrows(IllegalArgumentException.class, () -> tx.prepare(new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> tx.prepare(new byte[256]));
    tx.prepare(GTRID);
    assertThrows(ClosedException.class, tx::commit);
    assertThrows(ClosedException.class, tx::rollback);
    assertThrows(ClosedException.class, () -> tx.prepare(GTRID));
    assertThrows(
        IllegalStateException.class, () -> store.write(inside -> inside.prepare(new byte[] {1})));
    assertEquals(
        DecisionException.Reason.UNKNOWN,
        assertThrows(DecisionException.class, () -> store.commitPrepared(999)).reason());
    assertEquals("0", get("x"));
    store.commitPrepared(tx.id());
    assertEquals("1", get("x"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void veryManyReadsAreLockedTreeByTree(boolean crash) {
    WriteTx reader = store.beginWrite();
    for (int i = 0; i < 2000; i++) {
      assertNull(reader.tree(TREE).get("missing " + i));
    }
    reader.tree(TREE).put("y", "1");
    reader.prepare(GTRID);
    crash(crash);
    assertThrows(
        ConflictException.class, () -> store.write(tx -> tx.tree(TREE).put("other", "mine")));
    TreeDef<String, String> elsewhere = TreeDef.of("elsewhere", Codecs.UTF_8, Codecs.UTF_8);
    store.write(tx -> tx.tree(elsewhere).put("other", "mine"));
    store.rollbackPrepared(reader.id());
  }

  @Test
  void aWriterWaitsForTheDecision() throws InterruptedException {
    store.close();
    store = Store.open(dir, OPTIONS.withConflictWait(Duration.ofMinutes(1)));
    WriteTx reader = store.beginWrite();
    reader.tree(TREE).put("y", reader.tree(TREE).get("x") + "1");
    reader.prepare(GTRID);
    Thread writer =
        Thread.ofPlatform().start(() -> store.write(tx -> tx.tree(TREE).put("x", "late")));
    while (writer.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertEquals("0", get("x"));
    store.commitPrepared(reader.id());
    writer.join();
    assertEquals("late", get("x"));
  }
}
