package dev.redoubt.kv;

import java.util.Objects;

/** Names a tree and says how its keys and values become bytes. */
public record TreeDef<K, V>(String name, Codec<K> keys, Codec<V> values) {
  public TreeDef {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(values, "values");
    if (name.isEmpty() || name.length() > 200) {
      throw new IllegalArgumentException("a tree's name has 1 to 200 characters: '" + name + "'");
    }
    Utf8.encode(name); // refuses what is no text: such names would all be one in the catalog
  }

  public static <K, V> TreeDef<K, V> of(String name, Codec<K> keys, Codec<V> values) {
    return new TreeDef<>(name, keys, values);
  }

  /** A tree of plain bytes, ordered as unsigned bytes. */
  public static TreeDef<byte[], byte[]> raw(String name) {
    return new TreeDef<>(name, Codecs.BYTES, Codecs.BYTES);
  }
}
