package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import jdk.jfr.FlightRecorder;

/**
 * Takes fuzzy checkpoints (ARIES §5.4, Checkpoints). It forces no page, stops no one, and holds no
 * latch longer than to copy one entry (I-8). Thread-safe; one checkpoint at a time.
 *
 * <p><b>Differences from the paper.</b> The tables go into records of their own, in chunks, so
 * their size has no bound. The log is truncated to the bound that stands in the forced master
 * record, and only then (rule 12). Two races are shut elsewhere: a page has its recLSN before its
 * record is appended ({@link ChangeLogger}), and a transaction's entry changes in one step with its
 * append ({@link BackChain}); so whatever was appended before the begin record is in the copies,
 * and whatever comes later is met by the scan.
 */
final class Checkpointer {
  private static final int TRANSACTIONS_PER_CHUNK = 500;
  private static final int PAGES_PER_CHUNK = 1000;

  /** An entry at its longest: five varints and a state, or three varints. */
  private static final int TRANSACTION_BYTES = 51;

  private static final int PAGE_BYTES = 30;

  private final Log log;
  private final Managers managers;
  private final RestartReports reports;
  private final LogReservation space;

  // Held over the checkpoint's own appends and forces; taken before any other latch, never with
  // one.
  private final ReentrantLock checkpointLatch = new ReentrantLock();
  private volatile Last last = new Last(0, 0, 0, 0, 0, 0);
  private final AtomicLong count = new AtomicLong();

  /** What a checkpoint copies, while everyone goes on. */
  interface Tables {
    /** The transaction table, each entry under its own latch. */
    List<TransactionEntry> transactions();

    /** The dirty page table: the pool's, and the pages in quarantine. */
    List<DirtyPage> dirtyPages();

    /** An id above every one given out so far. */
    long nextTransactionId();

    /** What restart takes here, as measured so far. */
    default RestartRates rates() {
      return RestartRates.DEFAULTS;
    }
  }

  /**
   * The last complete checkpoint, or none yet.
   *
   * @param beginLsn of its begin record
   * @param boundLsn restart needs nothing below
   * @param redoLsn smallest recLSN in its tables, or its begin
   * @param meanRecLsn mean recLSN in its tables, or its begin
   * @param dirtyPages pages in its tables
   * @param transactions transactions in its tables
   */
  record Last(
      long beginLsn,
      long boundLsn,
      long redoLsn,
      long meanRecLsn,
      int dirtyPages,
      int transactions) {}

  Checkpointer(Log log, Managers managers, RestartReports reports) {
    this.log = log;
    this.reports = reports;
    this.managers = managers;
    this.space = log.reserve(0);
  }

  Last last() {
    return last;
  }

  long count() {
    return count.get();
  }

  /**
   * Sets aside log space for a checkpoint of tables of this size (rule 4), so that one can be taken
   * when the disk is full.
   */
  void reserve(int pages, int transactionCount) {
    long wanted = bytes(pages, transactionCount);
    checkpointLatch.lock();
    try {
      if (space.remainingBytes() < wanted) {
        space.extend(wanted - space.remainingBytes());
      }
    } finally {
      checkpointLatch.unlock();
    }
  }

  /** Log bytes of a checkpoint of tables of this size, at most. */
  static long bytes(int pages, int transactionCount) {
    return 2048L + (long) pages * PAGE_BYTES + (long) transactionCount * TRANSACTION_BYTES;
  }

  /**
   * Takes one. At return it is complete, forced, and named by the master record.
   *
   * @param tables what to copy
   * @param clean whether this is an orderly close with nothing left to redo or undo
   * @return LSN of its begin record
   */
  long checkpoint(Tables tables, boolean clean) {
    checkpointLatch.lock();
    try {
      return checkpointLatched(tables, clean);
    } finally {
      checkpointLatch.unlock();
    }
  }

  private long checkpointLatched(Tables tables, boolean clean) {
    CheckpointEvent event = FlightRecorder.isInitialized() ? CheckpointEvent.begun() : null;
    long beginLsn = append(new LogRecord.BeginCheckpoint());
    if (event != null) {
      CheckpointBeginEvent.tell(beginLsn);
    }
    List<TransactionEntry> entries = tables.transactions();
    List<DirtyPage> pages = tables.dirtyPages();
    appendTables(beginLsn, entries, pages);
    // Read after the begin record was appended: every id given out before that is below, and the
    // records of later ones stand above it, where analysis sees them.
    long endLsn =
        append(
            new LogRecord.EndCheckpoint(
                beginLsn,
                tables.nextTransactionId(),
                managers.used(),
                tables.rates(),
                reports.afterCrash()));
    log.force(endLsn);
    long boundLsn = bound(beginLsn, entries, pages);
    log.writeMaster(beginLsn, boundLsn, clean);
    last =
        new Last(
            beginLsn,
            boundLsn,
            bound(beginLsn, List.of(), pages),
            beginLsn - meanAge(beginLsn, pages),
            pages.size(),
            entries.size());
    count.incrementAndGet();
    if (event != null) {
      event.beginLsn = beginLsn;
      event.boundLsn = boundLsn;
      event.dirtyPages = pages.size();
      event.transactions = entries.size();
      event.clean = clean;
      event.commit();
    }
    // Rule 12: only to the bound of the master record just forced; the log reads it from there.
    log.truncate();
    return beginLsn;
  }

  /**
   * What restart from this checkpoint needs: from the begin record, redo's and undo's beginning.
   */
  static long bound(long beginLsn, List<TransactionEntry> entries, List<DirtyPage> pages) {
    long boundLsn = beginLsn;
    for (TransactionEntry entry : entries) {
      boundLsn = Math.min(boundLsn, entry.firstLsn());
    }
    for (DirtyPage page : pages) {
      boundLsn = Math.min(boundLsn, page.recLsn());
    }
    return boundLsn;
  }

  private static long meanAge(long beginLsn, List<DirtyPage> pages) {
    double sum = 0;
    for (DirtyPage page : pages) {
      sum += Math.max(0, beginLsn - page.recLsn());
    }
    return pages.isEmpty() ? 0 : (long) (sum / pages.size());
  }

  private void appendTables(long beginLsn, List<TransactionEntry> entries, List<DirtyPage> pages) {
    int room = log.maxRecordBytes() - 64;
    int entriesEach = Math.max(1, Math.min(TRANSACTIONS_PER_CHUNK, room / TRANSACTION_BYTES));
    for (List<TransactionEntry> chunk : chunks(entries, entriesEach)) {
      append(new LogRecord.CheckpointTables(beginLsn, chunk, List.of()));
    }
    int pagesEach = Math.max(1, Math.min(PAGES_PER_CHUNK, room / PAGE_BYTES));
    for (List<DirtyPage> chunk : chunks(pages, pagesEach)) {
      append(new LogRecord.CheckpointTables(beginLsn, List.of(), chunk));
    }
  }

  private static <T> List<List<T>> chunks(List<T> all, int each) {
    List<List<T>> chunks = new ArrayList<>();
    for (int from = 0; from < all.size(); from += each) {
      chunks.add(all.subList(from, Math.min(all.size(), from + each)));
    }
    return chunks;
  }

  private long append(LogRecord record) {
    MemorySegment bytes = LogRecordCodec.encode(record);
    return log.append(bytes, 0, Math.toIntExact(bytes.byteSize()));
  }

  /** Gives the reserved space up. */
  void close() {
    space.close();
  }
}
