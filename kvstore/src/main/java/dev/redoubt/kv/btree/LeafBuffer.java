package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries in ascending order that will be the next leaves of a tree that is being built: no more
 * than fit a page, but for the last. Confined to one thread.
 */
final class LeafBuffer {
  /** Of a cell besides key and value. */
  private static final int CELL_BYTES = SLOT_BYTES + CELL_SUFFIX;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(byte[] key, byte[] value, boolean large) {
    int bytes() {
      return CELL_BYTES + key.length + value.length;
    }
  }

  private final int capacityBytes;
  private final List<Entry> entries = new ArrayList<>();

  /** Lower fence of the first leaf. */
  private byte[] lower = new byte[0];

  /** Of all entries, with whole keys. */
  private int bytes;

  /** Of those that refer to overflow chains. */
  private int largeBytes;

  /** {@code pageSize} of the leaves. */
  LeafBuffer(int pageSize) {
    this.capacityBytes = pageSize - SLOTS;
  }

  int size() {
    return entries.size();
  }

  byte[] lower() {
    return lower;
  }

  void add(byte[] key, byte[] value, boolean large) {
    Entry entry = new Entry(key, value, large);
    entries.add(entry);
    bytes += entry.bytes();
    largeBytes += large ? entry.bytes() : 0;
  }

  /**
   * Whether a leaf without an upper fence, which leaves no prefix out, would have room for all
   * entries that refer to chains, and one more.
   */
  boolean roomForLarge(byte[] key) {
    return lower.length + largeBytes + CELL_BYTES + key.length + OverflowRef.BYTES <= capacityBytes;
  }

  /** Whether all entries fit a leaf that ends at the last of them, as far as can be told. */
  boolean mayFit(double fill) {
    int prefix = entries.isEmpty() ? 0 : Keys.common(lower, entries.getLast().key);
    return lower.length + bytes - entries.size() * prefix <= fill * capacityBytes;
  }

  /** Whether all entries fit the last leaf of the tree, which has no upper fence. */
  boolean fitsLast() {
    return lower.length + bytes <= capacityBytes;
  }

  /**
   * How many of the entries become a leaf: as many as it takes at that fill factor, or one; at
   * least one is left over.
   */
  int leaf(double fill) {
    int count = entries.size() - 1;
    int left = bytes - entries.getLast().bytes();
    while (count > 1) {
      byte[] upper = upper(count);
      int prefix = Keys.common(lower, upper);
      if (lower.length + upper.length + left - count * prefix <= fill * capacityBytes) {
        return count;
      }
      count--;
      left -= entries.get(count).bytes();
    }
    return 1;
  }

  /** The shortest upper fence of a leaf of the first {@code count} entries. */
  byte[] upper(int count) {
    byte[] right = entries.get(count).key;
    return Arrays.copyOf(right, Keys.separatorLength(entries.get(count - 1).key, right));
  }

  /** Adds the image of a leaf of the first {@code count} entries. */
  void image(BodyWriter body, int treeId, int count, byte @Nullable [] upper) {
    NodeBodies.format(body, treeId, 0, lower, upper, 0);
    int prefix = Keys.common(lower, upper);
    body.putVarint(count);
    for (int i = 0; i < count; i++) {
      cell(body, entries.get(i), prefix);
    }
  }

  /** The same of the last leaf: those behind the first {@code count} that refer to chains. */
  void rest(BodyWriter body, int treeId, int count, byte[] fence) {
    NodeBodies.format(body, treeId, 0, fence, null, 0);
    List<Entry> large = entries.stream().skip(count).filter(Entry::large).toList();
    body.putVarint(large.size());
    large.forEach(each -> cell(body, each, 0));
  }

  private static void cell(BodyWriter body, Entry entry, int prefix) {
    int suffix = entry.key.length - prefix;
    body.putByte(entry.large ? OVERFLOW : 0).putVarint(suffix);
    body.putBytes(entry.key, prefix, suffix).putSized(entry.value);
  }

  /** The first {@code count} entries are in a leaf; the others begin at {@code fence}. */
  void drop(int count, byte[] fence) {
    List<Entry> gone = entries.subList(0, count);
    for (Entry each : gone) {
      bytes -= each.bytes();
      largeBytes -= each.large ? each.bytes() : 0;
    }
    gone.clear();
    lower = fence;
  }
}
