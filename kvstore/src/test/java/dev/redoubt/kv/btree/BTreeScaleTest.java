package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A tree far larger than its pool, under many operations. */
final class BTreeScaleTest {
  /** A million fit the time on a quiet machine; raise by hand with -Dredoubt.test.operations. */
  private static final int OPERATIONS = Integer.getInteger("redoubt.test.operations", 100_000);

  @Test
  void aTreeLargerThanItsPoolKeepsEveryOperation() {
    long seed = 20_26;
    SplittableRandom random = new SplittableRandom(seed);
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      long most = 0;
      for (int done = 0; done < OPERATIONS; done += 2000) {
        Transaction tx = fixture.engine.begin();
        List<byte[]> ghosts = new ArrayList<>();
        boolean shrinking = done / 20_000 % 3 == 2;
        for (int i = 0; i < 2000; i++) {
          operate(fixture, tx, model, ghosts, random, shrinking);
        }
        fixture.commit(tx);
        ghosts.forEach(key -> fixture.tree.purge(key, any -> true));
        most = Math.max(most, fixture.engine.space().allocatedPages());
      }
      fixture.check(model, "seed " + seed);
      fixture.crash();
      long pages = fixture.check(model, "seed " + seed + " after a crash").pages();
      assertTrue(most > 64 * 3, "the tree outgrew the pool: " + most);
      assertEquals(pages + 2, fixture.engine.space().allocatedPages(), "no page leaks");
    }
  }

  private static void operate(
      TreeFixture fixture,
      Transaction tx,
      NavigableMap<byte[], byte[]> model,
      List<byte[]> ghosts,
      SplittableRandom random,
      boolean shrinking) {
    byte[] key = ByteBuffer.allocate(8).putLong(random.nextInt(20_000)).array();
    int what = random.nextInt(100);
    if (what < 20) {
      assertArrayEquals(model.get(key), fixture.get(key));
    } else if (what < (shrinking ? 95 : 40)) {
      boolean deleted = fixture.tree.delete(tx, key, TreeFixture.PLAIN);
      assertEquals(model.remove(key) != null, deleted);
      if (deleted) {
        ghosts.add(key);
      }
    } else {
      byte[] value = new byte[random.nextInt(120)];
      fixture.put(tx, key, value);
      model.put(key, value);
    }
  }
}
