package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Increments that do not wait for each other's commit (store rule 2), step by step. */
final class IncrementTest extends IsolationFixture {
  IncrementTest(@TempDir Path path) {
    super(path);
  }

  /** All in one thread: whoever waited would wait for himself. */
  @Test
  void transactionsThatAddToOneKeyDoNotWaitForEachOther() {
    WriteTx first = store.beginWrite();
    WriteTx second = store.beginWrite();
    WriteTx third = store.beginWrite();
    first.tree(TREE).add("x", 1);
    second.tree(TREE).add("x", 10);
    third.tree(TREE).add("x", 100);
    first.tree(TREE).add("x", 1000);
    assertEquals(0, now("x"));
    second.commit(); // not in the order in which they came
    assertEquals(10, now("x"));
    third.close();
    assertEquals(10, now("x"));
    first.commit();
    assertEquals(1011, now("x"));
  }

  /** Each point of the commit order is read exactly, whatever lies around it in the chain. */
  @Test
  void snapshotsSeeTheSumOfTheirCommits() {
    List<ReadTx> readers = new ArrayList<>();
    List<Long> sums = new ArrayList<>();
    WriteTx[] open = new WriteTx[4];
    for (int i = 0; i < open.length; i++) {
      open[i] = store.beginWrite();
      open[i].tree(TREE).add("x", 1L << i);
    }
    long sum = 0;
    for (int each : new int[] {2, 0, 3, 1}) {
      readers.add(store.beginRead());
      sums.add(sum);
      open[each].commit();
      sum += 1L << each;
    }
    put("x", 70);
    WriteTx late = store.beginWrite();
    late.tree(TREE).add("x", 5);
    for (int i = 0; i < readers.size(); i++) {
      assertEquals(sums.get(i), readers.get(i).tree(TREE).get("x"));
    }
    assertEquals(70, now("x"));
    late.commit();
    for (int i = 0; i < readers.size(); i++) {
      assertEquals(sums.get(i), readers.get(i).tree(TREE).get("x"));
      readers.get(i).close();
    }
    assertEquals(75, now("x"));
  }

  /**
   * Rule 2, undo: a version whose increment has been undone is still there, and must not be
   * subtracted once more; the CLR and the version change under one latch.
   */
  @Test
  void aRollbackTakesBackItsOwnIncrementAlone() {
    WriteTx first = store.beginWrite();
    WriteTx second = store.beginWrite();
    first.tree(TREE).add("x", 1);
    Savepoint before = second.savepoint();
    second.tree(TREE).add("x", 10);
    Savepoint between = second.savepoint();
    second.tree(TREE).add("x", 100);
    first.tree(TREE).add("x", 2);
    second.rollbackTo(between);
    first.commit();
    assertEquals(3, now("x"));
    ReadTx old = store.beginRead();
    second.rollbackTo(before);
    assertEquals(3, now("x"));
    second.tree(TREE).add("x", 20);
    second.commit();
    assertEquals(23, now("x"));
    assertEquals(3L, old.tree(TREE).get("x"));
    old.close();
  }

  @Test
  void whoAddsMayComeToOwnTheKeyAlone() {
    WriteTx other = store.beginWrite();
    other.tree(TREE).add("x", 1000);
    WriteTx tx = store.beginWrite();
    Savepoint none = tx.savepoint();
    tx.tree(TREE).add("x", 1);
    other.commit();
    Savepoint added = tx.savepoint();
    ReadTx old = store.beginRead();
    assertEquals(1001L, tx.tree(TREE).getForUpdate("x"));
    assertEquals(1011, tx.tree(TREE).addAndGet("x", 10));
    assertEquals(1000, now("x"));
    tx.tree(TREE).remove("x");
    assertEquals(1000, now("x"));
    tx.tree(TREE).add("x", 3);
    assertEquals(3L, tx.tree(TREE).get("x"));
    tx.rollbackTo(added);
    assertEquals(1000, now("x"));
    assertEquals(1001L, tx.tree(TREE).get("x"));
    tx.tree(TREE).add("x", 5);
    assertEquals(1006L, tx.tree(TREE).get("x"));
    assertEquals(1000, now("x"));
    tx.rollbackTo(none);
    assertEquals(1000, now("x"));
    assertEquals(1000L, tx.tree(TREE).get("x"));
    tx.tree(TREE).add("x", 4);
    tx.commit();
    assertEquals(1004, now("x"));
    assertEquals(1000L, old.tree(TREE).get("x"));
    old.close();
  }

  @Test
  void aReaderOfTheSumIsValidatedAgainstIncrements() {
    WriteTx reader = begin(Isolation.SERIALIZABLE);
    reader.tree(TREE).add("x", 1);
    assertEquals(1L, reader.tree(TREE).get("x"));
    WriteTx other = store.beginWrite();
    other.tree(TREE).add("x", 1);
    other.commit();
    assertEquals(1L, reader.tree(TREE).get("x"));
    assertThrows(ConflictException.class, reader::commit);
    reader.close();
    for (Isolation each : Isolation.values()) {
      WriteTx blind = begin(each);
      assertEquals(0, get(blind, "y"));
      WriteTx between = store.beginWrite();
      between.tree(TREE).add("x", 1);
      between.commit();
      blind.tree(TREE).add("x", 1); // it has not read the sum
      blind.commit();
    }
    assertEquals(1 + 2L * Isolation.values().length, now("x"));
  }

