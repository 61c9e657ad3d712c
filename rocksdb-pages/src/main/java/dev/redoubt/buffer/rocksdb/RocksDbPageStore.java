package dev.redoubt.buffer.rocksdb;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.HaltGate;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Pages as values in RocksDB, keyed by page id, big-endian. Thread-safe: reads go on beside
 * anything but {@link #close}; writes and growth take turns.
 *
 * <h2>The durability barrier (rule 10)</h2>
 *
 * <ol>
 *   <li>The log is forced past the pages' pageLSNs: the caller has done so (I-1).
 *   <li>All pages of the batch go into the memtable at once, without RocksDB's own log.
 *   <li>The memtable is flushed, and the flush is waited for: RocksDB forces the table file, and
 *       the manifest that names it.
 *   <li>Only now does the call return, and the caller lets the pages leave the dirty page table.
 *       <em>Did they leave it after step 2, a checkpoint could forget them, the log be cut, and the
 *       process be killed: the memtable is gone, and with it the only copy.</em>
 * </ol>
 *
 * <p>A batch is in one table file or in none, and a page is read whole or not at all, so nothing is
 * ever torn and there is nothing to restore. Space is not set aside: a full disk is met in step 3,
 * and halts the engine.
 */
final class RocksDbPageStore implements PageStore {
  /** Page 0 is not used: its key holds the number of pages that there is room for. */
  private static final byte[] CAPACITY_KEY = key(0);

  /** Growth by an eighth, within these bounds, so that it is seldom. */
  private static final long MIN_GROWTH_PAGES = 32;

  private static final long MAX_GROWTH_PAGES = 4096;

  private final int pageSize;
  private final Path folder;
  private final RocksHandles rocks;
  private final boolean readOnly;
  private final HaltGate gate = new HaltGate();
  private final ReentrantLock writing = new ReentrantLock();

  /** Who uses the native database holds the first; closing waits for the second. */
  private final ReadWriteLock life = new ReentrantReadWriteLock();

  private volatile boolean closed;
  private volatile long capacityPages;

  private RocksDbPageStore(int pageSize, Path folder, RocksHandles rocks, boolean readOnly) {
    this.pageSize = pageSize;
    this.folder = folder;
    this.rocks = rocks;
    this.readOnly = readOnly;
    byte[] capacity = call("reading the capacity", db -> db.get(CAPACITY_KEY));
    this.capacityPages = capacity == null ? 0 : ByteBuffer.wrap(capacity).getLong();
  }

  static PageStore open(RocksDbPages kind, PageStoreKind.Place place, Path folder) {
    return open(kind, place, folder, false);
  }

  static PageStore openReadOnly(RocksDbPages kind, PageStoreKind.Place place, Path folder) {
    return open(kind, place, folder, true);
  }

  private static PageStore open(
      RocksDbPages kind, PageStoreKind.Place place, Path folder, boolean readOnly) {
    RocksHandles rocks;
    try {
      rocks = RocksHandles.open(kind, place, folder, readOnly);
    } catch (RocksDBException e) {
      throw RocksErrors.of("opening", folder, e);
    }
    boolean opened = false;
    try {
      PageStore store = new RocksDbPageStore(place.pageSize(), folder, rocks, readOnly);
      opened = true;
      return store;
    } finally {
      if (!opened) {
        rocks.close();
      }
    }
  }

  private interface Call<R extends @Nullable Object> {
    R on(RocksDB db) throws RocksDBException;
  }

  /** Runs {@code body} on the open database: freed native memory would crash the whole JVM. */
  private <R extends @Nullable Object> R call(String what, Call<R> body) {
    Lock using = life.readLock();
    using.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the page store is closed");
      }
      return body.on(rocks.db());
    } catch (RocksDBException e) {
      throw RocksErrors.of(what, folder, e);
    } finally {
      using.unlock();
    }
  }

  private static byte[] key(long pageId) {
    return ByteBuffer.allocate(Long.BYTES).putLong(pageId).array();
  }

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public long capacityPages() {
    return capacityPages;
  }

  @Override
  public String location(long pageId) {
    return "RocksDB in " + RocksDbPages.FOLDER + ", key " + pageId;
  }

  @Override
  public void read(long pageId, ByteBuffer dst) {
    checkPageId(pageId);
    if (dst.remaining() != pageSize) {
      throw new IllegalArgumentException(
          "a page of " + pageSize + " bytes, not of " + dst.remaining());
    }
    byte[] page = call("reading page " + pageId, db -> db.get(rocks.reading(), key(pageId)));
    if (page == null) {
      dst.put(new byte[pageSize]);
    } else {
      // A value of another length is not a page; the checksum says so.
      dst.put(page, 0, Math.min(page.length, pageSize)).position(dst.limit());
    }
  }

  @Override
  public void writeDurably(List<PageImage> images) {
    try (WriteBatch batch = new WriteBatch()) {
      for (PageImage image : images) {
        checkPageId(image.pageId());
        if (image.bytes().remaining() != pageSize) {
          throw new IllegalArgumentException(
              "a page of " + pageSize + " bytes, not of " + image.bytes().remaining());
        }
        byte[] page = new byte[pageSize];
        image.bytes().duplicate().get(page);
        batch.put(key(image.pageId()), page);
      }
      writeAndFlush(batch);
    } catch (RocksDBException e) {
      throw gate.halt(RocksErrors.of("collecting pages", folder, e));
    }
  }

  @Override
  public void ensureCapacity(long pages) {
    if (pages <= capacityPages) {
      return;
    }
    writing.lock();
    try (WriteBatch batch = new WriteBatch()) {
      long growth = Math.clamp(capacityPages / 8, MIN_GROWTH_PAGES, MAX_GROWTH_PAGES);
      long grown = Math.max(pages, capacityPages + growth);
      batch.put(CAPACITY_KEY, key(grown));
      writeAndFlush(batch);
      capacityPages = Math.max(capacityPages, grown);
    } catch (RocksDBException e) {
      throw gate.halt(RocksErrors.of("growing", folder, e));
    } finally {
      writing.unlock();
    }
  }

  private void writeAndFlush(WriteBatch batch) {
    if (readOnly) {
      throw NoPages.readOnly();
    }
    writing.lock();
    try {
      gate.check();
      call(
          "writing pages",
          db -> {
            db.write(rocks.withoutLog(), batch);
            db.flush(rocks.waiting());
            return true;
          });
    } catch (IllegalStateException closedMeanwhile) {
      throw closedMeanwhile;
    } catch (Throwable e) {
      throw gate.halt(e);
    } finally {
      writing.unlock();
    }
  }

  /** {@inheritDoc} Nothing is ever torn: a batch whose flush was cut off is not there. */
  @Override
  public List<Long> restoreTorn(LongPredicate inAnalysisTable) {
    if (readOnly) {
      throw NoPages.readOnly();
    }
    gate.check();
    return List.of();
  }

  private static void checkPageId(long pageId) {
    if (pageId < 1) {
      throw new IllegalArgumentException("page ids start at 1: " + pageId);
    }
  }

  /** {@inheritDoc} Waits for reads under way; later calls throw {@link IllegalStateException}. */
  @Override
  public void close() {
    Lock ending = life.writeLock();
    ending.lock();
    try {
      if (!closed) {
        closed = true;
        rocks.close();
      }
    } finally {
      ending.unlock();
    }
  }
}
