package dev.redoubt.kv;

import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A tree as one transaction sees it; a tree that does not exist is empty. */
class ReadTreeView<K, V> implements ReadTree<K, V> {
  static final Position END = new Position(null, true);

  final TreeDef<K, V> definition;
  final Viewer viewer;
  final Store store;

  /** Null if it did not exist. */
  final @Nullable BTree opened;

  ReadTreeView(Viewer viewer, Store store, TreeDef<K, V> definition, @Nullable BTree opened) {
    this.viewer = viewer;
    this.store = store;
    this.definition = definition;
    this.opened = opened;
  }

  @Override
  public TreeDef<K, V> definition() {
    return definition;
  }

  @Override
  public @Nullable V get(K key) {
    byte[] encoded =
        RawBytes.toLookUp(definition.keys(), Objects.requireNonNull(key, "a key must not be null"));
    viewer.enter();
    try {
      BTree existing = tree();
      if (existing == null) {
        return null;
      }
      viewer.reading(existing.treeId(), encoded);
      byte[] value = store.parts().reader().get(viewer, existing, encoded);
      return value == null ? null : RawBytes.decodeOwn(definition.values(), value);
    } finally {
      viewer.leave();
    }
  }

  @Override
  public Map.@Nullable Entry<K, V> first() {
    return nearest(END, true);
  }

  @Override
  public Map.@Nullable Entry<K, V> last() {
    return nearest(END, false);
  }

  @Override
  public Map.@Nullable Entry<K, V> floor(K key) {
    return nearest(new Position(encodeKey(key), true), false);
  }

  @Override
  public Map.@Nullable Entry<K, V> ceiling(K key) {
    return nearest(new Position(encodeKey(key), true), true);
  }

  @Override
  public Map.@Nullable Entry<K, V> lower(K key) {
    return nearest(new Position(encodeKey(key), false), false);
  }

  @Override
  public Map.@Nullable Entry<K, V> higher(K key) {
    return nearest(new Position(encodeKey(key), false), true);
  }

  private Map.@Nullable Entry<K, V> nearest(Position from, boolean ascending) {
    viewer.enter();
    try {
      BTree existing = tree();
      if (existing == null) {
        return null;
      }
      Map.Entry<byte[], Cell> found =
          new NearbyEntries(viewer, store.parts().reader(), existing).nearest(from, ascending);
      return found == null
          ? null
          : Map.entry(
              definition.keys().decode(found.getKey()),
              definition.values().decode(store.parts().reader().valueOf(viewer, found.getValue())));
    } finally {
      viewer.leave();
    }
  }

  @Override
  public Iterable<Map.Entry<K, V>> range(KeyRange<K> range) {
    Objects.requireNonNull(range, "range");
    return () -> scan(range, true);
  }

  @Override
  public Iterable<Map.Entry<K, V>> descending(KeyRange<K> range) {
    Objects.requireNonNull(range, "range");
    return () -> scan(range, false);
  }

  @Override
  public Stream<Map.Entry<K, V>> stream(KeyRange<K> range) {
    return stream(range(range));
  }

  @Override
  public Stream<Map.Entry<K, V>> descendingStream(KeyRange<K> range) {
    return stream(descending(range));
  }

  private static <E> Stream<E> stream(Iterable<E> entries) {
    int traits = Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
    return StreamSupport.stream(
        () -> Spliterators.spliteratorUnknownSize(entries.iterator(), traits), traits, false);
  }

  @Override
  public Cursor<K, V> cursor() {
    check();
    return new TreeCursor<>(this);
  }

  @Override
  public long count(KeyRange<K> range) {
    Objects.requireNonNull(range, "range");
    check();
    BTree existing = tree();
    return existing == null ? 0 : newScan(existing, range, true).countRemaining();
  }

  @Override
  public <R extends @Nullable Object, X extends Exception> @Nullable R readBytes(
      K key, ValueBytes<R, X> body) throws X {
    return ZeroCopy.value(this, encodeKey(key), Objects.requireNonNull(body, "body"));
  }

  @Override
  public <X extends Exception> long readChunks(K key, ValueChunks<X> body) throws X {
    return ZeroCopy.chunks(this, encodeKey(key), Objects.requireNonNull(body, "body"));
  }

  @Override
  public <X extends Exception> long scanBytes(KeyRange<K> range, EntryBytes<X> body) throws X {
    return showBytes(range, true, body);
  }

  @Override
  public <X extends Exception> long descendBytes(KeyRange<K> range, EntryBytes<X> body) throws X {
    return showBytes(range, false, body);
  }

  private <X extends Exception> long showBytes(
      KeyRange<K> range, boolean ascending, EntryBytes<X> body) throws X {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(body, "body");
    check();
    BTree existing = tree();
    if (existing == null) {
      return 0;
    }
    if (!viewer.readsOnly()) {
      return ZeroCopy.entries(this, newScan(existing, range, ascending), body);
    }
    RangeScan.Bounds bounds = RangeScan.Bounds.of(range, definition.keys(), ascending);
    try (ByteScan scan = new ByteScan(viewer, reader(), existing, bounds)) {
      return ZeroCopy.entries(this, scan, body);
    }
  }

  /** Throws what any operation throws if the transaction can no longer be used. */
  private void check() {
    viewer.enter();
    viewer.leave();
  }

  final byte[] encodeKey(K key) {
    return RawBytes.encode(
        definition.keys(), Objects.requireNonNull(key, "a key must not be null"));
  }

  final TreeReader reader() {
    return store.parts().reader();
  }

  /** The tree; null if it does not exist. */
  @Nullable BTree tree() {
    return opened;
  }

  private Iterator<Map.Entry<K, V>> scan(KeyRange<K> range, boolean ascending) {
    check();
    BTree existing = tree();
    return existing == null ? Collections.emptyIterator() : newScan(existing, range, ascending);
  }

  private RangeScan<K, V> newScan(BTree existing, KeyRange<K> range, boolean ascending) {
    return new RangeScan<>(
        viewer,
        store.parts().reader(),
        existing,
        definition,
        RangeScan.Bounds.of(range, definition.keys(), ascending));
  }
}
