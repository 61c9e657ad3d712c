package dev.redoubt.kv.btree;

import dev.redoubt.recovery.AtomicChange;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Builds the bodies of changes to tree pages; {@link NodeRedo} applies them. A body starts with its
 * operation, then what redo needs, then, in updates of a transaction, what undo needs ({@link
 * TreeUndo}). {@code docs/format-page.md} lists the fields. Stateless.
 */
final class NodeBodies {
  static final int INSERT = 1;
  static final int REPLACE = 2;
  static final int FLAGS = 3;
  static final int REMOVE = 4;
  static final int REMOVE_MANY = 5;
  static final int ADD = 6;
  static final int FORMAT_NODE = 16;
  static final int KEEP_BELOW = 17;
  static final int ABSORB = 18;
  static final int LEFT_CHILD = 19;
  static final int FORMAT_LEAF = 20;
  static final int FORMAT_OVERFLOW = 32;

  private NodeBodies() {}

  static void insert(BodyWriter body, int slot, int flags, byte[] key, byte[] value) {
    body.putByte(INSERT).putVarint(slot).putByte(flags).putSized(key).putSized(value);
  }

  static void insertChild(BodyWriter body, int slot, byte[] separator, long child) {
    body.putByte(INSERT).putVarint(slot).putByte(0).putSized(separator);
    body.putVarint(NodeLayout.CHILD_BYTES).putLong(child);
  }

  static void replace(BodyWriter body, int slot, int flags, byte[] value) {
    body.putByte(REPLACE).putVarint(slot).putByte(flags).putSized(value);
  }

  static void flags(BodyWriter body, int slot, int flags) {
    body.putByte(FLAGS).putVarint(slot).putByte(flags);
  }

  static void add(BodyWriter body, int slot, long delta) {
    body.putByte(ADD).putVarint(slot).putLong(delta);
  }

  static void remove(BodyWriter body, int slot) {
    body.putByte(REMOVE).putVarint(slot);
  }

  /** {@code slots}: the first {@code count} are the slots to remove, ascending. */
  static void removeMany(BodyWriter body, int[] slots, int count) {
    body.putByte(REMOVE_MANY).putVarint(count);
    for (int i = count - 1; i >= 0; i--) {
      body.putVarint(slots[i]);
    }
  }

  static void leftChild(BodyWriter body, long child) {
    body.putByte(LEFT_CHILD).putVarint(child);
  }

  static void keepBelow(BodyWriter body, int keep, byte[] upper) {
    body.putByte(KEEP_BELOW).putVarint(keep).putSized(upper);
  }

  /** The start of a node's image; {@link #cells} or {@link #noCells} ends it. */
  static void format(
      BodyWriter body,
      int owner,
      int level,
      byte[] lower,
      byte @Nullable [] upper,
      long leftChild) {
    body.putByte(FORMAT_NODE).putVarint(Integer.toUnsignedLong(owner)).putByte(level);
    body.putSized(lower);
    putUpper(body, upper);
    body.putVarint(leftChild);
  }

  /**
   * The start of the image of a leaf whose cells are copied as they will lie in it: the length of
   * them all, they, and the length of each one's suffix follow.
   */
  static void leaf(AtomicChange out, int owner, byte[] lower, byte @Nullable [] upper, int count) {
    out.putByte(FORMAT_LEAF).putVarint(Integer.toUnsignedLong(owner));
    out.putVarint(lower.length).putBytes(lower, 0, lower.length);
    if (upper == null) {
      out.putVarint(0);
    } else {
      out.putVarint(upper.length + 1L).putBytes(upper, 0, upper.length);
    }
    out.putVarint(count);
  }

  /** The start of what a node takes over from its right neighbour; {@link #cells} end it. */
  static void absorb(BodyWriter body, byte @Nullable [] upper) {
    body.putByte(ABSORB);
    putUpper(body, upper);
  }

