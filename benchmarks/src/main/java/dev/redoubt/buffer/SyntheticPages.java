package dev.redoubt.buffer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Pages that need no disk: each is made when it is read, formatted and sealed, so that what is
 * measured is the pool. Writes are dropped. Thread-safe.
 */
final class SyntheticPages implements PageStore {
  private final int pageSize;
  private final long pages;
  private final PageVerifier verifier;

  SyntheticPages(int pageSize, long pages) {
    this.pageSize = pageSize;
    this.pages = pages;
    this.verifier = new PageVerifier(NoLog.STORE, pageSize);
  }

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public long capacityPages() {
    return pages;
  }

  @Override
  public void ensureCapacity(long wanted) {
    if (wanted > pages) {
      throw new IllegalArgumentException("beyond the " + pages + " pages there are: " + wanted);
    }
  }

  @Override
  public void read(long pageId, ByteBuffer dst) {
    var page = java.lang.foreign.MemorySegment.ofBuffer(dst);
    PageLayout.format(page, pageId, 1, 1);
    verifier.seal(page, pageId);
    dst.position(dst.limit());
  }

  @Override
  public void writeDurably(List<PageImage> images) {}

  @Override
  public List<Long> restoreTorn(LongPredicate inAnalysisTable) {
    return List.of();
  }

  @Override
  public void close() {}
}
