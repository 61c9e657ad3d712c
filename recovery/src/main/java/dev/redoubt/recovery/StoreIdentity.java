package dev.redoubt.recovery;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * What is fixed when a store is created, kept in the log's identity block: u32 format version, u32
 * page size, u32 kind of page store, little-endian.
 */
record StoreIdentity(int pageSize, int pagesId) {
  private static final int FORMAT_VERSION = 3;
  private static final int BYTES = 12;
  private static final int DEFAULT_PAGE_SIZE = 8192;

  static StoreIdentity of(EngineOptions options) {
    int pageSize = options.pageSize() == 0 ? DEFAULT_PAGE_SIZE : options.pageSize();
    return new StoreIdentity(pageSize, options.pages().id());
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(FORMAT_VERSION)
        .putInt(pageSize)
        .putInt(pagesId)
        .array();
  }

  static StoreIdentity decode(byte[] attributes) {
    if (attributes.length < BYTES) {
      throw new CorruptionException(
          "the identity of the store expected "
              + BYTES
              + " bytes of attributes, found "
              + attributes.length
              + "; this is a log of another program");
    }
    ByteBuffer in = ByteBuffer.wrap(attributes).order(ByteOrder.LITTLE_ENDIAN);
    int version = in.getInt();
    if (version != FORMAT_VERSION) {
      throw new UnsupportedFormatException(
          "the store has format version "
              + Integer.toUnsignedString(version)
              + ", this program reads version "
              + FORMAT_VERSION
              + "; use a newer program");
    }
    int pageSize = in.getInt();
    if (pageSize < 4096 || pageSize > 65536 || Integer.bitCount(pageSize) != 1) {
      throw new CorruptionException(
          "the identity of the store names a page size of " + pageSize + " bytes");
    }
    return new StoreIdentity(pageSize, in.getInt());
  }

  /** Where the pages are, to be read only. */
  PageStoreKind.Place place(Disk disk, UUID storeId) {
    return new PageStoreKind.Place(disk, storeId, pageSize, false, Disk.Caching.BUFFERED);
  }

  /** Checks what the caller asked for explicitly. */
  void require(EngineOptions options) {
    if (options.pageSize() != 0 && options.pageSize() != pageSize) {
      throw new OptionsMismatchException("page size", pageSize, options.pageSize());
    }
    require(options.pages());
  }

  /** Checks that the pages are of the kind that the caller can read. */
  void require(PageStoreKind pages) {
    if (pages.id() != pagesId) {
      throw new OptionsMismatchException(pagesId, pages);
    }
  }
}
