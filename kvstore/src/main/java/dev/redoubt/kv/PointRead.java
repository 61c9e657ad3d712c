package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.PlainKeys;
import org.jspecify.annotations.Nullable;

/** A single get as a transaction of its own: without a snapshot where none is needed. Stateless. */
final class PointRead {
  private PointRead() {}

  static <K, V> @Nullable V get(Store store, TreeDef<K, V> definition, K key) {
    long at = store.parts().commits().acknowledged();
    @Nullable BTree tree = store.parts().catalog().open(definition, at);
    if (tree == null) {
      return null;
    }
    byte[] bytes = RawBytes.toLookUp(definition.keys(), key);
    byte[] plain = store.parts().reader().plainValue(tree, bytes, at);
    // A tree that has been dropped meanwhile may have been emptied, since no snapshot keeps it.
    if (PlainKeys.isTold(plain) && store.parts().catalog().names(definition.name(), tree)) {
      return plain == null ? null : RawBytes.decodeOwn(definition.values(), plain);
    }
    try (ReadTx tx = store.beginRead()) {
      return tx.tree(definition).get(key);
    }
  }
}
