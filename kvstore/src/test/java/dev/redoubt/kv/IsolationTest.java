package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What transactions see, what counts as read, and when that is a conflict. */
final class IsolationTest extends IsolationFixture {
  IsolationTest(@TempDir Path path) {
    super(path);
  }

  @Test
  void whatACommitHasReturnedIsSeen() {
    for (long i = 1; i <= 4; i++) {
      try (WriteTx tx = store.beginWrite()) {
        put(tx, "x", i);
        tx.commit(i % 2 == 0 ? Durability.SYNC : Durability.ASYNC);
      }
      assertEquals(i, now("x"));
      try (WriteTx tx = store.beginWrite()) {
        assertEquals(i, get(tx, "x"));
      }
    }
  }

  @Test
  void aDurableReaderSeesNothingThatACrashCouldTakeBack() {
    try (WriteTx tx = store.beginWrite()) {
      put(tx, "x", 1);
      long lsn = tx.commit(Durability.ASYNC).commitLsn();
      assertTrue(store.engine().log().durableEndLsn() <= lsn, "nobody has forced the log");
    }
    assertEquals(1, now("x"));
    try (ReadTx durable = store.beginRead(ReadPoint.DURABLE)) {
      assertEquals(0L, durable.tree(TREE).get("x"));
      store.engine().log().forceAll();
      assertEquals(0L, durable.tree(TREE).get("x"));
    }
    try (ReadTx durable = store.beginRead(ReadPoint.DURABLE)) {
      assertEquals(1L, durable.tree(TREE).get("x"));
    }
  }

  @Test
  void snapshotsDoNotPassWhatHasBeenPublished() {
    put("x", 1);
    store.checkpoint(); // records that are no commits become durable
    long last = store.parts().commits().last().commitTs();
    assertTrue(store.engine().log().durableEndLsn() - 1 > last);
    assertEquals(last, store.parts().commits().acknowledged());
    assertEquals(last, store.parts().commits().durable());
  }

  @Test
  void aSyncCommitThatOnlyReadWaitsForWhatItHasSeen() {
    long lsn;
    try (WriteTx tx = store.beginWrite()) {
      put(tx, "x", 1);
      lsn = tx.commit(Durability.ASYNC).commitLsn();
    }
    try (WriteTx tx = store.beginWrite()) {
      assertEquals(1, get(tx, "x"));
      assertTrue(store.engine().log().durableEndLsn() <= lsn);
      tx.commit(Durability.SYNC);
    }
    assertTrue(store.engine().log().durableEndLsn() > lsn);
  }

  @Test
  void writesWithoutReadsNeverConflict() {
    try (WriteTx one = store.beginWrite();
        WriteTx other = store.beginWrite()) {
      get(other, "y"); // its snapshot
      put(one, "x", 1);
      one.commit();
      put(other, "x", 2);
      assertEquals(2, get(other, "x"));
      other.commit();
    }
    assertEquals(2, now("x"));
  }

  @Test
  void aLockingReadMovesTheSnapshotOnIfWhatWasReadStillHolds() {
    try (WriteTx tx = store.beginWrite()) {
      assertEquals(0, get(tx, "y"));
      put("x", 1);
      assertEquals(1L, tx.tree(TREE).remove("x"));
      put(tx, "x", 2);
      tx.commit();
    }
    assertEquals(2, now("x"));
  }

  @Test
  void aLockingReadIsRefusedIfWhatWasReadHasChanged() {
    try (WriteTx tx = store.beginWrite()) {
      assertEquals(0, get(tx, "y"));
      store.write(
          each -> {
            each.tree(TREE).put("x", 1L);
            each.tree(TREE).put("y", 1L);
          });
      assertThrows(ConflictException.class, () -> tx.tree(TREE).remove("x"));
    }
  }

  @Test
  void aLockingReadThatComesFirstTakesTheSnapshotBehindTheOwner() {
    try (WriteTx tx = store.beginWrite()) {
      put("x", 1);
      assertEquals(1L, tx.tree(TREE).putIfAbsent("x", 5L));
      put("y", 1);
      assertEquals(0, get(tx, "y"), "the snapshot was taken then");
    }
  }

  /** What it had read ahead at the older snapshot must not be delivered after the move. */
  @Test
  void aScanReadsAgainWhenTheSnapshotMoves() {
    try (WriteTx tx = store.beginWrite()) {
      put("a", 0);
      Iterator<Map.Entry<String, Long>> scan = tx.tree(TREE).range(KeyRange.all()).iterator();
      assertEquals("a", scan.next().getKey());
      store.write(
          each -> {
            each.tree(TREE).put("x", 7L);
            each.tree(TREE).put("z", 7L);
          });
      assertNull(tx.tree(TREE).remove("absent"));
      assertEquals(7L, tx.tree(TREE).putIfAbsent("z", 1L), "owned and read, not written");
      assertEquals(Map.entry("x", 7L), scan.next());
      tx.commit();
    }
  }

