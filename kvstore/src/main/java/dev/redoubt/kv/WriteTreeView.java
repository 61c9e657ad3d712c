package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A tree in the hands of a read-write transaction. */
final class WriteTreeView<K, V> extends ReadTreeView<K, V> implements Tree<K, V> {
  private final WriteTransaction transaction;
  private final BTree tree;

  WriteTreeView(WriteTransaction transaction, TreeDef<K, V> definition, BTree tree) {
    super(transaction, transaction.store(), definition, tree);
    this.transaction = transaction;
    this.tree = tree;
  }

  @Override
  public void put(K key, V value) {
    transaction.put(tree, encodeKey(key), encodeValue(value));
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    byte[] encoded = encodeKey(key);
    byte[] newValue = encodeValue(value);
    byte[] old = transaction.getOwned(tree, encoded);
    if (old != null) {
      return definition.values().decode(old);
    }
    transaction.put(tree, encoded, newValue);
    return null;
  }

  @Override
  public @Nullable V remove(K key) {
    byte[] encoded = encodeKey(key);
    byte[] old = transaction.getOwned(tree, encoded);
    if (old == null) {
      return null;
    }
    transaction.delete(tree, encoded);
    return definition.values().decode(old);
  }

  private byte[] encodeValue(V value) {
    return definition.values().encode(Objects.requireNonNull(value, "a value must not be null"));
  }
}
