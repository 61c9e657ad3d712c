package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What is fixed when a store is created, kept in the log's identity block: u32 format version, u32
 * page size, little-endian.
 */
record StoreIdentity(int pageSize) {
  private static final int FORMAT_VERSION = 1;
  private static final int BYTES = 8;
  private static final int DEFAULT_PAGE_SIZE = 8192;

  static StoreIdentity of(EngineOptions options) {
    return new StoreIdentity(options.pageSize() == 0 ? DEFAULT_PAGE_SIZE : options.pageSize());
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(FORMAT_VERSION)
        .putInt(pageSize)
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
    return new StoreIdentity(pageSize);
  }

  /** Checks what the caller asked for explicitly. */
  void require(EngineOptions options) {
    if (options.pageSize() != 0 && options.pageSize() != pageSize) {
      throw new OptionsMismatchException("page size", pageSize, options.pageSize());
    }
  }
}