  /** An image covers older images, but older increments only together with the image itself. */
  @Test
  void anImageAboveIncrementsIsKeptForThoseWhoSeeNeither() {
    ReadTx old = store.beginRead();
    assertEquals(0L, old.tree(TREE).get("x"));
    store.write(tx -> tx.tree(TREE).add("x", 1));
    put("x", 70);
    put("x", 80);
    assertEquals(0L, old.tree(TREE).get("x"));
    store.write(tx -> tx.tree(TREE).add("x", 1));
    store.write(tx -> tx.tree(TREE).add("x", 1));
    assertEquals(0L, old.tree(TREE).get("x"));
    assertEquals(82, now("x"));
    old.close();
  }

  @Test
  void aLockingReadSeesIncrementsThatWereCommittedLateAndStandBelow() {
    WriteTx late = store.beginWrite();
    WriteTx early = store.beginWrite();
    late.tree(TREE).add("x", 1);
    early.tree(TREE).add("x", 10);
    early.commit();
    WriteTx tx = begin(Isolation.SERIALIZABLE);
    assertEquals(0, get(tx, "y"));
    late.commit();
    assertEquals(111, tx.tree(TREE).addAndGet("x", 100));
    tx.commit();
    assertEquals(111, now("x"));
  }

  /** Under an old snapshot the chain of a hot counter does not grow with the increments. */
  @Test
  void incrementsThatNobodyTellsApartBecomeOne() {
    ReadTx old = store.beginRead();
    WriteTx open = store.beginWrite();
    open.tree(TREE).add("x", 1_000_000);
    WriteTx late = store.beginWrite();
    late.tree(TREE).add("x", 2_000_000);
    List<ReadTx> readers = new ArrayList<>();
    for (int i = 1; i <= 400; i++) {
      int amount = i;
      store.write(tx -> tx.tree(TREE).add("x", amount));
      if (i % 100 == 0) {
        readers.add(store.beginRead());
      }
      if (i == 200) {
        late.commit();
      }
    }
    int length = 0;
    byte[] key = Codecs.UTF_8.encode("x");
    for (Version each = store.parts().keys().find(treeId(), key); each != null; each = each.older) {
      length++;
    }
    assertTrue(length < 100, "length of the chain: " + length);
    assertEquals(0L, old.tree(TREE).get("x"));
    for (int i = 0; i < readers.size(); i++) {
      long upTo = 100L * (i + 1);
      long expected = upTo * (upTo + 1) / 2 + (upTo > 200 ? 2_000_000 : 0);
      assertEquals(expected, readers.get(i).tree(TREE).get("x"));
      readers.get(i).close();
    }
    open.close();
    assertEquals(0L, old.tree(TREE).get("x"));
    assertEquals(2_080_200L, now("x"));
    old.close();
  }

  private int treeId() {
    return Objects.requireNonNull(store.parts().catalog().open(TREE)).treeId();
  }

