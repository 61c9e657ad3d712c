package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.recovery.AtomicChange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Entries in ascending order that will be the next leaves of a tree that is being built: no more
 * than fit a page, but for the last. They are kept as cells of a leaf with whole keys, one behind
 * the other, so that a leaf whose keys share nothing is copied as a whole. Confined to one thread.
 */
final class LeafBuffer {
  private static final VarHandle SHORT_AT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** Of a cell besides key and value. */
  private static final int CELL_BYTES = SLOT_BYTES + CELL_SUFFIX;

  private final int capacityBytes;

  /** Cells with whole keys. */
  private byte[] cells;

  private int size;

  /** Of each cell: where it begins; one more says where the next will. */
  private int[] starts = new int[64];

  private int[] keyLengths = new int[64];

  /** Lower fence of the first leaf. */
  private byte[] lower = new byte[0];

  /** Entries that refer to overflow chains, and what they take in a leaf, with whole keys. */
  private int large;

  private int largeBytes;

  /** {@code pageSize} of the leaves. */
  LeafBuffer(int pageSize) {
    this.capacityBytes = pageSize - SLOTS;
    this.cells = new byte[2 * pageSize];
  }

  int size() {
    return size;
  }

  byte[] lower() {
    return lower;
  }

  /** Adds an entry; key and value are copied. */
  void add(byte[] key, byte[] value, boolean isLarge) {
    int at = starts[size];
    int end = at + CELL_SUFFIX + key.length + value.length;
    if (end > cells.length) {
      cells = Arrays.copyOf(cells, Math.max(end, 2 * cells.length));
    }
    if (size + 2 > starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
      keyLengths = Arrays.copyOf(keyLengths, 2 * keyLengths.length);
    }
    cells[at] = (byte) (isLarge ? OVERFLOW : 0);
    SHORT_AT.set(cells, at + CELL_VALUE_LENGTH, (short) value.length);
    System.arraycopy(key, 0, cells, at + CELL_SUFFIX, key.length);
    System.arraycopy(value, 0, cells, at + CELL_SUFFIX + key.length, value.length);
    keyLengths[size] = key.length;
    size++;
    starts[size] = end;
    if (isLarge) {
      large++;
      largeBytes += leafBytes(size - 1);
    }
  }

  /** Of all entries, with whole keys. */
  private int bytes() {
    return starts[size] + size * SLOT_BYTES;
  }

  private int leafBytes(int entry) {
    return starts[entry + 1] - starts[entry] + SLOT_BYTES;
  }

  private boolean isLarge(int entry) {
    return cells[starts[entry]] != 0;
  }

  /** Order of the last key and this one; there is a last one. */
  int compareLast(byte[] key) {
    int from = starts[size - 1] + CELL_SUFFIX;
    return Arrays.compareUnsigned(cells, from, from + keyLengths[size - 1], key, 0, key.length);
  }

  byte[] key(int entry) {
    int from = starts[entry] + CELL_SUFFIX;
    return Arrays.copyOfRange(cells, from, from + keyLengths[entry]);
  }

  /** How many bytes of its key an entry has in common with these. */
  private int common(byte[] bytes, int entry) {
    int from = starts[entry] + CELL_SUFFIX;
    int at = Arrays.mismatch(bytes, 0, bytes.length, cells, from, from + keyLengths[entry]);
    return at < 0 ? bytes.length : at;
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
    double room = fill * capacityBytes - lower.length;
    return bytes() <= room || bytes() - size * common(lower, size - 1) <= room;
  }

  /** Whether all entries fit the last leaf of the tree, which has no upper fence. */
  boolean fitsLast() {
    return lower.length + bytes() <= capacityBytes;
  }

  /**
   * How many of the entries become a leaf: as many as it takes at that fill factor, or one; at
   * least one is left over.
   */
  int leaf(double fill) {
    int count = size - 1;
    int left = bytes() - leafBytes(count);
    while (count > 1) {
      byte[] upper = upper(count);
      int prefix = Keys.common(lower, upper);
      if (lower.length + upper.length + left - count * prefix <= fill * capacityBytes) {
        return count;
      }
      count--;
      left -= leafBytes(count);
    }
    return 1;
  }

  /** The shortest upper fence of a leaf of the first {@code count} entries. */
  byte[] upper(int count) {
    byte[] right = key(count);
    return Arrays.copyOf(right, common(right, count - 1) + 1);
  }

  /** Adds the image of a leaf of the first {@code count} entries. */
  void image(AtomicChange out, int treeId, int count, byte @Nullable [] upper) {
    NodeBodies.leaf(out, treeId, lower, upper, count);
    int prefix = Keys.common(lower, upper);
    out.putVarint(starts[count] - (long) count * prefix);
    if (prefix == 0) {
      out.putBytes(cells, 0, starts[count]);
    } else {
      for (int i = 0; i < count; i++) {
        int suffix = starts[i] + CELL_SUFFIX + prefix;
        out.putBytes(cells, starts[i], CELL_SUFFIX);
        out.putBytes(cells, suffix, starts[i + 1] - suffix);
      }
    }
    for (int i = 0; i < count; i++) {
      out.putVarint(keyLengths[i] - prefix);
    }
  }

  /** The same of the last leaf: those behind the first {@code count} that refer to chains. */
  void rest(AtomicChange out, int treeId, int count, byte[] fence) {
    int entries = 0;
    int bytes = 0;
    for (int i = count; large > 0 && i < size; i++) {
      entries += isLarge(i) ? 1 : 0;
      bytes += isLarge(i) ? starts[i + 1] - starts[i] : 0;
    }
    NodeBodies.leaf(out, treeId, fence, null, entries);
    out.putVarint(bytes);
    for (int i = count; entries > 0 && i < size; i++) {
      if (isLarge(i)) {
        out.putBytes(cells, starts[i], starts[i + 1] - starts[i]);
      }
    }
    for (int i = count; entries > 0 && i < size; i++) {
      if (isLarge(i)) {
        out.putVarint(keyLengths[i]);
      }
    }
  }

  /** The first {@code count} entries are in a leaf; the others begin at {@code fence}. */
  void drop(int count, byte[] fence) {
    for (int i = 0; large > 0 && i < count; i++) {
      if (isLarge(i)) {
        large--;
        largeBytes -= leafBytes(i);
      }
    }
    int gone = starts[count];
    System.arraycopy(cells, gone, cells, 0, starts[size] - gone);
    System.arraycopy(keyLengths, count, keyLengths, 0, size - count);
    size -= count;
    for (int i = 0; i <= size; i++) {
      starts[i] = starts[i + count] - gone;
    }
    lower = fence;
  }
}
