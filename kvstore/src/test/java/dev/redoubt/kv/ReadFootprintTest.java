package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.redoubt.recovery.EngineOptions;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What each read operation counts as read (store rule 9), over leaves of a few entries: a commit of
 * another transaction is a conflict if it wrote a key of what was delivered, and otherwise not. The
 * sets to be expected are computed from a map, beside the store.
 */
final class ReadFootprintTest {
  private static final long SEED = 20261128;
  private static final int KEYS = 48;
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);
  private static final StoreOptions SMALL_PAGES =
      StoreOptions.defaults()
          .withDurability(Durability.ASYNC)
          .withEngine(EngineOptions.defaults().withBackground(false).withPageSize(4096));

  private final Random random = new Random(SEED);
  private final NavigableMap<Long, Integer> model = new TreeMap<>();
  private final BitSet read = new BitSet();
  private final BitSet own = new BitSet();

  /** What a cursor of the model stands on: the key, or a gap half-way to the next. */
  private double place;

  @Test
  void whatWasDeliveredCountsAsReadAndNothingElse(@TempDir Path dir) {
    try (Store store = Store.open(dir, SMALL_PAGES)) {
      int conflicts = 0;
      int rounds = 1500;
      for (int round = 0; round < rounds; round++) {
        conflicts += round(store, "seed " + SEED + ", round " + round);
      }
      if (conflicts < rounds / 5 || conflicts > rounds * 4 / 5) {
        throw new AssertionError("it shows little: " + conflicts + " conflicts");
      }
    }
  }

  private int round(Store store, String name) {
    store.write(this::fill);
    read.clear();
    own.clear();
    NavigableMap<Long, Integer> before = new TreeMap<>(model);
    try (WriteTx tx = store.beginWrite()) {
      Tree<Long, byte[]> tree = tx.tree(TREE);
      StringBuilder steps = new StringBuilder(name);
      Cursor<Long, byte[]> cursor = tree.cursor();
      place = Double.NaN;
      int count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        steps.append(", ");
        read(tree, cursor, steps);
      }
      tree.put(KEYS + 1L, new byte[1]); // its own
      long other = freeKey();
      store.write(each -> each.tree(TREE).put(other, new byte[900]));
      boolean conflict = read.get((int) other);
      steps.append("; other: ").append(other).append(" read: ").append(read);
      if (conflict) {
        assertThrows(ConflictException.class, tx::commit, steps::toString);
        model.clear();
        model.putAll(before);
      } else {
        commit(tx, steps);
        model.put(KEYS + 1L, 1);
      }
      model.put(other, 900);
      return conflict ? 1 : 0;
    }
  }

  private static void commit(WriteTx tx, StringBuilder steps) {
    try {
      tx.commit();
    } catch (ConflictException e) {
      throw new AssertionError(steps.toString(), e);
    }
  }

  private void fill(WriteTx tx) {
    Tree<Long, byte[]> tree = tx.tree(TREE);
    for (int i = 0; i < 3; i++) {
      long key = random.nextInt(KEYS);
      if (random.nextInt(3) == 0) {
        tree.put(key, new byte[900]);
        model.put(key, 900);
      } else {
        tree.remove(key);
        model.remove(key);
      }
    }
    tree.remove(KEYS + 1L);
    model.remove(KEYS + 1L);
  }

  /** A key for the other transaction, most often at the edge of what was read. */
  private long freeKey() {
    while (true) {
      int key = random.nextInt(KEYS);
      int edge = random.nextBoolean() ? read.nextSetBit(key) : read.nextClearBit(key);
      int near = random.nextInt(4) == 0 || edge < 0 ? key : edge - random.nextInt(2);
      if (near >= 0 && near < KEYS && !own.get(near)) {
        return near;
      }
    }
  }

  private void read(Tree<Long, byte[]> tree, Cursor<Long, byte[]> cursor, StringBuilder steps) {
    long key = random.nextInt(KEYS);
    int what = random.nextInt(18);
    steps.append(what).append(" of ").append(key);
    switch (what) {
      case 0 -> delivered(key - 1, tree.ceiling(key), model.ceilingKey(key), true);
      case 1 -> delivered(key, tree.higher(key), model.higherKey(key), true);
      case 2 -> delivered(key + 1, tree.floor(key), model.floorKey(key), false);
      case 3 -> delivered(key, tree.lower(key), model.lowerKey(key), false);
      case 4 -> delivered(-1, tree.first(), first(), true);
      case 5 -> delivered(KEYS + 5, tree.last(), last(), false);
      case 6 -> moved(cursor, cursor.ceiling(key), key - 1, model.ceilingKey(key), true);
      case 7 -> moved(cursor, cursor.higher(key), key, model.higherKey(key), true);
      case 8 -> moved(cursor, cursor.floor(key), key + 1, model.floorKey(key), false);
      case 9 -> moved(cursor, cursor.lower(key), key, model.lowerKey(key), false);
      case 10 -> seek(cursor, key);
      case 11, 12, 13 -> step(cursor, true);
      case 14, 15 -> step(cursor, false);
      case 16 -> scan(tree, key);
      default -> write(tree, key);
    }
  }

  private @Nullable Long first() {
    return model.isEmpty() ? null : model.firstKey();
  }

  private @Nullable Long last() {
    return model.isEmpty() ? null : model.lastKey();
  }

  private void delivered(
      long behind, Map.@Nullable Entry<Long, byte[]> found, @Nullable Long key, boolean up) {
    assertEquals(key, found == null ? null : found.getKey());
    count(behind, key, up);
  }

  private void moved(
      Cursor<Long, byte[]> cursor, boolean found, long behind, @Nullable Long key, boolean up) {
    assertEquals(key, found ? cursor.key() : null);
    count(behind, key, up);
    place = key != null ? key : up ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** Everything behind one key up to another, that included; to the end if there is none. */
  private void count(long behind, @Nullable Long to, boolean up) {
    long end = to != null ? to : up ? KEYS + 5 : 0;
    long low = up ? behind + 1 : end;
    long high = up ? end : behind - 1;
    if (low <= high) {
      read.set((int) low, (int) high + 1);
    }
  }

  private void seek(Cursor<Long, byte[]> cursor, long key) {
    assertEquals(model.containsKey(key), cursor.seek(key));
    read.set((int) key);
    place = key;
  }

  private void step(Cursor<Long, byte[]> cursor, boolean up) {
    int steps = 1 + random.nextInt(6);
    for (int i = 0; i < steps; i++) {
      boolean found = up ? cursor.next() : cursor.previous();
      boolean nowhere = Double.isNaN(place);
      if (place == (up ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY)) {
        assertEquals(false, found);
      } else if (nowhere || Double.isInfinite(place)) {
        moved(cursor, found, up ? -1 : KEYS + 5, up ? first() : last(), up);
      } else {
        long at = (long) place;
        moved(cursor, found, at, up ? model.higherKey(at) : model.lowerKey(at), up);
      }
    }
  }

  /** Some entries of a range, the look-ahead of hasNext included. */
  private void scan(Tree<Long, byte[]> tree, long from) {
    long to = from + random.nextInt(20);
    boolean up = random.nextBoolean();
    KeyRange<Long> range = KeyRange.closed(from, to);
    NavigableMap<Long, Integer> within = model.subMap(from, true, to, true);
    Iterator<Long> expected =
        (up ? within.navigableKeySet() : within.descendingKeySet()).iterator();
    Iterator<Map.Entry<Long, byte[]>> scan =
        (up ? tree.range(range) : tree.descending(range)).iterator();
    long behind = up ? from - 1 : to + 1;
    int entries = random.nextInt(8);
    for (int i = 0; i <= entries; i++) {
      boolean more = expected.hasNext();
      assertEquals(more, scan.hasNext());
      long key = more ? expected.next() : up ? to : from;
      count(behind, key, up);
      behind = key;
      if (!more) {
        return;
      }
      if (i < entries) {
        assertEquals(key, scan.next().getKey());
      }
    }
  }

  private void write(Tree<Long, byte[]> tree, long key) {
    own.set((int) key);
    if (random.nextBoolean()) {
      tree.put(key, new byte[900]);
      model.put(key, 900);
    } else {
      read.set((int) key); // owned and read
      tree.remove(key);
      model.remove(key);
    }
  }
}
