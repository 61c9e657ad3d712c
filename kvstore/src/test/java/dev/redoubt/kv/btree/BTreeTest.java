package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One tree against a sorted map: changes, rollbacks, crashes, purging. */
final class BTreeTest {
  private static byte[] number(long n) {
    return ByteBuffer.allocate(8).putLong(n).array();
  }

  @Test
  void aNewTreeIsEmptyBothWays() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      assertEquals(1, fixture.check(TreeFixture.newModel(), "new").pages());
      assertNull(fixture.get(new byte[0]));
    }
  }

  @Test
  void theEmptyKeyIsAKey() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      Transaction tx = fixture.engine.begin();
      fixture.put(tx, new byte[0], number(1));
      fixture.commit(tx);
      model.put(new byte[0], number(1));
      fixture.check(model, "empty key");
    }
  }

  @Test
  void ascendingInsertsLeaveFullPages() {
    try (TreeFixture fixture = new TreeFixture(4096, 256)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      Transaction tx = fixture.engine.begin();
      for (int i = 0; i < 20_000; i++) {
        fixture.put(tx, number(i), number(-i));
        model.put(number(i), number(-i));
      }
      fixture.commit(tx);
      long pages = fixture.check(model, "ascending").pages();
      // A cell and its slot take at most 8 + 3 + 8 + 8 bytes, less the prefix.
      assertTrue(pages * 4096 < 20_000 * 27 * 1.05, () -> pages + " pages");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4096, SHORT, 64, 1",
    "4096, LONG, 64, 2",
    "4096, COMMON_PREFIX, 64, 3",
    "8192, LONG, 40, 4",
    "16384, COMMON_PREFIX, 64, 5",
    "65536, LONG, 64, 6"
  })
  void randomTransactionsRollbacksAndCrashesLeaveTheModel(
      int pageSize, KeyKind kind, int frames, long seed) {
    try (TreeFixture fixture = new TreeFixture(pageSize, frames)) {
      new RandomWork(fixture, kind, seed).run(200);
    }
  }

  @Test
  void savepointsRollBackPartly() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      Transaction tx = fixture.engine.begin();
      fixture.put(tx, number(1), number(1));
      Savepoint savepoint = tx.savepoint();
      fixture.put(tx, number(1), new byte[800]);
      fixture.put(tx, number(2), number(2));
      tx.rollbackTo(savepoint);
      fixture.commit(tx);
      assertArrayEquals(number(1), fixture.get(number(1)));
      assertNull(fixture.get(number(2)));
    }
  }

  @Test
  void rollbackFindsItsKeysAfterOthersSplitThePages() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      SplittableRandom random = new SplittableRandom(7);
      Transaction loser = fixture.engine.begin();
      for (int i = 0; i < 50; i++) {
        fixture.put(loser, number(i * 1000L), new byte[100]);
      }
      Transaction winner = fixture.engine.begin();
      for (int i = 0; i < 3000; i++) {
        byte[] key = number(random.nextInt(50) * 1000L + 1 + random.nextInt(999));
        fixture.put(winner, key, number(i));
        model.put(key, number(i));
      }
      fixture.commit(winner);
      loser.rollback();
      fixture.check(model, "rolled back");
    }
  }

  @Test
  void undoOfAShrinkingReplacementSplitsWhereTheRoomIsGone() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      Transaction first = fixture.engine.begin();
      for (int i = 0; i < 4; i++) {
        fixture.put(first, number(i * 100L), new byte[900]);
        model.put(number(i * 100L), new byte[900]);
      }
      fixture.commit(first);
      Transaction loser = fixture.engine.begin();
      for (int i = 0; i < 4; i++) {
        fixture.put(loser, number(i * 100L), new byte[1]);
      }
      Transaction winner = fixture.engine.begin();
      for (int i = 0; i < 4; i++) {
        fixture.put(winner, number(i * 100L + 1), new byte[850]);
        model.put(number(i * 100L + 1), new byte[850]);
      }
      fixture.commit(winner);
      fixture.crash();
      fixture.check(model, "undone at restart");
    }
  }

  @Test
  void undoOfACreationFreesTheWholeTree() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      long before = fixture.engine.space().allocatedPages();
      Transaction tx = fixture.engine.begin();
      long root = BTree.create(fixture.engine, fixture.pages, tx, 99);
      BTree other = new BTree(fixture.engine, fixture.pages, 99, root);
      for (int i = 0; i < 3000; i++) {
        assertTrue(other.put(tx, number(i * 7919L % 3001), new byte[50], false, TreeFixture.PLAIN));
      }
      assertTrue(fixture.engine.space().allocatedPages() > before + 30);
      tx.rollback();
      assertEquals(before, fixture.engine.space().allocatedPages());
    }
  }

  @Test
  void purgingEverythingLeavesOnePageAndTheOthersAreUsedAgain() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      long before = fixture.engine.space().allocatedPages();
      for (int round = 0; round < 3; round++) {
        NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
        SplittableRandom random = new SplittableRandom(round);
        Transaction tx = fixture.engine.begin();
        for (int i = 0; i < 5000; i++) {
          byte[] key = number(random.nextInt(100_000));
          fixture.put(tx, key, new byte[40]);
          model.put(key, new byte[40]);
        }
        fixture.commit(tx);
        Transaction deleter = fixture.engine.begin();
        for (byte[] key : model.keySet()) {
          assertTrue(fixture.tree.delete(deleter, key, TreeFixture.PLAIN));
        }
        fixture.commit(deleter);
        fixture.check(TreeFixture.newModel(), "deleted");
        for (byte[] key : model.keySet()) {
          fixture.tree.purge(key, any -> true);
        }
        assertEquals(1, fixture.check(TreeFixture.newModel(), "purged").pages());
        assertEquals(before, fixture.engine.space().allocatedPages());
      }
    }
  }

  @Test
  void hooksSeeTheCellAndCanGiveUp() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      Transaction tx = fixture.engine.begin();
      fixture.put(tx, number(1), number(10));
      assertFalse(fixture.tree.put(tx, number(1), number(11), false, cell -> BTree.Before.GIVE_UP));
      assertFalse(fixture.tree.delete(tx, number(1), cell -> BTree.Before.GIVE_UP));
      assertFalse(fixture.tree.delete(tx, number(2), TreeFixture.PLAIN));
      fixture.commit(tx);
      assertArrayEquals(number(10), fixture.get(number(1)));
    }
  }
}
