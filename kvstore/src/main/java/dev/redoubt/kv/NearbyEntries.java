package dev.redoubt.kv;

import dev.redoubt.kv.TreeReader.Batch;
import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the entry nearest to a position, and steps from it. Some entries behind it are read ahead,
 * the more the longer it steps in one direction; they are dropped when the viewer has written
 * meanwhile (store rule 16). What was shown counts as read, and no more (store rule 9). The caller
 * has entered the viewer. Confined to one thread at a time.
 */
final class NearbyEntries {
  /** Entries read at first; times {@link #GROWTH} each time until it is a leaf. */
  private static final int FEWEST = 1;

  private static final int GROWTH = 16;
  private static final int MOST = 1 << 16;

  private final Viewer viewer;
  private final TreeReader reader;
  private final BTree tree;
  private List<Map.Entry<byte[], Cell>> batch = List.of();
  private int index;
  private boolean ascending = true;
  private int most = FEWEST;
  private long changes;

  /** Where the batch ends; null if nothing is behind it. */
  private @Nullable Position next;

  private @Nullable ScanFootprint footprint;

  NearbyEntries(Viewer viewer, TreeReader reader, BTree tree) {
    this.viewer = viewer;
    this.reader = reader;
    this.tree = tree;
  }

  /** The first entry from a position on in a direction; null if there is none. */
  Map.@Nullable Entry<byte[], Cell> nearest(Position from, boolean upwards) {
    reset();
    ascending = upwards;
    return read(from);
  }

  /** The next step starts from another place. */
  void reset() {
    drop();
    most = FEWEST;
  }

  /**
   * The entry behind {@code key}, which is the one that the last call gave if there is a batch;
   * null if there is none.
   */
  Map.@Nullable Entry<byte[], Cell> behind(byte[] key, boolean upwards) {
    if (upwards != ascending || batch.isEmpty() || changes != viewer.changes()) {
      drop();
      most = upwards == ascending ? most : FEWEST * GROWTH;
      ascending = upwards;
      return read(new Position(key, false));
    }
    if (index + 1 < batch.size()) {
      index++;
      return shown();
    }
    if (footprint != null) {
      footprint.finish();
    }
    batch = List.of();
    return read(next);
  }

  /** Forgets what was read ahead; what was shown of it counts as read. */
  private void drop() {
    batch = List.of();
    if (footprint != null) {
      footprint.leave();
      footprint = null;
    }
  }

  private Map.@Nullable Entry<byte[], Cell> read(@Nullable Position from) {
    Position at = from;
    if (footprint == null) {
      footprint = viewer.scanning(tree.treeId(), ascending);
    }
    while (at != null) {
      changes = viewer.changes();
      Batch read = reader.leaf(viewer, tree, at, ascending, null, true, most);
      record(at, read.next());
      next = read.next();
      if (!read.entries().isEmpty()) {
        batch = read.entries();
        index = 0;
        most = Math.min(MOST, most * GROWTH);
        return shown();
      }
      if (footprint != null) {
        footprint.finish();
      }
      at = read.next();
    }
    return null;
  }

  private Map.Entry<byte[], Cell> shown() {
    Map.Entry<byte[], Cell> entry = batch.get(index);
    if (footprint != null) {
      footprint.reached(entry.getKey());
      if (most == GROWTH) {
        footprint.finish(); // the one entry that was asked for: nothing was read ahead
      }
    }
    return entry;
  }

  private void record(Position from, @Nullable Position then) {
    if (footprint == null) {
      return;
    }
    byte[] start = from.key();
    byte[] end = then == null ? null : then.key();
    if (ascending) {
      boolean endIncluded = then != null && !then.inclusive();
      footprint.batch(
          start == null || from.inclusive() ? start : KeyIntervals.successor(start),
          end != null && endIncluded ? KeyIntervals.successor(end) : end);
    } else {
      footprint.batch(
          end, start == null || !from.inclusive() ? start : KeyIntervals.successor(start));
    }
  }
}
