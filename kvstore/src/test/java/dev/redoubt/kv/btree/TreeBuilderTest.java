package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tree that is filled leaf by leaf, against a model, with every invariant checked. */
final class TreeBuilderTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Large values go into chains, as the store decides it. */
  private static void add(TreeFixture fixture, TreeBuilder builder, byte[] key, byte[] value) {
    if (value.length <= fixture.tree.maxInlineBytes(key.length)) {
      builder.add(key, value);
      return;
    }
    builder.roomForLarge(key);
    Transaction tx = fixture.engine.begin();
    builder.addLarge(tx, key, fixture.overflow.write(tx, TreeFixture.TREE_ID, value));
    fixture.commit(tx);
  }

  /** Values of the model that are in chains stand in the tree as references. */
  private static NavigableMap<byte[], byte[]> stored(
      TreeFixture fixture, NavigableMap<byte[], byte[]> model) {
    NavigableMap<byte[], byte[]> stored = TreeFixture.newModel();
    model.forEach(
        (key, value) -> {
          byte[] cell = fixture.get(key);
          boolean large = value.length > fixture.tree.maxInlineBytes(key.length);
          if (large && cell != null) {
            assertTrue(Arrays.equals(value, fixture.overflow.read(cell)), "a chain differs");
          }
          stored.put(key, large && cell != null ? cell : value);
        });
    return stored;
  }

  private static byte[] key(Random random, int shape) {
    return switch (shape) {
      case 0 -> Keys8.of(random.nextInt(1 << 20));
      case 1 -> bytes("a/long/common/prefix/" + random.nextInt(1 << 20));
      case 2 -> bytes("p".repeat(random.nextInt(300)) + (char) ('a' + random.nextInt(26)));
      default -> {
        byte[] key = new byte[random.nextInt(1024)];
        random.nextBytes(key);
        yield key;
      }
    };
  }

  /** Keys of eight bytes. */
  private static final class Keys8 {
    static byte[] of(long number) {
      return ByteBuffer.allocate(8).putLong(number).array();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatIsAddedInOrderIsThereAndTheTreeIsSound(long seed) {
    Random random = new Random(seed);
    try (TreeFixture fixture = new TreeFixture(4096, 512)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      int shape = random.nextInt(4);
      int entries = 1 + random.nextInt(2000);
      int largeIn = random.nextBoolean() ? 3 : 40;
      for (int i = 0; i < entries; i++) {
        byte[] key = key(random, shape);
        int inline = fixture.tree.maxInlineBytes(key.length);
        int length =
            random.nextInt(largeIn) == 0 ? inline + random.nextInt(9000) : random.nextInt(inline);
        byte[] value = new byte[length];
        random.nextBytes(value);
        model.put(key, value);
      }
      TreeBuilder builder = new TreeBuilder(fixture.tree, random.nextDouble());
      model.forEach((key, value) -> add(fixture, builder, key, value));
      builder.finish();
      assertEquals(model.size(), builder.count());
      fixture.check(stored(fixture, model), "seed " + seed);
      fixture.engine.log().forceAll();
      fixture.crash();
      fixture.check(stored(fixture, model), "recovered, seed " + seed);
      work(fixture, model, random);
      fixture.check(stored(fixture, model), "changed, seed " + seed);
    }
  }

  /** The tree takes further entries between the others. */
  private static void work(TreeFixture fixture, NavigableMap<byte[], byte[]> model, Random random) {
    Transaction tx = fixture.engine.begin();
    for (int i = 0; i < 300; i++) {
      byte[] key = key(random, random.nextInt(4));
      byte[] value = new byte[random.nextInt(fixture.tree.maxInlineBytes(key.length))];
      if (model.putIfAbsent(key, value) == null) {
        fixture.put(tx, key, value);
      }
    }
    fixture.commit(tx);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 0.5, 0.9, 1.0})
  void leavesAreAsFullAsIsWanted(double fill) {
    try (TreeFixture fixture = new TreeFixture(4096, 2048)) {
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      TreeBuilder builder = new TreeBuilder(fixture.tree, fill);
      int entries = fill == 0 ? 500 : 20_000;
      for (long i = 0; i < entries; i++) {
        byte[] key = Keys8.of(i);
        model.put(key, new byte[24]);
        builder.add(key, new byte[24]);
      }
      builder.finish();
      fixture.check(model, "fill " + fill);
      double perLeaf = fill * (4096 - NodeLayout.SLOTS) / 36; // two bytes of each key differ
      double leaves = fill == 0 ? entries : entries / Math.floor(perLeaf);
      int pages = (int) fixture.engine.space().allocatedPages();
      assertTrue(pages >= leaves * 0.95 && pages <= leaves * 1.1 + 3, pages + " for " + leaves);
    }
  }

  @Test
  void whatIsNotInOrderIsRefusedByNumberAndKey() {
    try (TreeFixture fixture = new TreeFixture(4096, 256)) {
      TreeBuilder builder = new TreeBuilder(fixture.tree, 0.9);
      builder.add(bytes("b"), new byte[1]);
      String twice = refused(() -> builder.add(bytes("b"), new byte[1]));
      assertTrue(twice.contains("entry 1 ") && twice.contains("\"b\""), twice);
      String below = refused(() -> builder.add(bytes("a"), new byte[1]));
      assertTrue(below.contains("\"a\"") && below.contains("\"b\""), below);
      refused(() -> builder.roomForLarge(bytes("a")));
      builder.add(bytes("c"), new byte[1]);
      builder.finish();
      NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
      model.put(bytes("b"), new byte[1]);
      model.put(bytes("c"), new byte[1]);
      fixture.check(model, "the rest");
    }
  }

  private static String refused(Runnable add) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, add::run).getMessage());
  }

  /** Whatever is there when a build stops is reached from the root. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 70, 400, 3000})
  void anUnfinishedTreeIsSoundAndEmptiedWhole(int entries) {
    try (TreeFixture fixture = new TreeFixture(4096, 512)) {
      long before = fixture.engine.space().allocatedPages();
      TreeBuilder builder = new TreeBuilder(fixture.tree, 0.9);
      for (long i = 0; i < entries; i++) {
        builder.add(Keys8.of(i), new byte[24]);
      }
      fixture.engine.log().forceAll();
      fixture.crash();
      PageUse use = new PageUse(fixture.engine.space());
      fixture.tree.verify(use);
      assertEquals(List.of(), use.problems());
      fixture.tree.dismantle(fixture.engine.structureSpace());
      assertEquals(before, fixture.engine.space().allocatedPages());
    }
  }

  /** The last leaf has no upper fence, and so leaves nothing out of its keys. */
  @Test
  void theLastLeafHasRoomForWholeKeys() {
    for (int entries = 1; entries < 60; entries++) {
      try (TreeFixture fixture = new TreeFixture(4096, 64)) {
        NavigableMap<byte[], byte[]> model = TreeFixture.newModel();
        TreeBuilder builder = new TreeBuilder(fixture.tree, 1);
        for (int i = 0; i < entries; i++) {
          byte[] key = bytes("p".repeat(200) + (100 + i));
          model.put(key, new byte[20]);
          builder.add(key, new byte[20]);
        }
        builder.finish();
        fixture.check(model, entries + " entries");
      }
    }
  }

  /** No chain is without its entry between two steps, whatever leaf the entry is to go to. */
  @Test
  void everyChainIsReachedWhereverABuildStops() {
    try (TreeFixture fixture = new TreeFixture(4096, 1024)) {
      long others = fixture.engine.space().allocatedPages() - 1; // but the root
      TreeBuilder builder = new TreeBuilder(fixture.tree, 0.9);
      for (long i = 0; i < 900; i++) {
        add(fixture, builder, Keys8.of(i), new byte[i % 50 < 5 ? 500 : 5000]);
        PageUse use = new PageUse(fixture.engine.space());
        fixture.tree.verify(use);
        assertEquals(List.of(), use.problems());
        assertEquals(fixture.engine.space().allocatedPages() - others, use.pages(), "entry " + i);
      }
    }
  }
}
