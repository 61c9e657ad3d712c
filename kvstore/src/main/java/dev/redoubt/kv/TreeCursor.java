package dev.redoubt.kv;

import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import java.util.Arrays;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The cursor of a tree; no latch and no pin is held between calls, nor anything to be freed. */
final class TreeCursor<K, V> implements Cursor<K, V> {
  private enum Place {
    NOWHERE,
    BEFORE_FIRST,
    BEHIND_LAST,
    /** At {@code at}, where no entry was found. */
    GAP,
    /** On {@code at}, whose entry was {@code cell}. */
    ENTRY
  }

  private final ReadTreeView<K, V> view;
  private final Viewer viewer;
  private final TreeReader reader;
  private final @Nullable BTree tree;
  private final @Nullable NearbyEntries entries;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private volatile boolean closed;
  private Place place = Place.NOWHERE;
  private byte @Nullable [] at;
  private @Nullable Cell cell;

  /** What the viewer had changed when the entry was found. */
  private long changes;

  /** A cursor of a tree that does not exist stands in an empty one. */
  TreeCursor(ReadTreeView<K, V> view) {
    this.view = view;
    this.viewer = view.viewer;
    this.reader = view.reader();
    this.tree = view.tree();
    this.entries = tree == null ? null : new NearbyEntries(viewer, reader, tree);
  }

  @Override
  public boolean first() {
    return place(ReadTreeView.END, true);
  }

  @Override
  public boolean last() {
    return place(ReadTreeView.END, false);
  }

  @Override
  public boolean ceiling(K key) {
    return place(new Position(encode(key), true), true);
  }

  @Override
  public boolean higher(K key) {
    return place(new Position(encode(key), false), true);
  }

  @Override
  public boolean floor(K key) {
    return place(new Position(encode(key), true), false);
  }

  @Override
  public boolean lower(K key) {
    return place(new Position(encode(key), false), false);
  }

  @Override
  public boolean seek(K key) {
    byte[] wanted = encode(key);
    enter();
    try {
      Cell found = null;
      long then = viewer.changes();
      if (tree != null && entries != null) {
        viewer.reading(tree.treeId(), wanted);
        found = reader.cell(viewer, tree, wanted);
        entries.reset();
      }
      place = found == null ? Place.GAP : Place.ENTRY;
      at = wanted;
      cell = found;
      changes = then;
      return found != null;
    } finally {
      leave();
    }
  }

  @Override
  public boolean next() {
    return step(true);
  }

  @Override
  public boolean previous() {
    return step(false);
  }

  private boolean place(Position from, boolean ascending) {
    enter();
    try {
      return moved(entries == null ? null : entries.nearest(from, ascending), ascending);
    } finally {
      leave();
    }
  }

  private boolean step(boolean ascending) {
    enter();
    try {
      if (place == (ascending ? Place.BEHIND_LAST : Place.BEFORE_FIRST) || entries == null) {
        return moved(null, ascending);
      }
      byte[] from = at;
      return moved(
          from == null
              ? entries.nearest(ReadTreeView.END, ascending)
              : entries.behind(from, ascending),
          ascending);
    } finally {
      leave();
    }
  }

  private boolean moved(Map.@Nullable Entry<byte[], Cell> found, boolean ascending) {
    if (found == null) {
      place = ascending ? Place.BEHIND_LAST : Place.BEFORE_FIRST;
      at = null;
      cell = null;
      return false;
    }
    place = Place.ENTRY;
    at = found.getKey();
    cell = found.getValue();
    changes = viewer.changes();
    return true;
  }

  @Override
  public boolean isOnEntry() {
    enter();
    try {
      return place == Place.ENTRY;
    } finally {
      leave();
    }
  }

  @Override
  public K key() {
    enter();
    try {
      return view.definition.keys().decode(here().clone());
    } finally {
      leave();
    }
  }

  @Override
  public V value() {
    enter();
    try {
      byte[] key = here();
      Cell found = cell;
      if (tree != null && changes != viewer.changes()) {
        viewer.reading(tree.treeId(), key);
        found = reader.cell(viewer, tree, key);
      }
      if (found == null) {
        throw new NoSuchElementException(
            "the transaction has removed the entry that the cursor stands on; move it on");
      }
      return view.definition.values().decode(reader.valueOf(viewer, found));
    } finally {
      leave();
    }
  }

  private byte[] here() {
    byte[] key = at;
    if (place != Place.ENTRY || key == null) {
      throw new NoSuchElementException(
          "the cursor stands on no entry; move it, and see what the move returns");
    }
    return key;
  }

  private byte[] encode(K key) {
    return view.encodeKey(key);
  }

  private void enter() {
    if (closed) {
      throw new ClosedException("the cursor has been closed; open another one");
    }
    if (!inUse.compareAndSet(false, true)) {
      throw new IllegalStateException("the cursor is being used by another thread at this moment");
    }
    boolean ok = false;
    try {
      viewer.enter();
      ok = true;
    } finally {
      if (!ok) {
        inUse.set(false);
      }
    }
  }

  private void leave() {
    viewer.leave();
    inUse.set(false);
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return "cursor of '" + view.definition.name() + "', " + place + " " + Arrays.toString(at);
  }
}
