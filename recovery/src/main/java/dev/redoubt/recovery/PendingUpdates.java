package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.LogCursor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The updates of transactions that are still to be undone, found in one forward reading of the log
 * without an object for each: what undo would visit, record by record along its chain, and much
 * faster than that. Immutable once made.
 *
 * <p>Each transaction has a stack: an update is pushed, a CLR or the end of a nested top action
 * takes off everything behind its undoNextLSN (ARIES §4.1: "undoNextLSN ... the next record to be
 * undone").
 */
public final class PendingUpdates {
  /** Gives what an update changed a number, the same for the same thing. */
  @FunctionalInterface
  public interface Tagger {
    /**
     * Looks at an update.
     *
     * @param managerId manager of the update
     * @param body of its first change by that manager; valid during the call
     * @return 0 if the update is of no interest
     */
    long tag(long transactionId, int managerId, MemorySegment body);
  }

  private final long transactionId;
  private long[] lsns = new long[16];
  private long[] tags = new long[16];
  private int size;
  private long count;

  private PendingUpdates(long transactionId) {
    this.transactionId = transactionId;
  }

  /**
   * Reads the log from the first record of the oldest of {@code transactions} up to the last that
   * is still to be undone.
   *
   * @param transactions not in use meanwhile; their log is held by their being unfinished
   * @return for each of them, in their order
   * @throws CorruptionException if that log is damaged
   */
  public static List<PendingUpdates> read(
      Engine engine, List<Transaction> transactions, Tagger tagger) {
    Scan scan = new Scan(transactions, tagger);
    if (scan.toLsn != 0) {
      try (LogCursor cursor = engine.log().cursor(scan.fromLsn)) {
        while (cursor.next() && cursor.lsn() <= scan.toLsn) {
          scan.process(cursor.lsn(), cursor.payload());
        }
      }
    }
    return scan.finish(transactions);
  }

  /** Whose they are. */
  public long transactionId() {
    return transactionId;
  }

  /** How many of them have a tag. */
  public int size() {
    return size;
  }

  /** How many there are in all. */
  public long count() {
    return count;
  }

  /** LSN of a tagged one; ascending. */
  public long lsn(int index) {
    return lsns[index];
  }

  /** Its tag. */
  public long tag(int index) {
    return tags[index];
  }

  private void push(long lsn, long tag) {
    if (size == lsns.length) {
      lsns = Arrays.copyOf(lsns, 2 * size);
      tags = Arrays.copyOf(tags, 2 * size);
    }
    lsns[size] = lsn;
    tags[size] = tag;
    size++;
  }

  private void popBehind(long undoNextLsn) {
    while (size > 0 && lsns[size - 1] > undoNextLsn) {
      size--;
    }
  }

  /** Those without a tag have been on the stack, too, so that the count is right. */
  private void dropUntagged() {
    count = size;
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (tags[i] != 0) {
        lsns[kept] = lsns[i];
        tags[kept] = tags[i];
        kept++;
      }
    }
    size = kept;
  }

  /** One reading of the log. */
  private static final class Scan {
    private final Tagger tagger;
    private final long[] ids; // sorted
    private final PendingUpdates[] stacks; // by the index of the id
    private final long[] firstLsns; // by the same; what is below has been copied forward
    private final LogRecordView view = new LogRecordView();
    private long fromLsn = Long.MAX_VALUE;
    private long toLsn;

    Scan(List<Transaction> transactions, Tagger tagger) {
      this.tagger = tagger;
      this.ids = transactions.stream().mapToLong(Transaction::id).sorted().toArray();
      this.stacks = new PendingUpdates[ids.length];
      this.firstLsns = new long[ids.length];
      for (int i = 0; i < ids.length; i++) {
        stacks[i] = new PendingUpdates(ids[i]);
      }
      for (Transaction each : transactions) {
        firstLsns[Arrays.binarySearch(ids, each.id())] = each.firstLsn();
        if (each.undoNextLsn() != 0) {
          fromLsn = Math.min(fromLsn, each.firstLsn());
          toLsn = Math.max(toLsn, each.undoNextLsn());
        }
      }
    }

    void process(long lsn, MemorySegment record) {
      if (!view.isOfTransaction(record)) {
        return;
      }
      int index = Arrays.binarySearch(ids, view.transactionId(lsn));
      if (index < 0 || lsn < firstLsns[index]) {
        return;
      }
      PendingUpdates stack = stacks[index];
      switch (view.type()) {
        // Copies that nothing leads to are behind undoNextLSN, and are taken off in the end.
        case LogRecordCodec.UPDATE, LogRecordCodec.UNDO_COPY ->
            stack.push(lsn, tag(stack.transactionId, lsn));
        case LogRecordCodec.CLR, LogRecordCodec.NESTED_TOP_ACTION_END ->
            stack.popBehind(view.undoNextLsn(lsn));
        default -> {}
      }
    }

    private long tag(long transactionId, long lsn) {
      int managerId = view.managerId(lsn);
      MemorySegment body = view.bodyOf(managerId, lsn);
      return body == null ? 0 : tagger.tag(transactionId, managerId, body);
    }

    List<PendingUpdates> finish(List<Transaction> transactions) {
      List<PendingUpdates> found = new ArrayList<>(transactions.size());
      for (Transaction each : transactions) {
        PendingUpdates stack = stacks[Arrays.binarySearch(ids, each.id())];
        stack.popBehind(each.undoNextLsn()); // what has been undone since the last record read
        stack.dropUntagged();
        found.add(stack);
      }
      return found;
    }
  }
}
