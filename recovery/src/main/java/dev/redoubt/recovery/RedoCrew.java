package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.io.Environment;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Applies a round of redo by page partition, on two threads where there are background threads: the
 * pages in order, prefetched, in chunks that whoever is free takes next. A page is in one chunk, so
 * its changes are applied in LSN order by one thread. Used by one thread, which is one of the two.
 */
final class RedoCrew {
  /** Pages taken at a time: neighbours mostly, for which two reads of 32 are made. */
  private static final int CHUNK_PAGES = 64;

  /** Fewer changes are done before a second thread has begun. */
  private static final int FEWEST_RECORDS = 1000;

  private final BufferPool pool;
  private final DirtyPageTable table;
  private final Environment environment;
  private final boolean alone;
  private final PageRedo own;
  private final PageRedo helpers;

  private final ReentrantLock doneLatch = new ReentrantLock();
  private final Condition done = doneLatch.newCondition();
  private boolean helping; // guarded by doneLatch
  private @Nullable Throwable failure; // guarded by doneLatch

  private final AtomicInteger nextChunk = new AtomicInteger();
  private volatile boolean cancelled;
  private int[] entries = new int[0];
  private boolean helped;

  /** Of rounds that are finished: of both threads together, and of redo, side by side. */
  private long waitedOfThreads;

  private long waitedNanos;

  /**
   * @param owed if the store is open meanwhile
   * @param alone to do without a second thread
   */
  RedoCrew(
      BufferPool pool,
      Managers managers,
      DirtyPageTable table,
      Map<Long, Redo.Suspect> suspects,
      @Nullable OwedPages owed,
      Environment environment,
      boolean alone) {
    this.pool = pool;
    this.table = table;
    this.environment = environment;
    this.alone = alone;
    this.own = new PageRedo(pool, managers, suspects, owed, environment);
    this.helpers = new PageRedo(pool, managers, suspects, owed, environment);
  }

  /** The second thread begins with the round; the caller does not touch it until the end. */
  void begin(RedoRound round) {
    entries = round.group(table);
    nextChunk.set(0);
    prefetch(0);
    prefetch(1);
    helped = !alone && round.records() >= FEWEST_RECORDS;
    if (helped) {
      doneLatch.lock();
      try {
        helping = true;
      } finally {
        doneLatch.unlock();
      }
      environment.start("redoubt-redo", () -> help(round));
    }
  }

  private void help(RedoRound round) {
    @Nullable Throwable thrown = null;
    try {
      apply(round, helpers);
    } catch (Throwable e) {
      thrown = e;
      cancelled = true;
    } finally {
      doneLatch.lock();
      try {
        failure = thrown;
        helping = false;
        done.signalAll();
      } finally {
        doneLatch.unlock();
      }
    }
  }

  /**
   * Takes part in the round; at return it is applied.
   *
   * @throws RuntimeException what applying threw, in whichever thread
   */
  void finish(RedoRound round) {
    try {
      apply(round, own);
    } finally {
      cancelled = nextChunk.get() < chunks(); // or else the other one ends by itself
      awaitHelper();
      cancelled = false;
      long all = own.waitedNanos() + helpers.waitedNanos();
      waitedNanos += (all - waitedOfThreads) / (helped ? 2 : 1);
      waitedOfThreads = all;
    }
    rethrow();
  }

  /** The round is given up: at return nobody is at it. */
  void cancel() {
    cancelled = true;
    awaitHelper();
  }

  private void apply(RedoRound round, PageRedo redo) {
    int chunk = nextChunk.getAndIncrement();
    while (chunk < chunks() && !cancelled) {
      prefetch(chunk + 2);
      int end = Math.min(entries.length, (chunk + 1) * CHUNK_PAGES);
      for (int i = chunk * CHUNK_PAGES; i < end; i++) {
        int entry = entries[i];
        redo.redo(round, entry, table.pageId(entry), table.recLsnOf(entry));
      }
      chunk = nextChunk.getAndIncrement();
    }
  }

  private int chunks() {
    return (entries.length + CHUNK_PAGES - 1) / CHUNK_PAGES;
  }

  private void prefetch(int chunk) {
    int from = chunk * CHUNK_PAGES;
    if (from < entries.length && pool.maxPrefetch() > 0) {
      long[] pageIds = new long[Math.min(entries.length - from, CHUNK_PAGES)];
      for (int i = 0; i < pageIds.length; i++) {
        pageIds[i] = table.pageId(entries[from + i]);
      }
      pool.prefetch(pageIds);
    }
  }

  private void awaitHelper() {
    doneLatch.lock();
    try {
      while (helping) {
        done.awaitUninterruptibly();
      }
    } finally {
      doneLatch.unlock();
    }
  }

  private void rethrow() {
    doneLatch.lock();
    try {
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
    } finally {
      doneLatch.unlock();
    }
  }

  /** Changes applied so far; of rounds that are finished. */
  long redone() {
    return own.redone() + helpers.redone();
  }

  /** Pages asked for so far, once in each round. */
  long pagesAsked() {
    return own.pagesAsked() + helpers.pagesAsked();
  }

  /** What waiting for them took of the time of rounds that are finished. */
  long waitedNanos() {
    return waitedNanos;
  }

  /** Changes skipped so far, pageLSN at or past the LSN; of rounds that are finished. */
  long skippedPageLsn() {
    return own.skippedPageLsn() + helpers.skippedPageLsn();
  }
}
