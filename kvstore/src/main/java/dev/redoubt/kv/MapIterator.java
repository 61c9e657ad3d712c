package dev.redoubt.kv;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a part of a map in batches, each from a snapshot of its own, and holds none between
 * them: an iterator that is given up in the middle keeps no version (store rule 17). Where it
 * stands is a key. Confined to one thread.
 */
final class MapIterator<K, V, E> implements Iterator<E> {
  private static final int FIRST_BATCH = 16;
  private static final int LARGEST_BATCH = 512;

  /** A batch ends here, however few entries it has. */
  private static final long BATCH_BYTES = 1 << 20;

  private final StoreMap<K, V> map;
  private final MapBounds bounds;
  private final boolean ascending;
  private final Function<Map.Entry<byte[], byte[]>, E> shape;
  private List<Map.Entry<byte[], byte[]>> batch = List.of();
  private int index;
  private int size = FIRST_BATCH;
  private boolean exhausted;
  private byte @Nullable [] read;
  private byte @Nullable [] delivered;

  /** {@code shape}: what it gives of each entry. */
  MapIterator(
      StoreMap<K, V> map,
      MapBounds bounds,
      boolean ascending,
      Function<Map.Entry<byte[], byte[]>, E> shape) {
    this.map = map;
    this.bounds = bounds;
    this.ascending = ascending;
    this.shape = shape;
  }

  @Override
  public boolean hasNext() {
    if (index == batch.size() && !exhausted) {
      batch = map.<List<Map.Entry<byte[], byte[]>>>read(this::next);
      index = 0;
      size = Math.min(LARGEST_BATCH, size * 2);
    }
    return index < batch.size();
  }

  private List<Map.Entry<byte[], byte[]>> next(ReadTree<byte[], byte[]> tree) {
    byte[] from = read;
    KeyRange<byte[]> rest =
        (from == null
                ? bounds
                : ascending
                    ? new MapBounds(from, false, bounds.high(), bounds.highInclusive())
                    : new MapBounds(bounds.low(), bounds.lowInclusive(), from, false))
            .range();
    List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<byte[], byte[]> each : ascending ? tree.range(rest) : tree.descending(rest)) {
      entries.add(each);
      bytes += each.getKey().length + each.getValue().length;
      if (entries.size() == size || bytes >= BATCH_BYTES) {
        read = each.getKey();
        return entries;
      }
    }
    exhausted = true;
    return entries;
  }

  @Override
  public E next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the map has no more entries");
    }
    Map.Entry<byte[], byte[]> entry = batch.get(index++);
    delivered = entry.getKey();
    return shape.apply(entry);
  }

  @Override
  public void remove() {
    byte[] last = delivered;
    if (last == null) {
      throw new IllegalStateException("next has not been called, or the entry has been removed");
    }
    delivered = null;
    map.removeEncoded(last);
  }

  /** The same as a spliterator, of unknown size: nothing is counted. */
  Spliterator<E> spliterator(int traits, @Nullable Comparator<? super E> order) {
    return new Spliterators.AbstractSpliterator<E>(
        Long.MAX_VALUE, traits | Spliterator.NONNULL | Spliterator.ORDERED) {
      @Override
      public boolean tryAdvance(java.util.function.Consumer<? super E> action) {
        boolean more = hasNext();
        if (more) {
          action.accept(MapIterator.this.next());
        }
        return more;
      }

      @Override
      public @Nullable Comparator<? super E> getComparator() {
        if (!hasCharacteristics(SORTED)) {
          throw new IllegalStateException("not sorted");
        }
        return order;
      }
    };
  }
}
