package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.recovery.Engine;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks a whole tree, leaf after leaf: each leaf is reached from the root under coupled shared
 * latches, and every node is checked when its first leaf is. Writers go on meanwhile. Confined to
 * one thread.
 */
final class TreeVerifier {
  private final Engine engine;
  private final int treeId;
  private final long rootPageId;
  private final VerifySink sink;
  private final List<byte[]> references = new ArrayList<>();
  private int problems;

  TreeVerifier(Engine engine, int treeId, long rootPageId, VerifySink sink) {
    this.engine = engine;
    this.treeId = treeId;
    this.rootPageId = rootPageId;
    this.sink = sink;
  }

  /** Where a node must lie. */
  @SuppressWarnings("ArrayRecordComponent") // compared by part
  private record Bounds(byte[] lower, byte @Nullable [] upper) {}

  void run() {
    byte[] from = new byte[0];
    while (from != null) {
      byte[] next = leafAt(from);
      for (byte[] reference : references) {
        new OverflowChain(engine, OverflowRef.decode(reference), treeId).verify(sink);
      }
      references.clear();
      if (next != null && Arrays.compareUnsigned(next, from) <= 0) {
        problem(rootPageId, "the fences do not ascend at " + Keys.text(from));
        return;
      }
      from = next;
    }
  }

  /** Checks the leaf and the nodes that begin with it; returns where the next leaf begins. */
  private byte @Nullable [] leafAt(byte[] from) {
    Bounds bounds = new Bounds(new byte[0], null);
    @Nullable PageGuard node = latch(rootPageId, bounds);
    int level = -1;
    while (node != null) {
      Bounds inside;
      @Nullable PageGuard child;
      try (PageGuard parent = node) {
        MemorySegment page = parent.page();
        if (!checkNode(parent, level, bounds, from)) {
          return bounds.upper();
        }
        level = Node.level(page) - 1;
        if (level < 0) {
          return bounds.upper();
        }
        int index = Node.childIndex(page, from);
        inside = childBounds(page, index, bounds);
        child = latch(Node.child(page, index), inside);
      }
      node = child;
      bounds = inside;
    }
    return bounds.upper();
  }

  private static Bounds childBounds(MemorySegment page, int index, Bounds bounds) {
    return new Bounds(
        index == 0 ? bounds.lower() : Node.key(page, index - 1),
        index == Node.slotCount(page) ? bounds.upper() : Node.key(page, index));
  }

  private @Nullable PageGuard latch(long pageId, Bounds bounds) {
    try {
      return engine.pool().shared(pageId);
    } catch (CorruptionException | StorageIoException e) {
      sink.page(pageId);
      String keys = ChildRange.text("tree " + treeId, bounds.lower(), bounds.upper());
      problem(pageId, "unreadable: " + e.getMessage() + " " + keys);
      return null;
    }
  }

  /** Returns whether the node is sound enough to go on below it. */
  private boolean checkNode(PageGuard guard, int level, Bounds bounds, byte[] from) {
    MemorySegment page = guard.page();
    long pageId = guard.pageId();
    boolean seenBefore = !Arrays.equals(bounds.lower(), from);
    if (seenBefore) {
      return Node.isNode(page) && (level < 0 || Node.level(page) == level);
    }
    sink.page(pageId);
    if (!Node.isNode(page) || PageLayout.owner(page) != treeId) {
      problem(
          pageId,
          "expected a tree node, found type "
              + PageLayout.type(page)
              + " of owner "
              + PageLayout.owner(page));
      return false;
    }
    if (level >= 0 && Node.level(page) != level) {
      problem(pageId, "expected level " + level + ", found " + Node.level(page));
      return false;
    }
    int before = problems;
    NodeChecker.check(page, line -> problem(pageId, line));
    if (!Arrays.equals(bounds.lower(), Node.lowerFence(page))
        || !Arrays.equals(bounds.upper(), Node.upperFence(page))) {
      problem(pageId, "its fences differ from its parent's separators");
    }
    if (problems != before) {
      return false;
    }
    if (Node.level(page) == 0) {
      countEntries(page);
    }
    return true;
  }

  private void countEntries(MemorySegment page) {
    for (int slot = 0; slot < Node.slotCount(page); slot++) {
      if (!Node.isGhost(page, slot)) {
        sink.entry();
        if ((Node.flags(page, slot) & NodeLayout.OVERFLOW) != 0) {
          references.add(Node.value(page, slot));
        }
      }
    }
  }

  private void problem(long pageId, String line) {
    problems++;
    sink.problem("page " + pageId + " of tree " + treeId + ": " + line);
  }
}
