package dev.redoubt.buffer;

import dev.redoubt.buffer.BufferPoolOptions.Replacement;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.lang.foreign.MemorySegment;

/** A pool on a disk in memory, and the recipe for changing a page as the engine follows it. */
final class Fixture implements AutoCloseable {
  static final int PAGE = 4096;

  /** Offset of the number that tests keep in a page; its negation stands 8 further. */
  static final int VALUE = PageLayout.HEADER_BYTES;

  final FakeLog log;
  final PageStore store;
  final BufferPool pool;

  Fixture(Disk disk, FakeLog log, BufferPoolOptions options) {
    this(FilePageStore.open(disk, FakeLog.STORE, PAGE, true), log, options);
  }

  /** The store is closed with the fixture. */
  Fixture(PageStore store, FakeLog log, BufferPoolOptions options) {
    this.log = log;
    this.store = store;
    store.restoreTorn(id -> false);
    this.pool = new BufferPool(store, log, Environment.system(), options);
  }

  static Fixture of(int frames) {
    return new Fixture(new MemoryDisk(), new FakeLog(), new BufferPoolOptions(frames, false));
  }

  static Fixture of(int frames, boolean background, Replacement replacement) {
    return new Fixture(
        new MemoryDisk(), new FakeLog(), new BufferPoolOptions(frames, background, replacement));
  }

  /** Formats a page with a value in it. */
  void create(long pageId, long value) {
    store.ensureCapacity(pageId);
    try (PageGuard guard = pool.fresh(pageId)) {
      guard.prepareChange();
      long lsn = log.append();
      PageLayout.format(guard.page(), pageId, 1, 7);
      put(guard.page(), value);
      guard.changed(lsn);
    }
  }

  void write(long pageId, long value) {
    try (PageGuard guard = pool.exclusive(pageId)) {
      write(guard, value);
    }
  }

  long write(PageGuard guard, long value) {
    guard.prepareChange();
    long lsn = log.append();
    put(guard.page(), value);
    guard.changed(lsn);
    return lsn;
  }

  long read(long pageId) {
    try (PageGuard guard = pool.shared(pageId)) {
      return get(guard.page());
    }
  }

  static void put(MemorySegment page, long value) {
    page.set(PageLayout.LONG, VALUE, value);
    page.set(PageLayout.LONG, VALUE + 8, ~value);
  }

  /** The value; fails if its two halves do not belong together. */
  static long get(MemorySegment page) {
    long value = page.get(PageLayout.LONG, VALUE);
    if (page.get(PageLayout.LONG, VALUE + 8) != ~value) {
      throw new AssertionError("a page half old and half new");
    }
    return value;
  }

  @Override
  public void close() {
    pool.close();
    store.close();
  }
}
