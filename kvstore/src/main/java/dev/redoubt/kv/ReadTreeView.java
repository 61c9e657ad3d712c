package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
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
  final TreeDef<K, V> definition;
  private final Viewer viewer;
  private final Store store;
  private final @Nullable BTree tree;

  ReadTreeView(Viewer viewer, Store store, TreeDef<K, V> definition, @Nullable BTree tree) {
    this.viewer = viewer;
    this.store = store;
    this.definition = definition;
    this.tree = tree;
  }

  @Override
  public TreeDef<K, V> definition() {
    return definition;
  }

  @Override
  public @Nullable V get(K key) {
    byte[] encoded = encodeKey(key);
    viewer.enter();
    try {
      BTree existing = tree;
      if (existing == null) {
        return null;
      }
      viewer.reading(existing.treeId(), encoded);
      byte[] value = store.parts().reader().get(viewer, existing, encoded);
      return value == null ? null : definition.values().decode(value);
    } finally {
      viewer.leave();
    }
  }

  @Override
  public Iterable<Map.Entry<K, V>> range(KeyRange<K> range) {
    return () -> scan(range, true);
  }

  @Override
  public Iterable<Map.Entry<K, V>> descending(KeyRange<K> range) {
    return () -> scan(range, false);
  }

  @Override
  public Stream<Map.Entry<K, V>> stream(KeyRange<K> range) {
    return StreamSupport.stream(
        () ->
            Spliterators.spliteratorUnknownSize(
                scan(range, true),
                Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL),
        Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL,
        false);
  }

  @Override
  public Map.@Nullable Entry<K, V> first() {
    Iterator<Map.Entry<K, V>> scan = scan(KeyRange.all(), true);
    return scan.hasNext() ? scan.next() : null;
  }

  @Override
  public Map.@Nullable Entry<K, V> last() {
    Iterator<Map.Entry<K, V>> scan = scan(KeyRange.all(), false);
    return scan.hasNext() ? scan.next() : null;
  }

  @Override
  public long count(KeyRange<K> range) {
    BTree existing = tree;
    return existing == null ? 0 : newScan(existing, range, true).countRemaining();
  }

  final byte[] encodeKey(K key) {
    return definition.keys().encode(Objects.requireNonNull(key, "a key must not be null"));
  }

  private Iterator<Map.Entry<K, V>> scan(KeyRange<K> range, boolean ascending) {
    BTree existing = tree;
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
