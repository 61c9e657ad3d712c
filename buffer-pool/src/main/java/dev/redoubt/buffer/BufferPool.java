package dev.redoubt.buffer;

import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.util.List;

/** Skeleton: signatures that the modules above build on. */
public final class BufferPool implements AutoCloseable {
  public BufferPool(PageStore store, Log log, Environment environment, BufferPoolOptions options) {
    throw new AssertionError("skeleton");
  }

  public int pageSize() {
    throw new AssertionError("skeleton");
  }

  public PageStore store() {
    throw new AssertionError("skeleton");
  }

  public PageGuard shared(long pageId) {
    throw new AssertionError("skeleton");
  }

  public PageGuard exclusive(long pageId) {
    throw new AssertionError("skeleton");
  }

  /** Exclusive, for a page about to be formatted: nothing is read from the store. */
  public PageGuard fresh(long pageId) {
    throw new AssertionError("skeleton");
  }

  /** Exclusive; an unreadable page is returned and says so. */
  public PageGuard forRedo(long pageId) {
    throw new AssertionError("skeleton");
  }

  public OptimisticPage optimistic(long pageId) {
    throw new AssertionError("skeleton");
  }

  /** The dirty page table, copied while everyone goes on. */
  public List<DirtyPage> dirtyPages() {
    throw new AssertionError("skeleton");
  }

  /** Smallest recLSN of any dirty page; {@code Long.MAX_VALUE} if none is dirty. */
  public long oldestRecLsn() {
    throw new AssertionError("skeleton");
  }

  /**
   * Writes up to {@code maxPages} dirty pages, oldest recLSN first; returns how many left the
   * table.
   */
  public int cleanSome(int maxPages) {
    throw new AssertionError("skeleton");
  }

  /** Writes until every page that was dirty at the call has been written. */
  public void flushAll() {
    throw new AssertionError("skeleton");
  }

  /** The cleaner keeps the distance from the oldest recLSN to the end of the log below this. */
  public void setRedoTarget(long bytes) {
    throw new AssertionError("skeleton");
  }

  public BufferPoolStats stats() {
    throw new AssertionError("skeleton");
  }

  /** Stops the cleaner and gives the frames up; writes nothing. */
  @Override
  public void close() {
    throw new AssertionError("skeleton");
  }
}
