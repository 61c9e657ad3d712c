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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A scan goes from leaf to leaf while the tree around it is split, merged and filled again. */
final class ScanPathTest {
  private static final int KEYS = 3_000;

  private final NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
  private final LeafImage image = new LeafImage(false);

  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "3, true", "4, false"})
  void everyLeafIsTheOneThatIsThereNow(long seed, boolean ascending) {
    SplittableRandom random = new SplittableRandom(seed);
    try (TreeFixture fixture = new TreeFixture(4096, 500)) {
      rewrite(fixture, 0, KEYS, 30);
      for (int scan = 0; scan < 6; scan++) {
        byte[] from = null;
        int leaves = 0;
        do {
          byte[] next = checkLeaf(fixture, from, ascending);
          leaves++;
          if (next != null && random.nextInt(3) == 0) {
            changeAround(fixture, number(next), random);
          }
          from = next;
        } while (from != null);
        assertTrue(leaves > 10, leaves + " leaves");
        fixture.check(model, "after scan " + scan);
        rewrite(fixture, 0, KEYS, 30);
      }
    }
  }

  /** Takes away what is around, so that leaves are merged, and puts back some or much of it. */
  private void changeAround(TreeFixture fixture, int at, SplittableRandom random) {
    int low = at - random.nextInt(250);
    int high = at + random.nextInt(250);
    List<byte[]> gone = new ArrayList<>();
    Transaction tx = fixture.engine.begin();
    for (int i = Math.max(0, low); i < Math.min(KEYS, high); i++) {
      if (model.remove(key(i)) != null) {
        fixture.tree.delete(tx, key(i), cell -> BTree.Before.AS_IT_IS);
        gone.add(key(i));
      }
    }
    fixture.commit(tx);
    gone.forEach(key -> fixture.tree.purge(key, any -> true));
    switch (random.nextInt(3)) {
      case 0 -> rewrite(fixture, low, high, 10 + random.nextInt(60));
      case 1 -> rewrite(fixture, at - 2, at + 3, 40); // so few leave freed pages as they were
      default -> {}
    }
  }

  private void rewrite(TreeFixture fixture, int from, int to, int bytes) {
    Transaction tx = fixture.engine.begin();
    for (int i = Math.max(0, from); i < Math.min(KEYS, to); i++) {
      byte[] value = new byte[bytes];
      Arrays.fill(value, (byte) model.size());
      fixture.put(tx, key(i), value);
      model.put(key(i), value);
    }
    fixture.commit(tx);
  }

  /** The leaf where a scan stands has what the model has there; returns where the next one is. */
  private byte @Nullable [] checkLeaf(
      TreeFixture fixture, byte @Nullable [] from, boolean ascending) {
    LeafImage.Part part = new LeafImage.Part(from, ascending, null, false, ascending);
    byte[] next = image.read(fixture.tree, part, () -> {});
    byte[] low = ascending ? from : next;
    byte[] high = ascending ? next : from;
    NavigableMap<byte[], byte[]> expected = model;
    expected = low == null ? expected : expected.tailMap(low, true);
    expected = high == null ? expected : expected.headMap(high, false);
    List<String> found = new ArrayList<>();
    for (int slot = image.low(); slot < image.high(); slot++) {
      image.goTo(slot);
      found.add(Arrays.toString(image.key()) + Arrays.toString(image.value()));
    }
    List<String> wanted = new ArrayList<>();
    expected.forEach((key, value) -> wanted.add(Arrays.toString(key) + Arrays.toString(value)));
    assertEquals(wanted, found);
    return next;
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(8).putInt(7).putInt(number).array();
  }

  /** Of the first key that is not below a fence, which may be a shortened key. */
  private static int number(byte[] fence) {
    return ByteBuffer.wrap(Arrays.copyOf(fence, 8)).getInt(4);
  }
}
