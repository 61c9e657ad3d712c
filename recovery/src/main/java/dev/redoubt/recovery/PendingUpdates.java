package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The updates of transactions that are still to be undone, and what each changed: those that undo
 * would visit, without visiting them. Read from the indexes that long transactions leave in the log
 * ({@link LogRecord.UndoIndex}), and record by record where those say nothing: at the end of the
 * back chain, and at its beginning. Immutable once made.
 */
public final class PendingUpdates {
  /** Gives what an update changed a number, the same for the same thing. */
  @FunctionalInterface
  public interface Tagger {
    /**
     * Looks at an update whose record is read: all of a short transaction; the first and the last
     * ones of a long one. Tells of it what {@link ResourceManager#undoTag} does.
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
   * Finds the updates from the newest to the oldest.
   *
   * @param transactions not in use meanwhile; their log is held by their being unfinished
   * @return for each of them, in their order
   * @throws CorruptionException if that log is damaged
   */
  public static List<PendingUpdates> read(
      Engine engine, List<Transaction> transactions, Tagger tagger) {
    List<PendingUpdates> found = new ArrayList<>(transactions.size());
    for (Transaction each : transactions) {
      PendingUpdates updates = new PendingUpdates(each.id());
      new Walk(engine, each, updates, tagger).run();
      updates.turn();
      found.add(updates);
    }
    return found;
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

  private void add(long lsn, long tag) {
    count++;
    if (tag == 0) {
      return;
    }
    if (size == lsns.length) {
      lsns = Arrays.copyOf(lsns, 2 * size);
      tags = Arrays.copyOf(tags, 2 * size);
    }
    lsns[size] = lsn;
    tags[size] = tag;
    size++;
  }

  /** They came newest first. */
  private void turn() {
    for (int i = 0, j = size - 1; i < j; i++, j--) {
      long lsn = lsns[i];
      lsns[i] = lsns[j];
      lsns[j] = lsn;
      long tag = tags[i];
      tags[i] = tags[j];
      tags[j] = tag;
    }
  }

  /** The way of undo through one transaction, in leaps where there is an index. */
  private static final class Walk {
    private final Engine engine;
    private final Transaction transaction;
    private final PendingUpdates found;
    private final Tagger tagger;
    private long indexLsn;
    private UndoIndex.Entries entries; // of the record at indexLsn, unless that is 0

    Walk(Engine engine, Transaction transaction, PendingUpdates found, Tagger tagger) {
      this.engine = engine;
      this.transaction = transaction;
      this.found = found;
      this.tagger = tagger;
      this.entries = NO_ENTRIES;
      moveTo(transaction.chain().entry().indexLsn());
    }

    void run() {
      long lsn = transaction.undoNextLsn();
      while (lsn != 0) {
        while (indexLsn != 0 && entries.upTo(lsn) == 0) {
          moveTo(entries.record.prevIndexLsn()); // all of that has been undone
        }
        lsn = indexLsn != 0 && lsn <= entries.last() ? leap(lsn) : step(lsn);
      }
    }

    /** Takes over what the index has at or below {@code lsn}; what undo visits behind it. */
    private long leap(long lsn) {
      for (int i = entries.upTo(lsn) - 1; i >= 0; i--) {
        found.add(entries.lsns[i], entries.tags[i]);
      }
      long belowLsn = entries.record.belowLsn();
      moveTo(entries.record.prevIndexLsn());
      return belowLsn;
    }

    private long step(long lsn) {
      LogRecord.OfTransaction record =
          Rollback.decode(engine.log().read(lsn), lsn, transaction.id());
      if (record instanceof LogRecord.Update update) {
        found.add(lsn, tag(update));
      }
      return Rollback.undoNextLsn(record);
    }

    private long tag(LogRecord.Update update) {
      for (LogRecord.PageChange change : update.changes()) {
        if (change.managerId() == update.managerId()) {
          return tagger.tag(transaction.id(), update.managerId(), change.body());
        }
      }
      return 0;
    }

    private void moveTo(long newIndexLsn) {
      indexLsn = newIndexLsn;
      if (newIndexLsn == 0) {
        entries = NO_ENTRIES;
        return;
      }
      PayloadReader in =
          new PayloadReader(MemorySegment.ofArray(engine.log().read(newIndexLsn)), newIndexLsn);
      int type = in.getByte("the type");
      if (type == LogRecordCodec.UNDO_INDEX) {
        entries = LogRecordCodec.decodeIndex(in);
      }
      if (type != LogRecordCodec.UNDO_INDEX || entries.record.transactionId() != transaction.id()) {
        throw new CorruptionException(
            "transaction "
                + transaction.id()
                + " expected an index of its updates at LSN "
                + newIndexLsn
                + ", found a record of type "
                + type
                + ", or another transaction's");
      }
    }
  }

  private static final UndoIndex.Entries NO_ENTRIES =
      new UndoIndex.Entries(new LogRecord.UndoIndex(0, 0, 0, 0, MemorySegment.NULL), 0);
}
