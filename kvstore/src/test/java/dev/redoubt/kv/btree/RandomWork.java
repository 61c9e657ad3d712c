package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;

/**
 * Transactions drawn from a seed, one at a time, against a map; crashes and reopens now and then.
 */
final class RandomWork {
  private final TreeFixture fixture;
  private final KeyKind kind;
  private final long seed;
  private final SplittableRandom random;
  private NavigableMap<byte[], byte[]> committed = TreeFixture.newModel();

  RandomWork(TreeFixture fixture, KeyKind kind, long seed) {
    this.fixture = fixture;
    this.kind = kind;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  void run(int transactions) {
    for (int i = 0; i < transactions; i++) {
      String what = "seed " + seed + " transaction " + i;
      transaction(what);
      int next = random.nextInt(100);
      if (next < 4) {
        fixture.crash();
      } else if (next < 6) {
        fixture.closeAndReopen();
      } else if (next < 30) {
        fixture.tree.purge(key(), any -> true);
      }
      if (i % 10 == 0) {
        fixture.check(committed, what);
      }
    }
    fixture.check(committed, "seed " + seed);
  }

  private void transaction(String what) {
    NavigableMap<byte[], byte[]> work = TreeFixture.newModel();
    work.putAll(committed);
    Transaction tx = fixture.engine.begin();
    operations(tx, work, what);
    if (random.nextInt(4) == 0) {
      NavigableMap<byte[], byte[]> before = TreeFixture.newModel();
      before.putAll(work);
      Savepoint savepoint = tx.savepoint();
      operations(tx, work, what);
      tx.rollbackTo(savepoint);
      work = before;
    }
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> tx.rollback();
      case 3 -> {
        fixture.engine.log().forceAll();
        fixture.crash();
      }
      default -> {
        fixture.commit(tx);
        committed = work;
      }
    }
  }

  private void operations(Transaction tx, Map<byte[], byte[]> work, String what) {
    int count = random.nextInt(60);
    boolean deleting = random.nextInt(3) == 0;
    for (int i = 0; i < count; i++) {
      byte[] key = key();
      assertArrayEquals(work.get(key), fixture.get(key), what);
      if (random.nextInt(100) < (deleting ? 70 : 20)) {
        boolean deleted = fixture.tree.delete(tx, key, cell -> BTree.Before.AS_IT_IS);
        assertEquals(work.remove(key) != null, deleted, what);
      } else {
        byte[] value = value(key);
        fixture.tree.put(tx, key, value, false, cell -> BTree.Before.AS_IT_IS);
        work.put(key, value);
      }
    }
  }

  private byte[] key() {
    return kind.next(random, fixture.options.pageSize());
  }

  private byte[] value(byte[] key) {
    int most = fixture.tree.maxInlineBytes(key.length);
    byte[] value = new byte[random.nextInt(4) == 0 ? random.nextInt(most + 1) : random.nextInt(20)];
    random.nextBytes(value);
    return value;
  }
}
