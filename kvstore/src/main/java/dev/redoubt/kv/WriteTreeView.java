package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A tree in the hands of a read-write transaction. */
final class WriteTreeView<K, V> extends ReadTreeView<K, V> implements Tree<K, V> {
  /** Keys that a removal of a range collects before it removes them, so as to read on after. */
  private static final int REMOVAL_BATCH = 256;

  /** Leaves room for a few entries between the others before a leaf is split. */
  private static final double USUAL_FILL = 0.9;

  WriteTreeView(WriteTransaction transaction, TreeDef<K, V> definition, BTree tree) {
    super(transaction, transaction.store(), definition, tree);
  }

  private WriteTransaction transaction() {
    return (WriteTransaction) viewer;
  }

  /** The tree that was opened. */
  private BTree target() {
    return Objects.requireNonNull(opened);
  }

  private KeyOperations operations() {
    return store.parts().operations();
  }

  /** The value of a key that is the transaction's from now on. */
  private byte @Nullable [] owned(byte[] key) {
    return operations().getOwned(transaction(), target(), key);
  }

  private void write(byte[] key, byte[] value) {
    operations().put(transaction(), target(), key, value);
  }

  private boolean erase(byte[] key) {
    return operations().delete(transaction(), target(), key);
  }

  @Override
  public void put(K key, V value) {
    write(encodeKey(key), encodeValue(value));
  }

  @Override
  public void putStream(K key, InputStream value, long lengthBytes) throws IOException {
    Objects.requireNonNull(value, "a value must not be null");
    if (lengthBytes < 0) {
      throw new IllegalArgumentException("a value of " + lengthBytes + " bytes");
    }
    operations()
        .<IOException>put(
            transaction(),
            target(),
            encodeKey(key),
            lengthBytes,
            (piece, length) -> {
              int read = value.readNBytes(piece, 0, length);
              if (read < length) {
                throw new EOFException(
                    "the stream ended before the %d bytes that were announced"
                        .formatted(lengthBytes));
              }
            });
  }

  @Override
  BTree tree() {
    return transaction().current(target());
  }

  @Override
  public void clear() {
    transaction().enter();
    try {
      transaction().current(target());
      transaction().changed();
      transaction().treeChanges().clear(definition.name());
    } finally {
      transaction().leave();
    }
  }

  @Override
  public long bulkLoad(Iterator<? extends Map.Entry<? extends K, ? extends V>> sorted) {
    return bulkLoad(sorted, USUAL_FILL);
  }

  @Override
  public long bulkLoad(
      Iterator<? extends Map.Entry<? extends K, ? extends V>> sorted, double fill) {
    Objects.requireNonNull(sorted, "sorted");
    if (!(fill > 0 && fill <= 1)) {
      throw new IllegalArgumentException("a fill of " + fill + "; it is above 0 and at most 1");
    }
    return new TreeLoad<>(transaction(), definition, target()).run(sorted, fill);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    byte[] encoded = encodeKey(key);
    byte[] newValue = encodeValue(value);
    byte[] old = owned(encoded);
    if (old == null) {
      write(encoded, newValue);
    }
    return decode(old);
  }

  @Override
  public @Nullable V remove(K key) {
    byte[] encoded = encodeKey(key);
    byte[] old = owned(encoded);
    if (old != null) {
      erase(encoded);
    }
    return decode(old);
  }

  @Override
  public boolean remove(K key, V value) {
    byte[] encoded = encodeKey(key);
    byte[] expected = encodeValue(value);
    return Arrays.equals(expected, owned(encoded)) && erase(encoded);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    byte[] encoded = encodeKey(key);
    byte[] newValue = encodeValue(value);
    byte[] old = owned(encoded);
    if (old != null) {
      write(encoded, newValue);
    }
    return decode(old);
  }

  @Override
  public boolean replace(K key, V expected, V value) {
    byte[] encoded = encodeKey(key);
    byte[] oldValue = encodeValue(expected);
    byte[] newValue = encodeValue(value);
    boolean same = Arrays.equals(oldValue, owned(encoded));
    if (same) {
      write(encoded, newValue);
    }
    return same;
  }

  @Override
  public @Nullable V getForUpdate(K key) {
    return decode(owned(encodeKey(key)));
  }

  @Override
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    byte[] encoded = encodeKey(key);
    @Nullable V old = decode(owned(encoded));
    return change(encoded, old, function.apply(key, old));
  }

  @Override
  public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    byte[] encoded = encodeKey(key);
    @Nullable V old = decode(owned(encoded));
    return old != null ? old : change(encoded, null, function.apply(key));
  }

  @Override
  public @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    byte[] encoded = encodeKey(key);
    @Nullable V old = decode(owned(encoded));
    return old == null ? null : change(encoded, old, function.apply(key, old));
  }

  @Override
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    Objects.requireNonNull(value, "a value must not be null");
    byte[] encoded = encodeKey(key);
    @Nullable V old = decode(owned(encoded));
    return change(encoded, old, old == null ? value : function.apply(old, value));
  }

  /** The key, owned, had {@code old} and gets {@code changed}; null is no value. */
  private @Nullable V change(byte[] encoded, @Nullable V old, @Nullable V changed) {
    if (changed != null) {
      write(encoded, encodeValue(changed));
    } else if (old != null) {
      erase(encoded);
    }
    return changed;
  }

  @Override
  public void add(K key, long delta) {
    requireNumbers();
    operations().add(transaction(), target(), encodeKey(key), delta);
  }

  @Override
  public long addAndGet(K key, long delta) {
    requireNumbers();
    byte[] encoded = encodeKey(key);
    byte[] old = owned(encoded);
    long sum = (old == null ? 0 : Codecs.INT64.decode(old)) + delta;
    write(encoded, Codecs.INT64.encode(sum));
    return sum;
  }

  private void requireNumbers() {
    String values = definition.values().name();
    if (!values.equals(Codecs.INT64.name())) {
      throw new UnsupportedOperationException(
          "tree '%s' has values of codec %s; only numbers of Codecs.INT64 can be added to"
              .formatted(definition.name(), values));
    }
  }

  @Override
  public long removeRange(KeyRange<K> range) {
    Iterator<Map.Entry<K, V>> left = range(range).iterator();
    List<byte[]> batch = new ArrayList<>(REMOVAL_BATCH);
    long removed = 0;
    do {
      batch.clear();
      while (batch.size() < REMOVAL_BATCH && left.hasNext()) {
        batch.add(encodeKey(left.next().getKey()));
      }
      for (byte[] key : batch) {
        removed += erase(key) ? 1 : 0;
      }
    } while (batch.size() == REMOVAL_BATCH);
    return removed;
  }

  private @Nullable V decode(byte @Nullable [] value) {
    return value == null ? null : definition.values().decode(value);
  }

  /** To be copied into the log and the leaf, or compared, and not kept. */
  private byte[] encodeValue(V value) {
    return RawBytes.toLookUp(
        definition.values(), Objects.requireNonNull(value, "a value must not be null"));
  }
}
