package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Applies bodies of {@link NodeBodies} to pages: the one way in which a tree page changes, forward,
 * in rollback and at restart. Thread-safe; the page is the caller's.
 */
final class NodeRedo {
  private final NodeEdit edit;

  NodeRedo(NodeEdit edit) {
    this.edit = edit;
  }

  void apply(MemorySegment page, long pageId, MemorySegment body) {
    apply(page, pageId, body, 0, body.byteSize());
  }

  /** The same with a body that is part of {@code bytes}. */
  void apply(MemorySegment page, long pageId, MemorySegment bytes, long start, long lengthBytes) {
    // The two that every put takes have readers of their own, which cost no memory once compiled.
    switch (bytes.get(ValueLayout.JAVA_BYTE, start)) {
      case NodeBodies.INSERT -> insert(page, bytes, start, lengthBytes);
      case NodeBodies.REPLACE -> replace(page, bytes, start, lengthBytes);
      default -> applyOther(page, pageId, new BodyReader(bytes, start, lengthBytes));
    }
  }

  private void applyOther(MemorySegment page, long pageId, BodyReader in) {
    int operation = in.getByte();
    switch (operation) {
      case NodeBodies.FLAGS -> edit.setFlags(page, in.getSlot(), in.getByte());
      case NodeBodies.ADD -> edit.add(page, in.getSlot(), in.getLong());
      case NodeBodies.REMOVE -> edit.remove(page, in.getSlot());
      case NodeBodies.REMOVE_MANY -> removeMany(page, in);
      case NodeBodies.FORMAT_NODE -> formatNode(page, pageId, in);
      case NodeBodies.FORMAT_LEAF -> formatLeaf(page, pageId, in);
      case NodeBodies.KEEP_BELOW -> keepBelow(page, in);
      case NodeBodies.ABSORB -> absorb(page, in);
      case NodeBodies.LEFT_CHILD ->
          page.set(NodeLayout.LONG, NodeLayout.LEFT_CHILD, in.getVarint());
      case NodeBodies.FORMAT_OVERFLOW -> formatOverflow(page, pageId, in);
      default ->
          throw new CorruptionException(
              "page " + pageId + ": a tree record has the unknown operation " + operation);
    }
  }

  private void insert(MemorySegment page, MemorySegment bytes, long start, long lengthBytes) {
    BodyReader in = new BodyReader(bytes, start + 1, lengthBytes);
    int slot = in.getSlot();
    int flags = in.getByte();
    int keyLength = in.getCount();
    long key = in.skip(keyLength);
    int valueLength = in.getCount();
    long value = in.skip(valueLength);
    edit.insert(page, slot, flags, in.segment(), key, keyLength, value, valueLength);
  }

  private void replace(MemorySegment page, MemorySegment bytes, long start, long lengthBytes) {
    BodyReader in = new BodyReader(bytes, start + 1, lengthBytes);
    int slot = in.getSlot();
    int flags = in.getByte();
    int valueLength = in.getCount();
    edit.replace(page, slot, flags, in.segment(), in.skip(valueLength), valueLength);
  }

  private void removeMany(MemorySegment page, BodyReader in) {
    int count = in.getCount();
    for (int i = 0; i < count; i++) {
      edit.remove(page, in.getSlot());
    }
  }

  private void formatNode(MemorySegment page, long pageId, BodyReader in) {
    int owner = (int) in.getVarint();
    edit.format(page, pageId, owner, in.getByte());
    setFences(page, in);
    page.set(NodeLayout.LONG, NodeLayout.LEFT_CHILD, in.getVarint());
    appendCells(page, in);
  }

  private void formatLeaf(MemorySegment page, long pageId, BodyReader in) {
    edit.format(page, pageId, (int) in.getVarint(), 0);
    setFences(page, in);
    int count = in.getCount();
    int cellsBytes = in.getCount();
    int cell = edit.fill(page, count, in.segment(), in.skip(cellsBytes), cellsBytes);
    int end = cell + cellsBytes;
    for (int slot = 0; slot < count; slot++) {
      cell = edit.setSlot(page, slot, cell, in.getCount());
    }
    if (cell != end) {
      throw new CorruptionException(
          "page " + pageId + ": the cells of a leaf end " + (end - cell) + " bytes too early");
    }
  }

  private void setFences(MemorySegment page, BodyReader in) {
    int lowerLength = in.getCount();
    long lower = in.skip(lowerLength);
    int upperLength = upperLength(in);
    long upper = in.skip(upperLength == NodeLayout.NO_UPPER ? 0 : upperLength);
    edit.setFences(page, in.segment(), lower, lowerLength, in.segment(), upper, upperLength);
  }

  private void keepBelow(MemorySegment page, BodyReader in) {
    int keep = in.getSlot();
    int upperLength = in.getCount();
    edit.keepBelow(page, keep, in.segment(), in.skip(upperLength), upperLength);
  }

  private void absorb(MemorySegment page, BodyReader in) {
    int upperLength = upperLength(in);
    long upper = in.skip(upperLength == NodeLayout.NO_UPPER ? 0 : upperLength);
    edit.keepBelow(page, Node.slotCount(page), in.segment(), upper, upperLength);
    appendCells(page, in);
  }

  private static int upperLength(BodyReader in) {
    int length = in.getCount();
    return length == 0 ? NodeLayout.NO_UPPER : length - 1;
  }

  private void appendCells(MemorySegment page, BodyReader in) {
    int count = in.getCount();
    for (int i = 0; i < count; i++) {
      int flags = in.getByte();
      int suffixLength = in.getCount();
      long suffix = in.skip(suffixLength);
      int valueLength = in.getCount();
      long value = in.skip(valueLength);
      edit.append(page, flags, in.segment(), suffix, suffixLength, value, valueLength);
    }
  }

  private static void formatOverflow(MemorySegment page, long pageId, BodyReader in) {
    PageLayout.format(page, pageId, NodeLayout.OVERFLOW_TYPE, (int) in.getVarint());
    page.set(NodeLayout.LONG, NodeLayout.NEXT_PAGE, in.getVarint());
    int length = in.getCount();
    page.set(NodeLayout.INT, NodeLayout.CHUNK_LENGTH, length);
    MemorySegment.copy(in.segment(), in.skip(length), page, NodeLayout.CHUNK, length);
  }
}