  private static void putUpper(BodyWriter body, byte @Nullable [] upper) {
    if (upper == null) {
      body.putVarint(0);
    } else {
      body.putVarint(upper.length + 1L).putBytes(upper, 0, upper.length);
    }
  }

  static void noCells(BodyWriter body) {
    body.putVarint(0);
  }

  /** Cells {@code from} to {@code to} of {@code page}, their keys without {@code prefix} bytes. */
  static void cells(BodyWriter body, MemorySegment page, int from, int to, int prefix) {
    body.putVarint(to - from);
    appendCells(body, page, from, to, prefix);
  }

  /** The same behind the separator that stood between two inner nodes in their parent. */
  static void cellsBehind(
      BodyWriter body, byte[] separator, long child, MemorySegment page, int prefix) {
    int count = Node.slotCount(page);
    body.putVarint(count + 1L).putByte(0).putVarint(separator.length - prefix);
    body.putBytes(separator, prefix, separator.length - prefix);
    body.putVarint(NodeLayout.CHILD_BYTES).putLong(child);
    appendCells(body, page, 0, count, prefix);
  }

  private static void appendCells(
      BodyWriter body, MemorySegment page, int from, int to, int prefix) {
    int longer = prefix - Node.prefixLength(page);
    for (int slot = from; slot < to; slot++) {
      int suffixLength = Node.suffixLength(page, slot);
      long suffix = Node.suffixOffset(page, slot);
      body.putByte(Node.flags(page, slot)).putVarint(suffixLength - longer);
      if (longer < 0) {
        body.putBytes(page, Node.lowerOffset(page) + prefix, -longer);
      }
      int dropped = Math.max(longer, 0);
      body.putBytes(page, suffix + dropped, suffixLength - dropped);
      int valueLength = Node.valueLength(page, slot);
      body.putVarint(valueLength).putBytes(page, suffix + suffixLength, valueLength);
    }
  }

  static void formatOverflow(
      BodyWriter body, int owner, long next, byte[] value, int from, int lengthBytes) {
    body.putByte(FORMAT_OVERFLOW).putVarint(Integer.toUnsignedLong(owner)).putVarint(next);
    body.putVarint(lengthBytes).putBytes(value, from, lengthBytes);
  }

  /** What a body does, for people. */
  static String describe(MemorySegment body) {
    BodyReader in = new BodyReader(body);
    int operation = in.getByte();
    return switch (operation) {
      case INSERT -> "insert at slot " + in.getVarint() + flagsOf(in) + " key " + keyOf(in);
      case REPLACE -> "replace value of slot " + in.getVarint() + flagsOf(in);
      case FLAGS -> "set flags of slot " + in.getVarint() + flagsOf(in);
      case ADD -> "add to the number of slot " + in.getVarint() + ": " + in.getLong();
      case REMOVE -> "remove slot " + in.getVarint();
      case REMOVE_MANY -> "remove " + in.getVarint() + " slots";
      case FORMAT_NODE -> "format node of tree " + in.getVarint() + " at level " + in.getByte();
      case FORMAT_LEAF -> "format leaf of tree " + in.getVarint();
      case KEEP_BELOW -> "keep the first " + in.getVarint() + " cells below key " + keyOf(in);
      case ABSORB -> "take over the cells of the right neighbour";
      case LEFT_CHILD -> "set left child " + in.getVarint();
      case FORMAT_OVERFLOW ->
          "format overflow page of tree " + in.getVarint() + ", next " + in.getVarint();
      default -> "unknown tree operation " + operation;
    };
  }

  private static String flagsOf(BodyReader in) {
    int flags = in.getByte();
    return ((flags & NodeLayout.GHOST) != 0 ? " (ghost)" : "")
        + ((flags & NodeLayout.OVERFLOW) != 0 ? " (overflow)" : "");
  }

  private static String keyOf(BodyReader in) {
    return Keys.text(in.getSized());
  }
}