  @Test
  void aWriteThatWasRolledBackToItsSavepointLetsTheSnapshotShow() {
    try (WriteTx tx = store.beginWrite()) {
      assertEquals(0, get(tx, "y"));
      put("x", 1);
      Savepoint savepoint = tx.savepoint();
      put(tx, "x", 2);
      tx.rollbackTo(savepoint);
      assertEquals(0, get(tx, "x"), "as of the snapshot");
      put(tx, "mine", 1);
      assertThrows(ConflictException.class, tx::commit, "x was read, and is newer");
    }
    assertEquals(1, now("x"));
  }

  @Test
  void ownWritesAreNotConflicts() {
    try (WriteTx tx = store.beginWrite()) {
      add(tx, "x", 1);
      assertEquals(2, count(tx));
      put(tx, "w", 1);
      assertEquals(3, count(tx));
      tx.commit();
    }
    assertEquals(1, now("x"));
  }

  @Test
  void aScanHasReadWhatItHasShownAndNoMore() {
    for (String each : List.of("b", "d", "f", "h")) {
      put(each, 0);
    }
    assertFirstConflicts(true, "a", true);
    assertFirstConflicts(true, "b", true);
    assertFirstConflicts(true, "c", false);
    assertFirstConflicts(false, "z", true);
    assertFirstConflicts(false, "y", true);
    assertFirstConflicts(false, "g", false);
  }

  /** Looks at the first or last entry, has another transaction write the key, and commits. */
  private void assertFirstConflicts(boolean first, String key, boolean conflicts) {
    Long old = nowOrNull(key);
    try (WriteTx tx = store.beginWrite()) {
      Tree<String, Long> tree = tx.tree(TREE);
      Map.Entry<String, Long> found = first ? tree.first() : tree.last();
      assertEquals(first ? "b" : "y", found == null ? null : found.getKey());
      put(key, 9);
      put(tx, "mine", 1);
      if (conflicts) {
        assertThrows(ConflictException.class, tx::commit, key);
      } else {
        tx.commit();
      }
    }
    store.write(
        each -> {
          each.tree(TREE).remove("mine");
          if (old == null) {
            each.tree(TREE).remove(key);
          }
        });
  }

  @Test
  void aScanToItsEndHasReadItsWholeRange() {
    put("p1", 0);
    put("p3", 0);
    for (boolean up : new boolean[] {true, false}) {
      for (String key : List.of("p", "p0", "p2", "p4", "p9", "q", "o")) {
        try (WriteTx tx = store.beginWrite()) {
          KeyRange<String> range = KeyRange.between("p", "q"); // with p, without q
          Iterable<Map.Entry<String, Long>> entries =
              up ? tx.tree(TREE).range(range) : tx.tree(TREE).descending(range);
          int seen = 0;
          for (Map.Entry<String, Long> each : entries) {
            seen += each.getKey().length() / 2;
          }
          assertEquals(2, seen);
          put(key, 1);
          put(tx, "mine", 1);
          if (key.startsWith("p")) {
            assertThrows(ConflictException.class, tx::commit, key);
          } else {
            tx.commit();
          }
        }
        store.write(tx -> tx.tree(TREE).remove(key));
      }
    }
  }

  @Test
  void whatIsCommittedWhileACommitWaitsForTheSectionIsNoticed() throws Exception {
    ReentrantLock section = store.parts().commits().section;
    try (WriteTx tx = store.beginWrite();
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      put(tx, "y", get(tx, "x"));
      Future<?> commit;
      section.lock();
      try {
        commit = thread.submit(() -> tx.commit());
        while (!section.hasQueuedThreads()) {
          Thread.onSpinWait();
        }
        put("x", 1); // the section is entered again
      } finally {
        section.unlock();
      }
      ExecutionException refused = assertThrows(ExecutionException.class, commit::get);
      assertInstanceOf(ConflictException.class, refused.getCause());
    }
    assertEquals(0, now("y"));
  }

  @Test
  void writeRunsAgainAfterAConflictAtCommit() {
    int[] attempts = {0};
    store.write(
        tx -> {
          long read = get(tx, "x");
          if (attempts[0]++ == 0) {
            put("x", 10);
          }
          put(tx, "x", read + 1);
        });
    assertEquals(List.of(2L, 11L), List.of((long) attempts[0], now("x")));
  }

  @Test
  void theIsolationOfATransactionIsChosenForIt() {
    TransactionOptions weaker = INLINE.transaction().withIsolation(Isolation.SNAPSHOT);
    store.write(
        weaker,
        tx -> {
          get(tx, "y");
          put("y", 1);
          put(tx, "x", 1);
        });
    assertEquals(1, now("x"));
    assertFalse(weaker.equals(INLINE.transaction()));
  }
}
