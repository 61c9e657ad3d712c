package dev.redoubt.kv;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a tree that a map view shows, in bytes; an open end is null. A value.
 *
 * @param low the least key
 * @param lowInclusive whether it belongs to the view
 * @param high the greatest key
 * @param highInclusive whether it belongs to the view
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MapBounds(
    byte @Nullable [] low, boolean lowInclusive, byte @Nullable [] high, boolean highInclusive) {
  static final MapBounds ALL = new MapBounds(null, true, null, true);

  KeyRange<byte[]> range() {
    return new KeyRange<>(low, lowInclusive, high, highInclusive);
  }

  /** Whether it is the whole tree. */
  boolean areOpen() {
    return low == null && high == null;
  }

  boolean contains(byte[] key) {
    return !isBelow(key) && !isAbove(key);
  }

  private boolean isBelow(byte[] key) {
    int order = low == null ? 1 : Arrays.compareUnsigned(key, low);
    return order < 0 || (order == 0 && !lowInclusive);
  }

  private boolean isAbove(byte[] key) {
    int order = high == null ? -1 : Arrays.compareUnsigned(key, high);
    return order > 0 || (order == 0 && !highInclusive);
  }

  /**
   * The part of this one between two ends, null for this one's own.
   *
   * @throws IllegalArgumentException if the ends are not in order, or one lies outside of this part
   */
  MapBounds part(
      byte @Nullable [] from, boolean fromInclusive, byte @Nullable [] to, boolean toInclusive) {
    if (from != null && to != null && Arrays.compareUnsigned(from, to) > 0) {
      throw new IllegalArgumentException("the lower end of the range is above its upper end");
    }
    MapBounds part =
        new MapBounds(
            from == null ? low : from.clone(),
            from == null ? lowInclusive : fromInclusive,
            to == null ? high : to.clone(),
            to == null ? highInclusive : toInclusive);
    checkEnd(from, fromInclusive);
    checkEnd(to, toInclusive);
    return part;
  }

  /** An end that is left out may stand where this part's own end stands. */
  private void checkEnd(byte @Nullable [] end, boolean inclusive) {
    boolean atOwnEnd = !inclusive && (Arrays.equals(end, low) || Arrays.equals(end, high));
    if (end != null && !contains(end) && !atOwnEnd) {
      throw new IllegalArgumentException("an end of the range lies outside of this view");
    }
  }

  /** The first or the last entry of the part. */
  Map.@Nullable Entry<byte[], byte[]> end(ReadTree<byte[], byte[]> tree, boolean first) {
    byte[] end = first ? low : high;
    if (end == null) {
      return within(first ? tree.first() : tree.last());
    }
    return within(find(tree, end, first ? lowInclusive : highInclusive, first));
  }

  /** The entry of the part that is nearest to {@code key} on one side, or at it if it may be. */
  Map.@Nullable Entry<byte[], byte[]> nearest(
      ReadTree<byte[], byte[]> tree, byte[] key, boolean inclusive, boolean above) {
    if (above ? isBelow(key) : isAbove(key)) {
      return end(tree, above);
    }
    return within(find(tree, key, inclusive, above));
  }

  private static Map.@Nullable Entry<byte[], byte[]> find(
      ReadTree<byte[], byte[]> tree, byte[] key, boolean inclusive, boolean above) {
    if (above) {
      return inclusive ? tree.ceiling(key) : tree.higher(key);
    }
    return inclusive ? tree.floor(key) : tree.lower(key);
  }

  private Map.@Nullable Entry<byte[], byte[]> within(Map.@Nullable Entry<byte[], byte[]> found) {
    return found != null && contains(found.getKey()) ? found : null;
  }
}
