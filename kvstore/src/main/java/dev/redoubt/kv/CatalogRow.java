package dev.redoubt.kv;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The value of a tree's row in the catalog: id, root page, and the names of its codecs, each behind
 * its length in two bytes. Stateless.
 */
final class CatalogRow {
  private CatalogRow() {}

  static byte[] encode(Catalog.Entry entry) {
    byte[] keyCodec = entry.keyCodec().getBytes(StandardCharsets.UTF_8);
    byte[] valueCodec = entry.valueCodec().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + 8 + 2 + keyCodec.length + 2 + valueCodec.length)
        .putInt(entry.tree().treeId())
        .putLong(entry.tree().rootPageId())
        .putShort((short) keyCodec.length)
        .put(keyCodec)
        .putShort((short) valueCodec.length)
        .put(valueCodec)
        .array();
  }

  /** The next text of a row: the names of the codecs of keys and values. */
  static String getText(ByteBuffer value) {
    byte[] text = new byte[value.getShort() & 0xffff];
    value.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
