package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An insert that begins where the last one of a run went finds the leaf that is there now. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FingerTest {
  private static final int STEP = 10;

  private final NavigableMap<byte[], byte[]> model = TreeFixture.newModel();

  private void put(TreeFixture fixture, int number, int valueBytes) {
    byte[] value = new byte[valueBytes];
    Arrays.fill(value, (byte) number);
    Transaction tx = fixture.engine.begin();
    fixture.put(tx, key(number), value);
    fixture.commit(tx);
    model.put(key(number), value);
  }

  private void delete(TreeFixture fixture, int from, int to) {
    List<byte[]> gone = List.copyOf(model.subMap(key(from), key(to)).keySet());
    Transaction tx = fixture.engine.begin();
    for (byte[] key : gone) {
      assertTrue(fixture.tree.delete(tx, key, cell -> BTree.Before.AS_IT_IS));
      model.remove(key);
    }
    fixture.commit(tx);
    gone.forEach(key -> fixture.tree.purge(key, any -> true));
  }

  /** Pages that are merged away stay as they were, leaf and node above alike. */
  @Test
  void nothingIsWrittenToALeafThatWasMergedAway() {
    int entries = 2_000;
    try (TreeFixture fixture = new TreeFixture(4096, 2_000)) {
      for (int i = 0; i < entries; i++) {
        put(fixture, i * STEP, 900);
      }
      for (int run = 500; run < entries; run += 250) {
        for (int i = 1; i <= 5; i++) {
          put(fixture, run * STEP + i, 50);
        }
        delete(fixture, 0, entries * STEP);
        put(fixture, run * STEP + 6, 50);
        fixture.check(model, "after run " + run);
        for (int i = 0; i < entries; i++) {
          put(fixture, i * STEP, 900);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void keysBesideARunGoWhereTheyBelong(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (TreeFixture fixture = new TreeFixture(4096, 500)) {
      for (int run = 0; run < 120; run++) {
        int at = random.nextInt(100_000);
        for (int i = random.nextInt(60); i >= 0; i--) {
          at += 1 + random.nextInt(20);
          put(fixture, at, 30 + random.nextInt(200));
        }
        switch (random.nextInt(5)) {
          case 0 -> delete(fixture, at - random.nextInt(3_000), at + random.nextInt(3_000));
          case 1 -> put(fixture, at - 1, 30);
          case 2 -> put(fixture, at - 1 - random.nextInt(400), 30);
          case 3 -> put(fixture, at + random.nextInt(100_000), 30);
          default -> put(fixture, at, 20);
        }
        put(fixture, at + 1, 30);
      }
      fixture.check(model, "in the end");
    }
  }

  /** Between validation and latch the leaf may be merged away; its fences do not tell. */
  @Test
  void theNodeAboveIsValidatedBehindTheLatch() throws InterruptedException {
    try (TreeFixture fixture = new TreeFixture(4096, 500)) {
      for (int i = 0; i < 500; i++) {
        put(fixture, i * STEP, 50);
      }
      long root = fixture.tree.rootPageId();
      Descent descent =
          new Descent(fixture.engine.pool(), fixture.pages, TreeFixture.TREE_ID, root);
      OptimisticDescent optimistic =
          new OptimisticDescent(fixture.engine.pool(), descent, TreeFixture.TREE_ID, root);
      ScanPath finger = new ScanPath();
      byte[] key = key(2_501);
      close(optimistic.node(Route.AT, key, 0, true, finger));
      close(optimistic.leafAgain(key, finger));

      AtomicBoolean found = new AtomicBoolean();
      CountDownLatch started = new CountDownLatch(1);
      Thread insert =
          Thread.ofPlatform()
              .unstarted(
                  () -> {
                    started.countDown();
                    PageGuard leaf = optimistic.leafAgain(key, finger);
                    if (leaf != null) {
                      found.set(true);
                      leaf.close();
                    }
                  });
      try (PageGuard leaf = descent.leaf(key, true)) {
        assertTrue(leaf.isExclusive());
        insert.start();
        started.await();
        while (insert.getState() != Thread.State.WAITING) {
          Thread.onSpinWait();
        }
        close(descent.node(Route.AT, key, 1, true)); // it may have changed
      }
      insert.join();
      assertFalse(found.get(), "the leaf is not taken for the one of before");
      assertNull(finger.above());
    }
  }

  private static void close(@Nullable PageGuard guard) {
    assertNotNull(guard);
    guard.close();
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(8).putInt(7).putInt(Math.max(0, number)).array();
  }
}
