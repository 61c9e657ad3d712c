package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.EngineOptions;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges whose ends are keys, gaps and fences of leaves, beside those of a sorted map. */
final class LeafScanTest {
  private static final long SEED = 20261129;
  private static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("t");
  private static final StoreOptions SMALL_PAGES =
      StoreOptions.defaults()
          .withDurability(Durability.ASYNC)
          .withEngine(EngineOptions.defaults().withPageSize(4096));

  private final Random random = new Random(SEED);
  private final NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
  private final List<byte[]> ends = new ArrayList<>();
  private int mostValueBytes;

  @ParameterizedTest
  @ValueSource(ints = {100, 1000}) // longer ones are copied out of the leaf one by one
  void rangesOfAnyEndsAreThoseOfASortedMap(int valueBytes, @TempDir Path dir) {
    mostValueBytes = valueBytes;
    try (Store store = Store.open(dir, SMALL_PAGES)) {
      store.write(tx -> fill(tx.tree(TREE)));
      Catalog.Entry entry = Objects.requireNonNull(store.parts().catalog().entry("t"));
      addFences(entry.tree());
      try (ReadTx before = store.beginRead();
          WriteTx mine = store.beginWrite()) {
        Tree<byte[], byte[]> own = mine.tree(TREE);
        check(before.tree(TREE), 300, "snapshot");
        NavigableMap<byte[], byte[]> old = new TreeMap<>(model);
        change(own);
        check(own, 300, "with writes of its own");
        model.clear();
        model.putAll(old);
        check(before.tree(TREE), 300, "snapshot of keys that are being written");
      }
    }
  }

  private void fill(Tree<byte[], byte[]> tree) {
    for (int i = 0; i < 800; i++) {
      byte[] key = new byte[1 + random.nextInt(random.nextInt(20) == 0 ? 900 : 12)];
      random.nextBytes(key);
      key[0] = (byte) (i % 5); // so that leaves have a prefix
      put(tree, key);
    }
    ends.addAll(model.keySet());
  }

  private void put(Tree<byte[], byte[]> tree, byte[] key) {
    byte[] value = new byte[random.nextInt(40) == 0 ? 3000 : random.nextInt(mostValueBytes)];
    random.nextBytes(value);
    tree.put(key, value);
    model.put(key, value);
  }

  private void change(Tree<byte[], byte[]> tree) {
    for (int i = 0; i < 300; i++) {
      byte[] key = ends.get(random.nextInt(ends.size()));
      if (random.nextBoolean()) {
        tree.remove(key);
        model.remove(key);
      } else {
        put(tree, key);
      }
    }
  }

  /** Where one leaf ends and the next begins, and what lies just beside a key. */
  private void addFences(BTree tree) {
    byte[] fence = tree.visitLeaf(null, true, true, (key, cell) -> true);
    int fences = 0;
    while (fence != null) {
      ends.add(fence);
      fences++;
      fence = tree.visitLeaf(fence, true, true, (key, cell) -> true);
    }
    assertEquals(true, fences > 20, "leaves");
    for (byte[] key : List.copyOf(ends)) {
      ends.add(Arrays.copyOf(key, key.length + 1));
    }
  }

  private void check(ReadTree<byte[], byte[]> tree, int rounds, String what) {
    for (int round = 0; round < rounds; round++) {
      byte[] from = ends.get(random.nextInt(ends.size()));
      byte[] to = ends.get(random.nextInt(ends.size()));
      if (Arrays.compareUnsigned(from, to) > 0) {
        byte[] low = to;
        to = from;
        from = low;
      }
      KeyRange<byte[]> range = new KeyRange<>(from, random.nextBoolean(), to, random.nextBoolean());
      List<String> expected = new ArrayList<>();
      if (!Arrays.equals(from, to) || (range.fromInclusive() && range.toInclusive())) {
        model
            .subMap(from, range.fromInclusive(), to, range.toInclusive())
            .forEach((key, value) -> expected.add(text(key, value)));
      }
      String where = what + ", seed " + SEED + ", round " + round;
      assertEquals(expected, texts(tree.range(range)), where);
      assertEquals(expected.reversed(), texts(tree.descending(range)), where);
      assertEquals(expected.size(), tree.count(range), where);
      List<String> shown = new ArrayList<>();
      tree.scanBytes(
          range,
          (key, value) ->
              shown.add(
                  text(key.toArray(ValueLayout.JAVA_BYTE), value.toArray(ValueLayout.JAVA_BYTE))));
      assertEquals(expected, shown, where);
    }
  }

  private static List<String> texts(Iterable<Map.Entry<byte[], byte[]>> entries) {
    List<String> texts = new ArrayList<>();
    entries.forEach(entry -> texts.add(text(entry.getKey(), entry.getValue())));
    return texts;
  }

  private static String text(byte[] key, byte[] value) {
    return HexFormat.of().formatHex(key) + " " + Arrays.hashCode(value);
  }
}
