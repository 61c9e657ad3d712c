package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of the heap a put takes, in a transaction of its own and in a large one. */
class PutAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int PUTS = 20_000;

  /** So many before the JVM has compiled what it measures, with next to no processor for that. */
  private static final int MOST_ROUNDS = 60;

  private static final byte[][] KEYS = keys();
  private static final byte[] VALUE = new byte[100];

  @TempDir Path dir;

  @Test
  void aTransactionOfOnePutIsAFewObjects() {
    try (Store store = Store.open(dir)) {
      long insert = least(store, 640, PutAllocationTest::putEachAlone);
      assertTrue(insert <= 640, "an insert allocates " + insert + " bytes");
    }
  }

  /** What is left is the version with its key, and what splits of leaves take. */
  @Test
  void aPutAmongManyKeepsItsVersionOnly() {
    try (Store store = Store.open(dir)) {
      long insert = least(store, 200, PutAllocationTest::putThousands);
      assertTrue(insert <= 200, "an insert allocates " + insert + " bytes");
    }
  }

  private static void putEachAlone(Store store, TreeDef<byte[], byte[]> definition) {
    for (byte[] each : KEYS) {
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(definition).put(each, VALUE);
        tx.commit(Durability.ASYNC);
      }
    }
  }

  private static void putThousands(Store store, TreeDef<byte[], byte[]> definition) {
    for (int i = 0; i < KEYS.length; i += 1000) {
      try (WriteTx tx = store.beginWrite()) {
        Tree<byte[], byte[]> tree = tx.tree(definition);
        for (int j = i; j < i + 1000; j++) {
          tree.put(KEYS[j], VALUE);
        }
        tx.commit(Durability.ASYNC);
      }
    }
  }

  /** Of 16 bytes, in random order. */
  private static byte[][] keys() {
    Random random = new Random(5);
    byte[][] keys = new byte[PUTS][16];
    for (byte[] each : keys) {
      random.nextBytes(each);
    }
    return keys;
  }

  /** Bytes of a put, once the JVM is warm or in the best of very many rounds; each fills a tree. */
  private static long least(
      Store store, long whenWarm, BiConsumer<Store, TreeDef<byte[], byte[]>> round) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < MOST_ROUNDS && least > whenWarm; i++) {
      TreeDef<byte[], byte[]> definition = TreeDef.raw("t" + i);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      round.accept(store, definition);
      least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / PUTS);
    }
    return least;
  }
}
