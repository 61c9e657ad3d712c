package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.TreeReader.Batch;
import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeavesAhead;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over a range, a leaf at a time; between leaves no latch and no pin is held. Confined to
 * one thread at a time.
 */
final class RangeScan<K, V> implements Iterator<Map.Entry<K, V>> {
  /** What a scan needs to know; bounds are encoded, null for an open end. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bounds(
      byte @Nullable [] from,
      boolean fromInclusive,
      byte @Nullable [] to,
      boolean toInclusive,
      boolean ascending) {
    static <K> Bounds of(KeyRange<K> range, Codec<K> codec, boolean ascending) {
      KeyRange<byte[]> bytes = range.encoded(codec);
      return new Bounds(
          bytes.from(), bytes.fromInclusive(), bytes.to(), bytes.toInclusive(), ascending);
    }

    Position start() {
      byte[] key = ascending ? from : to;
      return new Position(key, key == null || (ascending ? fromInclusive : toInclusive));
    }

    byte @Nullable [] bound() {
      return ascending ? to : from;
    }

    boolean boundInclusive() {
      return ascending ? toInclusive : fromInclusive;
    }
  }

  private final Viewer viewer;
  private final TreeReader reader;
  private final BTree tree;
  private final TreeDef<K, V> definition;
  private final Bounds bounds;
  private final LeavesAhead leaves;
  private @Nullable Position next;
  private List<Map.Entry<byte[], Cell>> batch = List.of();
  private int index;
  private long changes;
  private byte @Nullable [] delivered;
  private @Nullable ScanFootprint footprint;
  private boolean begun;

  RangeScan(Viewer viewer, TreeReader reader, BTree tree, TreeDef<K, V> definition, Bounds bounds) {
    this.viewer = viewer;
    this.reader = reader;
    this.tree = tree;
    this.definition = definition;
    this.bounds = bounds;
    this.leaves = new LeavesAhead(tree, bounds.ascending());
    this.next = bounds.start();
  }

  @Override
  public boolean hasNext() {
    if (index < batch.size() && changes != viewer.changes()) {
      // What was read ahead may have been changed or rolled back since by the reader itself, its
      // chains freed with it (store rule 16): go on behind the last entry delivered.
      byte[] last = delivered;
      next = last == null ? bounds.start() : new Position(last, false);
      if (footprint != null) {
        footprint.leave();
      }
      batch = List.of();
      index = 0;
    }
    while (index == batch.size()) {
      if (footprint != null) {
        footprint.finish();
      }
      Position from = next;
      if (from == null) {
        return false;
      }
      viewer.enter();
      try {
        begin();
        changes = viewer.changes();
        leaves.beforeLeaf(from.key());
        Batch read =
            reader.leaf(
                viewer, tree, from, bounds.ascending(), bounds.bound(), bounds.boundInclusive());
        batch = read.entries();
        next = read.next();
        index = 0;
        record(from, read.next());
      } catch (CorruptionException e) {
        viewer.check(); // the tree may be dropped and gone, if the snapshot was given up
        throw e;
      } finally {
        viewer.leave();
      }
    }
    if (footprint != null) {
      footprint.reached(batch.get(index).getKey());
    }
    return true;
  }

  /** The next entry as it was read, which there is; a large value is still in its chain. */
  Map.Entry<byte[], Cell> nextCell() {
    Map.Entry<byte[], Cell> entry = batch.get(index++);
    delivered = entry.getKey();
    return entry;
  }

  @Override
  public Map.Entry<K, V> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the range is exhausted");
    }
    Map.Entry<byte[], Cell> entry = nextCell();
    byte[] key = entry.getKey();
    viewer.enter();
    try {
      byte[] value = reader.valueOf(viewer, entry.getValue());
      return Map.entry(
          // Who changes things may have to come back to the key.
          viewer.readsOnly()
              ? RawBytes.decodeOwn(definition.keys(), key)
              : definition.keys().decode(key),
          RawBytes.decodeOwn(definition.values(), value));
    } finally {
      viewer.leave();
    }
  }

  private void begin() {
    if (!begun) {
      footprint = viewer.scanning(tree.treeId(), bounds.ascending());
      begun = true;
    }
  }

  /** Tells the footprint what the batch just read covers, as keys from a low end below a high. */
  private void record(Position from, @Nullable Position then) {
    if (footprint == null) {
      return;
    }
    byte[] start = from.key();
    byte[] end = then == null ? bounds.bound() : then.key();
    if (bounds.ascending()) {
      boolean endIncluded = then == null && bounds.boundInclusive();
      footprint.batch(
          start == null || from.inclusive() ? start : KeyIntervals.successor(start),
          end != null && endIncluded ? KeyIntervals.successor(end) : end);
    } else {
      boolean endIncluded = then != null || bounds.boundInclusive();
      footprint.batch(
          end == null || endIncluded ? end : KeyIntervals.successor(end),
          start != null && from.inclusive() ? KeyIntervals.successor(start) : start);
    }
  }

  /** Counts what is left without decoding it. */
  long countRemaining() {
    long count = 0;
    while (hasNext()) {
      count += batch.size() - index;
      delivered = batch.getLast().getKey();
      index = batch.size();
    }
    return count;
  }
}
