package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Checks every invariant of one tree page. The page is the caller's, latched or private. */
final class NodeChecker {
  private final MemorySegment page;
  private final Consumer<String> problems;

  private NodeChecker(MemorySegment page, Consumer<String> problems) {
    this.page = page;
    this.problems = problems;
  }

  /** Tells {@code problems} of each broken invariant, in a line without the page's id. */
  static void check(MemorySegment page, Consumer<String> problems) {
    NodeChecker checker = new NodeChecker(page, problems);
    try {
      checker.checkHeader();
      checker.checkCells();
      checker.checkOrder();
    } catch (IndexOutOfBoundsException e) {
      problems.accept("an offset or a length leads out of the page: " + e.getMessage());
    }
  }

  private void checkHeader() {
    expect("page type", NODE_TYPE, PageLayout.type(page));
    byte[] lower = Node.lowerFence(page);
    byte @Nullable [] upper = Node.upperFence(page);
    expect("prefix length", Keys.common(lower, upper), Node.prefixLength(page));
    if (upper != null && Arrays.compareUnsigned(lower, upper) >= 0) {
      problems.accept("lower fence " + Keys.text(lower) + " not below upper " + Keys.text(upper));
    }
    boolean leaf = Node.level(page) == 0;
    if (leaf != (page.get(LONG, LEFT_CHILD) == 0)) {
      problems.accept("left child " + page.get(LONG, LEFT_CHILD) + " at level " + Node.level(page));
    }
    expect("reserved byte", 0, page.get(BYTE, LEVEL + 1));
    expect("reserved bytes", 0, page.get(SHORT, RUN + 2));
  }

  private void checkCells() {
    int used = 0;
    BitSet bytes = new BitSet((int) page.byteSize());
    for (int slot = 0; slot < Node.slotCount(page); slot++) {
      int from = Node.cellOffset(page, slot);
      int to = from + Node.cellBytes(page, slot);
      used += to - from;
      if (from < Node.heapStart(page) || to > Node.heapEnd(page)) {
        problems.accept("cell " + slot + " at " + from + " to " + to + " is outside the heap");
      } else if (bytes.get(from, to).cardinality() != 0) {
        problems.accept("cell " + slot + " at " + from + " overlaps another");
      }
      bytes.set(from, to);
      checkCell(slot);
    }
    if (Node.gapBytes(page) < 0) {
      problems.accept("the slots run into the heap");
    }
    expect("garbage bytes", Node.heapEnd(page) - Node.heapStart(page) - used, Node.garbage(page));
  }

  private void checkCell(int slot) {
    int flags = Node.flags(page, slot);
    int valueLength = Node.valueLength(page, slot);
    if (Node.level(page) == 0) {
      if ((flags & ~(GHOST | OVERFLOW)) != 0) {
        problems.accept("cell " + slot + " has unknown flags " + flags);
      }
      if ((flags & OVERFLOW) != 0 && valueLength != OverflowRef.BYTES) {
        problems.accept("cell " + slot + " has an overflow reference of " + valueLength + " bytes");
      }
    } else {
      expect("flags of inner cell " + slot, 0, flags);
      expect("value length of inner cell " + slot, CHILD_BYTES, valueLength);
    }
    long suffix = Node.suffixOffset(page, slot);
    expect(
        "head of slot " + slot,
        Node.head(page, suffix, Node.suffixLength(page, slot)),
        Node.head(page, slot));
  }

  private void checkOrder() {
    byte[] lower = Node.lowerFence(page);
    byte @Nullable [] upper = Node.upperFence(page);
    byte[] before = lower;
    for (int slot = 0; slot < Node.slotCount(page); slot++) {
      byte[] key = Node.key(page, slot);
      int order = Arrays.compareUnsigned(before, key);
      if (slot == 0 ? order > 0 : order >= 0) {
        problems.accept(
            "key " + slot + " " + Keys.text(key) + " is not above " + Keys.text(before));
      }
      if (upper != null && Arrays.compareUnsigned(key, upper) >= 0) {
        problems.accept("key " + slot + " " + Keys.text(key) + " is not below the upper fence");
      }
      before = key;
    }
  }

  private void expect(String what, long expected, long found) {
    if (expected != found) {
      problems.accept(what + ": expected " + expected + ", found " + found);
    }
  }
}
