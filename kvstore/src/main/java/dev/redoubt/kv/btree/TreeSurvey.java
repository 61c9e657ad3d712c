package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures a tree while others use it: every inner node is read, and of the leaves a sample, evenly
 * spread. One latch is held at a time, so nobody waits; what changes meanwhile may be counted
 * before or after. Confined to one thread.
 */
public final class TreeSurvey {
  private static final byte[] LOWEST = new byte[0];

  /**
   * What was found.
   *
   * @param depth levels, 1 if the root is a leaf
   * @param innerPages nodes above the leaves
   * @param leafPages leaves
   * @param sampledLeaves leaves that were read; if it is all of them the figures below are exact
   * @param entries live entries
   * @param ghosts deleted entries that still take space
   * @param overflowPages of large values
   * @param fill part of the leaves' room that cells use, from 0 to 1
   */
  public record Figures(
      int depth,
      long innerPages,
      long leafPages,
      long sampledLeaves,
      long entries,
      long ghosts,
      long overflowPages,
      double fill) {}

  private final Descent descent;
  private final int chunkBytes;
  private long sampled;
  private long entries;
  private long ghosts;
  private long overflowPages;
  private long usedBytes;
  private long roomBytes;

  private TreeSurvey(BTree tree) {
    this.descent = tree.descent();
    this.chunkBytes = OverflowChain.chunkBytes(tree.engine().pool().pageSize());
  }

  /**
   * Measures the tree.
   *
   * @param mostLeaves that are read, about
   * @throws dev.redoubt.io.CorruptionException if a page on the way is damaged
   */
  public static Figures of(BTree tree, int mostLeaves) {
    return new TreeSurvey(tree).run(mostLeaves);
  }

  private Figures run(int mostLeaves) {
    int rootLevel;
    try (PageGuard root = descent.root(false)) {
      rootLevel = Node.level(root.page());
    }
    long inner = 0;
    long leaves = 1;
    for (int level = rootLevel; level > 0; level--) {
      inner += leaves;
      leaves = children(level);
    }
    long step = Math.max(1, leaves / mostLeaves);
    sampleLeaves(rootLevel, step);
    double scale = sampled == 0 ? 0 : (double) leaves / sampled;
    return new Figures(
        rootLevel + 1,
        inner,
        leaves,
        sampled,
        Math.round(entries * scale),
        Math.round(ghosts * scale),
        Math.round(overflowPages * scale),
        roomBytes == 0 ? 0 : (double) usedBytes / roomBytes);
  }

  /** How many children the nodes of a level have together. */
  private long children(int level) {
    long count = 0;
    byte[] from = LOWEST;
    while (from != null) {
      try (PageGuard node = node(from, level)) {
        if (node == null) {
          return Math.max(1, count); // the root has shrunk
        }
        count += Node.slotCount(node.page()) + 1L;
        from = Node.upperFence(node.page());
      }
    }
    return count;
  }

  private @Nullable PageGuard node(byte[] key, int level) {
    return descent.node(Route.AT, key, level, false);
  }

  /** Every leaf of a number, from the middle of the first so many on. */
  private void sampleLeaves(int rootLevel, long step) {
    if (rootLevel == 0) {
      sample(LOWEST);
      return;
    }
    long next = step / 2;
    long passed = 0;
    byte[] from = LOWEST;
    while (from != null) {
      List<byte[]> chosen = new ArrayList<>();
      try (PageGuard node = node(from, 1)) {
        if (node == null) {
          return;
        }
        MemorySegment page = node.page();
        int count = Node.slotCount(page) + 1;
        for (; next < passed + count; next += step) {
          int index = (int) (next - passed);
          chosen.add(index == 0 ? Node.lowerFence(page) : Node.key(page, index - 1));
        }
        passed += count;
        from = Node.upperFence(page);
      }
      chosen.forEach(this::sample);
    }
  }

  private void sample(byte[] key) {
    try (PageGuard leaf = descent.leaf(key, false)) {
      MemorySegment page = leaf.page();
      sampled++;
      for (int slot = 0; slot < Node.slotCount(page); slot++) {
        if (Node.isGhost(page, slot)) {
          ghosts++;
        } else {
          entries++;
          Cell cell = Node.cell(page, slot);
          if (cell.overflow()) {
            long length = OverflowRef.decode(cell.value()).lengthBytes();
            overflowPages += (length + chunkBytes - 1) / chunkBytes;
          }
        }
      }
      roomBytes += Node.capacityBytes(page);
      usedBytes += Node.capacityBytes(page) - Node.roomBytes(page);
    }
  }
}