  @Test
  void anAbsentKeyIsOwnedAloneAndCountsAsZero() {
    WriteTx first = store.beginWrite();
    first.tree(TREE).add("new", 3);
    first.tree(TREE).add("new", 4);
    assertEquals(7L, first.tree(TREE).get("new"));
    assertEquals(null, nowOrNull("new"));
    Thread second =
        Thread.ofPlatform().start(() -> store.write(tx -> tx.tree(TREE).add("new", 10)));
    first.commit();
    join(second);
    assertEquals(17, now("new"));
    store.write(tx -> tx.tree(TREE).remove("new"));
    store.write(tx -> tx.tree(TREE).add("new", 1)); // over its ghost, or what that left
    assertEquals(1, now("new"));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            store.write(
                tx -> {
                  TreeDef<String, byte[]> raw = TreeDef.of("raw", Codecs.UTF_8, Codecs.BYTES);
                  tx.tree(raw).put("a", new byte[3]);
                  store
                      .parts()
                      .operations()
                      .add(
                          (WriteTransaction) tx,
                          Objects.requireNonNull(store.parts().catalog().openOrCreate(raw)),
                          new byte[] {'a'},
                          1);
                }));
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Else a stream of increments would keep out for ever who wants the key alone (rule 11). */
  @Test
  void whoWantsTheKeyAloneIsNotPassedByIncrementsThatComeLater() {
    WriteTx first = store.beginWrite();
    first.tree(TREE).add("x", 1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    Thread alone =
        Thread.ofPlatform()
            .start(
                () ->
                    store.write(
                        tx -> {
                          order.add("alone " + tx.tree(TREE).addAndGet("x", 10));
                        }));
    awaitWaiters(first, 1);
    Thread later =
        Thread.ofPlatform()
            .start(
                () ->
                    store.write(
                        tx -> {
                          tx.tree(TREE).add("x", 100);
                          order.add("later");
                        }));
    while (later.getState() != Thread.State.TIMED_WAITING && later.isAlive()) {
      Thread.onSpinWait();
    }
    first.tree(TREE).add("x", 1); // the owner itself goes on
    first.commit();
    join(alone);
    join(later);
    assertEquals(List.of("alone 12", "later"), order);
    assertEquals(112, now("x"));
  }

  private static void awaitWaiters(WriteTx owner, int count) {
    while (Waiters.of(owner) < count) {
      Thread.onSpinWait();
    }
  }

  /** Two who added to a key and both want it alone wait for each other: one is refused. */
  @Test
  void twoWhoWantTheirKeyAloneAreADeadlock() {
    WriteTx older = store.beginWrite();
    WriteTx younger = store.beginWrite();
    older.tree(TREE).add("x", 1);
    younger.tree(TREE).add("x", 10);
    Thread waits =
        Thread.ofPlatform()
            .start(
                () -> {
                  older.tree(TREE).addAndGet("x", 100);
                  older.commit();
                });
    awaitWaiters(younger, 1);
    assertThrows(ConflictException.class, () -> younger.tree(TREE).addAndGet("x", 1000));
    younger.close();
    join(waits);
    assertEquals(101, now("x"));
  }

  /** One of two who wait for increments to end is refused: the other is still waited for. */
  @Test
  void whoeverStillWaitsIsAheadOfLaterIncrements() {
    WriteTx adds = store.beginWrite();
    WriteTx waits = store.beginWrite();
    WriteTx refused = store.beginWrite();
    WriteTx later = store.beginWrite();
    adds.tree(TREE).add("x", 1);
    refused.tree(TREE).put("y", 5L);
    Thread first =
        Thread.ofPlatform()
            .start(
                () -> {
                  assertEquals(11, waits.tree(TREE).addAndGet("x", 10));
                  waits.commit();
                });
    awaitWaiters(adds, 1);
    Thread second =
        Thread.ofPlatform()
            .start(
                () -> {
                  assertThrows(
                      ConflictException.class, () -> refused.tree(TREE).addAndGet("x", 100));
                  refused.close();
                });
    awaitWaiters(adds, 2);
    adds.tree(TREE).put("y", 7L); // closes a circle with the second
    join(second);
    Thread third =
        Thread.ofPlatform()
            .start(
                () -> {
                  later.tree(TREE).add("x", 1000);
                  later.commit();
                });
    while (Waiters.of(waits) == 0) {
      assertTrue(third.isAlive(), "it has gone ahead");
      Thread.onSpinWait();
    }
    adds.commit();
    join(first);
    join(third);
    assertEquals(1011, now("x"));
  }

  @Test
  void manyThreadsAddAndEverySumThatIsReadIsOne() {
    int threads = 4;
    int each = 200;
    List<Thread> all = new ArrayList<>();
    List<@Nullable Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (int t = 0; t < threads; t++) {
      int seed = t;
      all.add(
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, e) -> failures.add(e))
              .start(() -> move(seed, each)));
    }
    Thread reads =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, e) -> failures.add(e))
            .start(
                () -> {
                  while (all.stream().anyMatch(Thread::isAlive)) {
                    try (ReadTx tx = store.beginRead()) {
                      List<Long> both = both(tx);
                      assertEquals(0, both.get(0) + both.get(1));
                      assertEquals(both, both(tx));
                    }
                    assertEquals(
                        0L,
                        store.<Long, RuntimeException>writeAndGet(
                            tx -> get(tx, "x") + get(tx, "y")));
                  }
                });
    all.forEach(IncrementTest::join);
    join(reads);
    assertEquals(List.of(), failures);
    Map<String, Long> sums = new TreeMap<>();
    for (int t = 0; t < threads; t++) {
      for (int i = 0; i < each; i++) {
        if (i % 7 != 3) {
          sums.merge("x", i + (long) t, Long::sum);
          sums.merge("y", -i - (long) t, Long::sum);
        }
      }
    }
    assertEquals(sums, Map.of("x", now("x"), "y", now("y")));
  }

  /** Moves amounts from y to x; every seventh is rolled back, every fifth owns x alone. */
  private void move(int seed, int times) {
    for (int i = 0; i < times; i++) {
      long amount = i + (long) seed;
      boolean rolledBack = i % 7 == 3;
      boolean alone = i % 5 == 2;
      try {
        store.write(
            INLINE.transaction().withDurability(Durability.ASYNC),
            tx -> {
              tx.tree(TREE).add("x", amount - 1);
              if (alone) {
                tx.tree(TREE).addAndGet("x", 1);
              } else {
                tx.tree(TREE).add("x", 1);
              }
              tx.tree(TREE).add("y", -amount);
              if (rolledBack) {
                throw new ArithmeticException("not this one");
              }
            });
      } catch (ArithmeticException expected) {
        assertEquals(true, rolledBack);
      }
    }
  }
}
