package dev.redoubt.buffer.rocksdb;

import dev.redoubt.buffer.PageStore;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongPredicate;

/** A store whose pages were never made, opened for reading only. Immutable. */
record NoPages(int pageSize) implements PageStore {
  @Override
  public long capacityPages() {
    return 0;
  }

  @Override
  public void ensureCapacity(long pages) {
    throw readOnly();
  }

  @Override
  public void read(long pageId, ByteBuffer dst) {
    while (dst.hasRemaining()) {
      dst.put((byte) 0);
    }
  }

  @Override
  public void writeDurably(List<PageImage> images) {
    throw readOnly();
  }

  @Override
  public List<Long> restoreTorn(LongPredicate inAnalysisTable) {
    throw readOnly();
  }

  @Override
  public void close() {}

  static IllegalStateException readOnly() {
    return new IllegalStateException("the pages are open for reading only");
  }
}
