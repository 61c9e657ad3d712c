package dev.redoubt.kv;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of keys as disjoint intervals, each with its lower end and without its upper end; null is
 * the end above all keys. When there are too many, neighbours are joined, so that the set grows but
 * its memory does not. Confined to one thread at a time.
 */
final class KeyIntervals {
  private final int most;
  private final TreeMap<byte[], byte @Nullable []> ends = new TreeMap<>(Arrays::compareUnsigned);

  /** A set of at most that many intervals. */
  KeyIntervals(int most) {
    this.most = most;
  }

  /** Every key. */
  static KeyIntervals all() {
    KeyIntervals all = new KeyIntervals(1);
    all.add(new byte[0], null);
    return all;
  }

  /** The key behind which there is none before {@code key} followed by anything. */
  static byte[] successor(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /** Adds the keys from {@code low} on and below {@code high}. */
  void add(byte[] low, byte @Nullable [] high) {
    if (high != null && Arrays.compareUnsigned(low, high) >= 0) {
      return;
    }
    byte[] start = low;
    byte[] end = high;
    Map.Entry<byte[], byte @Nullable []> below = ends.floorEntry(low);
    if (below != null && reaches(below.getValue(), low)) {
      if (reaches(below.getValue(), high)) {
        return;
      }
      start = below.getKey();
    }
    Iterator<Map.Entry<byte[], byte @Nullable []>> covered =
        ends.tailMap(start, true).entrySet().iterator();
    while (covered.hasNext()) {
      Map.Entry<byte[], byte @Nullable []> each = covered.next();
      if (!reaches(end, each.getKey())) {
        break;
      }
      if (reaches(each.getValue(), end)) {
        end = each.getValue();
      }
      covered.remove();
    }
    ends.put(start, end);
    if (ends.size() > most) {
      coarsen();
    }
  }

  /** Joins each two neighbours. */
  private void coarsen() {
    Iterator<Map.Entry<byte[], byte @Nullable []>> each = ends.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<byte[], byte @Nullable []> left = each.next();
      if (each.hasNext()) {
        left.setValue(each.next().getValue());
        each.remove();
      }
    }
  }

  boolean contains(byte[] key) {
    Map.Entry<byte[], byte @Nullable []> below = ends.floorEntry(key);
    if (below == null) {
      return false;
    }
    byte[] end = below.getValue();
    return end == null || Arrays.compareUnsigned(key, end) < 0;
  }

  int size() {
    return ends.size();
  }

  /** Lower and upper ends, in order; not to be modified. */
  Set<Map.Entry<byte[], byte @Nullable []>> entries() {
    return ends.entrySet();
  }

  /** Whether an interval that ends at {@code end} touches {@code point}. */
  private static boolean reaches(byte @Nullable [] end, byte @Nullable [] point) {
    return end == null || (point != null && Arrays.compareUnsigned(end, point) >= 0);
  }
}
