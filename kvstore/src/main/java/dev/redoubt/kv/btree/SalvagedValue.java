package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.SalvageSource;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** Reads a large value of a store that may be damaged: all of it, or nothing. Stateless. */
final class SalvagedValue {
  private SalvagedValue() {}

  /**
   * The value.
   *
   * @throws CorruptionException if a page of its chain cannot be had, or it is not the one meant
   */
  static byte[] read(SalvageSource source, byte[] reference) {
    if (reference.length != OverflowRef.BYTES) {
      throw new CorruptionException("its reference to overflow pages is damaged");
    }
    OverflowRef ref = OverflowRef.decode(reference);
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    long pageId = ref.firstPage();
    while (value.size() < ref.lengthBytes()) {
      SalvageSource.Page found = source.page(pageId);
      MemorySegment page = found.bytes();
      if (page == null) {
        throw new CorruptionException("overflow " + found.problem());
      }
      int length = page.get(NodeLayout.INT, NodeLayout.CHUNK_LENGTH);
      if (PageLayout.type(page) != NodeLayout.OVERFLOW_TYPE
          || length < 1
          || length > page.byteSize() - NodeLayout.CHUNK) {
        throw new CorruptionException("page " + pageId + " is no part of its value any more");
      }
      value.writeBytes(Node.bytes(page, NodeLayout.CHUNK, length));
      pageId = page.get(NodeLayout.LONG, NodeLayout.NEXT_PAGE);
    }
    CRC32C crc = new CRC32C();
    crc.update(value.toByteArray());
    if (value.size() != ref.lengthBytes() || (int) crc.getValue() != ref.crc()) {
      throw new CorruptionException(
          "overflow pages from " + ref.firstPage() + " on hold another value");
    }
    return value.toByteArray();
  }
}
