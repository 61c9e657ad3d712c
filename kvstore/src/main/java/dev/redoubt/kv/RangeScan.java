package dev.redoubt.kv;

import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import java.util.Iterator;
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
  private final BTree tree;
  private final TreeDef<K, V> definition;
  private final Bounds bounds;
  private final LeafScan leaf;
  private long changes;
  private byte @Nullable [] delivered;
  private @Nullable ScanFootprint footprint;
  private boolean begun;

  RangeScan(Viewer viewer, TreeReader reader, BTree tree, TreeDef<K, V> definition, Bounds bounds) {
    this.viewer = viewer;
    this.tree = tree;
    this.definition = definition;
    this.bounds = bounds;
    this.leaf = new LeafScan(viewer, reader, tree, bounds, true);
  }

  @Override
  public boolean hasNext() {
    if (leaf.hasEntry() && changes != viewer.changes()) {
      // What was read ahead may have been changed or rolled back since by the reader itself, its
      // chains freed with it (store rule 16): go on behind the last entry delivered.
      byte[] last = delivered;
      leaf.restart(last == null ? bounds.start() : new Position(last, false));
      if (footprint != null) {
        footprint.leave();
      }
    }
    while (!leaf.hasEntry()) {
      if (footprint != null) {
        footprint.finish();
      }
      Position from = leaf.next();
      if (from == null) {
        return false;
      }
      readLeaf(from);
    }
    if (footprint != null) {
      footprint.reached(leaf.key());
    }
    return true;
  }

  private void readLeaf(Position from) {
    viewer.enter();
    try {
      begin();
      changes = viewer.changes();
      leaf.read(from);
      record(from, leaf.next());
    } finally {
      viewer.leave();
    }
  }

  /** The next entry as it was read, which there is; a large value is still in its chain. */
  Map.Entry<byte[], Cell> nextCell() {
    Map.Entry<byte[], Cell> entry = Map.entry(leaf.key(), leaf.cell());
    delivered = entry.getKey();
    leaf.pass();
    return entry;
  }

  @Override
  public Map.Entry<K, V> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the range is exhausted");
    }
    viewer.enter();
    try {
      byte[] key = leaf.key();
      byte[] value = leaf.value();
      K decoded;
      if (viewer.readsOnly()) {
        decoded = RawBytes.decodeOwn(definition.keys(), key);
      } else {
        delivered = key; // who changes things may have to come back to it
        decoded = definition.keys().decode(key);
      }
      leaf.pass();
      return Map.entry(decoded, RawBytes.decodeOwn(definition.values(), value));
    } finally {
      viewer.leave();
    }
  }

  /** Anew if the reader has changed something since: it may have dropped the tree. */
  private void begin() {
    if (!begun || changes != viewer.changes()) {
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
      for (; leaf.hasEntry(); leaf.pass()) {
        count++;
      }
    }
    return count;
  }
}
