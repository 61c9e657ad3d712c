package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node for people; {@code dev.redoubt.kv.NodeView} says what the components mean.
 *
 * @param level 0 for a leaf
 * @param lowerFence null for no bound
 * @param upperFence null for no bound
 * @param prefixBytes bytes that all keys share
 * @param freeBytes room for more
 * @param leftChild page below the first slot; 0 in a leaf
 * @param slots in the order of their keys
 */
public record NodeDump(
    int level,
    @Nullable String lowerFence,
    @Nullable String upperFence,
    int prefixBytes,
    int freeBytes,
    long leftChild,
    List<Slot> slots) {

  /**
   * A slot.
   *
   * @param key the whole key
   * @param ghost whether the key has been deleted
   * @param overflow whether the value lies in pages of its own
   * @param valueBytes length of the value; 0 in an inner node
   * @param child page at and above the key; 0 in a leaf
   */
  public record Slot(String key, boolean ghost, boolean overflow, long valueBytes, long child) {}

  /**
   * The node in a page; null if the page is not one, or is too damaged to be read as one.
   *
   * @param page as it stands on disk; not latched by anyone
   */
  public static @Nullable NodeDump of(MemorySegment page) {
    if (!Node.isNode(page)) {
      return null;
    }
    try {
      return read(page);
    } catch (IndexOutOfBoundsException e) {
      return null;
    }
  }

  /** What the type of a page of a tree means; null for types of others. */
  public static @Nullable String typeName(MemorySegment page) {
    return switch (PageLayout.type(page)) {
      case NodeLayout.NODE_TYPE -> "tree node";
      case NodeLayout.OVERFLOW_TYPE -> "part of a large value";
      default -> null;
    };
  }

  private static NodeDump read(MemorySegment page) {
    List<Slot> slots = new ArrayList<>();
    for (int slot = 0; slot < Node.slotCount(page); slot++) {
      slots.add(slot(page, slot));
    }
    byte[] upper = Node.upperFence(page);
    boolean inner = Node.level(page) > 0;
    return new NodeDump(
        Node.level(page),
        Node.lowerLength(page) == 0 ? null : Keys.text(Node.lowerFence(page)),
        upper == null ? null : Keys.text(upper),
        Node.prefixLength(page),
        Node.roomBytes(page),
        inner ? Node.child(page, 0) : 0,
        List.copyOf(slots));
  }

  private static Slot slot(MemorySegment page, int slot) {
    boolean inner = Node.level(page) > 0;
    boolean overflow = (Node.flags(page, slot) & NodeLayout.OVERFLOW) != 0;
    long valueBytes = Node.valueLength(page, slot);
    if (overflow && valueBytes == OverflowRef.BYTES) {
      valueBytes = OverflowRef.decode(Node.value(page, slot)).lengthBytes();
    }
    return new Slot(
        Keys.text(Node.key(page, slot)),
        Node.isGhost(page, slot),
        overflow,
        inner ? 0 : valueBytes,
        inner ? Node.child(page, slot + 1) : 0);
  }
}
