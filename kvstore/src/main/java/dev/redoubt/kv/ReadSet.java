package dev.redoubt.kv;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which keys and ranges a read-write transaction has read, absent keys too. What was read before a
 * savepoint stays in it when the savepoint is rolled back to (store rule 9). Its memory is bounded:
 * with very many reads it becomes coarser. Confined to the transaction's user.
 */
final class ReadSet {
  /** Intervals for each tree before neighbours are joined. */
  private static final int MOST_INTERVALS = 10_000;

  /** Scans that may stand within a leaf; with more, the oldest count as having read all of it. */
  private static final int MOST_OPEN_SCANS = 64;

  private final Map<Integer, KeyIntervals> byTree = new HashMap<>();
  private final ArrayDeque<ScanFootprint> openScans = new ArrayDeque<>();
  private boolean everything;

  /** Adds one key. */
  void add(int treeId, byte[] key) {
    add(treeId, key, KeyIntervals.successor(key));
  }

  /** Adds the keys from {@code low} on and below {@code high}, null for no end. */
  void add(int treeId, byte[] low, byte @Nullable [] high) {
    byTree.computeIfAbsent(treeId, id -> new KeyIntervals(MOST_INTERVALS)).add(low, high);
  }

  /** A scan stands within a leaf: what it has shown there is asked for when it matters. */
  void open(ScanFootprint scan) {
    openScans.add(scan);
    if (openScans.size() > MOST_OPEN_SCANS) {
      openScans.getFirst().finish();
    }
  }

  void close(ScanFootprint scan) {
    openScans.remove(scan);
  }

  /** Counts what open scans have shown so far. */
  void settle() {
    List<ScanFootprint> open = new ArrayList<>(openScans);
    open.forEach(ScanFootprint::settle);
  }

  /** Counts every key of every tree as read. */
  void addEverything() {
    everything = true;
  }

  boolean isEverything() {
    return everything;
  }

  boolean isEmpty() {
    return byTree.isEmpty() && !everything;
  }

  /** What was read of each tree, unless everything was. */
  void forEach(BiConsumer<Integer, KeyIntervals> action) {
    byTree.forEach(action);
  }

  /** Whether the transaction has read a key that {@code writes} changed. */
  boolean meets(WriteSet writes) {
    for (int each : writes.droppedTrees()) {
      if (everything || byTree.containsKey(each)) {
        return true;
      }
    }
    for (Version each = writes.first(); each != null; each = each.nextOfSet) {
      if (meets(each)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the transaction has read the key that {@code version} changed. */
  boolean meets(Version version) {
    if (!version.isWritten()) {
      return false;
    }
    KeyIntervals intervals = byTree.get(version.treeId());
    return everything || (intervals != null && intervals.contains(version.key()));
  }
}
