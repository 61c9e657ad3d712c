package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads on one tree: splits, merges, rollbacks and scans at once. */
final class BTreeConcurrencyTest {
  private static final int WRITERS = 6;
  private static final int READERS = 2;
  private static final int TRANSACTIONS = 400;

  private final AtomicBoolean done = new AtomicBoolean();

  @ParameterizedTest
  @ValueSource(ints = {64, 2000})
  void writersAndReadersOnManyThreadsLeaveASoundTree(int frames) throws Exception {
    try (TreeFixture fixture = new TreeFixture(4096, frames, true);
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + READERS)) {
      List<Future<NavigableMap<byte[], byte[]>>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        writers.add(threads.submit(() -> write(fixture, writer)));
      }
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        boolean ascending = i % 2 == 0;
        readers.add(threads.submit(() -> scan(fixture, ascending)));
      }
      NavigableMap<byte[], byte[]> expected = TreeFixture.newModel();
      try {
        for (Future<NavigableMap<byte[], byte[]>> each : writers) {
          expected.putAll(each.get());
        }
      } finally {
        done.set(true);
      }
      for (Future<Long> each : readers) {
        assertTrue(each.get() > 0);
      }
      fixture.check(expected, "after all writers");
      fixture.crash();
      fixture.check(expected, "after a crash");
    }
  }

  /** Each writer has keys of its own, mixed with everybody's in every leaf. */
  private static NavigableMap<byte[], byte[]> write(TreeFixture fixture, int writer) {
    SplittableRandom random = new SplittableRandom(writer);
    NavigableMap<byte[], byte[]> committed = TreeFixture.newModel();
    for (int i = 0; i < TRANSACTIONS; i++) {
      NavigableMap<byte[], byte[]> work = TreeFixture.newModel();
      work.putAll(committed);
      Transaction tx = fixture.engine.begin();
      boolean deleting = i % 4 == 3;
      List<byte[]> ghosts = new ArrayList<>();
      for (int j = 0; j < 40; j++) {
        byte[] key = key(random.nextInt(2000), writer);
        if (deleting) {
          boolean deleted = fixture.tree.delete(tx, key, cell -> BTree.Before.AS_IT_IS);
          assertEquals(work.remove(key) != null, deleted);
          ghosts.add(key);
        } else {
          byte[] value = new byte[random.nextInt(200)];
          random.nextBytes(value);
          assertTrue(fixture.tree.put(tx, key, value, false, cell -> BTree.Before.AS_IT_IS));
          work.put(key, value);
        }
      }
      if (random.nextInt(4) == 0) {
        tx.rollback();
      } else {
        fixture.commit(tx);
        committed = work;
        ghosts.forEach(key -> fixture.tree.purge(key, other -> writerOf(other) == writer));
      }
    }
    return committed;
  }

  private long scan(TreeFixture fixture, boolean ascending) {
    long leaves = 0;
    do {
      byte[][] last = new byte[1][];
      byte[] from = null;
      do {
        from =
            fixture.tree.visitLeaf(
                from,
                ascending,
                ascending,
                (key, cell) -> {
                  if (last[0] != null) {
                    int order = Arrays.compareUnsigned(last[0], key);
                    assertTrue(ascending ? order < 0 : order > 0, "a scan went back");
                  }
                  last[0] = key;
                  return true;
                });
        leaves++;
      } while (from != null);
    } while (!done.get());
    return leaves;
  }

  private static byte[] key(int number, int writer) {
    return ByteBuffer.allocate(8).putInt(number).putInt(writer).array();
  }

  private static int writerOf(byte[] key) {
    return ByteBuffer.wrap(key).getInt(4);
  }
}
