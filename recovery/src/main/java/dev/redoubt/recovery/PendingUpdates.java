package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.LogWindow;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

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
    PriorityQueue<Walk> walks = new PriorityQueue<>();
    LogWindow log = engine.log().window();
    RecordView view = new RecordView();
    for (Transaction each : transactions) {
      PendingUpdates updates = new PendingUpdates(each.id());
      found.add(updates);
      walks.add(new Walk(log, view, each, updates, tagger));
    }
    // One sweep backward over the log of all of them: what lies together is transferred once.
    while (!walks.isEmpty()) {
      Walk last = walks.remove();
      while (!last.isOver() && (walks.isEmpty() || last.compareTo(walks.element()) <= 0)) {
        last.step();
      }
      if (!last.isOver()) {
        walks.add(last);
      }
    }
    found.forEach(PendingUpdates::turn);
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
  private static final class Walk implements Comparable<Walk> {
    private final LogWindow log;
    private final RecordView view;
    private final PendingUpdates found;
    private final Tagger tagger;
    private long lsn;
    private long indexLsn;
    private UndoIndex.@Nullable Entries entries; // of the record at indexLsn, once it is read

    Walk(
        LogWindow log,
        RecordView view,
        Transaction transaction,
        PendingUpdates found,
        Tagger tagger) {
      this.log = log;
      this.view = view;
      this.found = found;
      this.tagger = tagger;
      this.lsn = transaction.undoNextLsn();
      this.indexLsn = transaction.chain().entry().indexLsn();
    }

    boolean isOver() {
      return lsn == 0;
    }

    /** The record that is read next, if any is. */
    long wantedLsn() {
      return indexLsn != 0 && entries == null ? indexLsn : lsn;
    }

    @Override
    public int compareTo(Walk other) {
      return Long.compare(other.wantedLsn(), wantedLsn());
    }

    /** Reads one record at most. */
    void step() {
      UndoIndex.Entries index = entries;
      if (indexLsn != 0 && index == null) {
        entries = readIndex();
      } else if (index == null || lsn > index.last()) {
        readRecord();
      } else {
        leap(index);
      }
    }

    /** Takes over what the index has at or below the LSN; goes on behind it. */
    private void leap(UndoIndex.Entries index) {
      int pending = index.upTo(lsn);
      for (int i = pending - 1; i >= 0; i--) {
        found.add(index.lsns[i], index.tags[i]);
      }
      if (pending > 0) { // else all of that has been undone
        lsn = index.record.belowLsn();
      }
      indexLsn = index.record.prevIndexLsn();
      entries = null;
    }

    private void readRecord() {
      MemorySegment payload = log.read(lsn);
      view.read(payload, lsn);
      if (view.transactionId() != found.transactionId || view.type() == LogRecordCodec.UNDO_COPY) {
        readDecoded(payload);
        return;
      }
      if (view.type() == LogRecordCodec.UPDATE) {
        found.add(lsn, tagOf(payload));
      }
      boolean leads =
          view.type() == LogRecordCodec.CLR || view.type() == LogRecordCodec.NESTED_TOP_ACTION_END;
      lsn = leads ? view.undoNextLsn() : view.prevLsn();
    }

    /** What is rare: a copy of an update; a record that does not belong here. */
    private void readDecoded(MemorySegment payload) {
      LogRecord.OfTransaction record = Rollback.decode(payload, lsn, found.transactionId);
      if (record instanceof LogRecord.Update update) {
        long tag = 0;
        for (LogRecord.PageChange change : update.changes()) {
          if (tag == 0 && change.managerId() == update.managerId()) {
            tag = tagger.tag(found.transactionId, update.managerId(), change.body());
          }
        }
        found.add(lsn, tag);
      }
      lsn = Rollback.undoNextLsn(record);
    }

    private long tagOf(MemorySegment payload) {
      for (int part = 0; part < view.parts(); part++) {
        if (view.managerAndFormat(part) >>> 1 == view.managerId()) {
          MemorySegment body = payload.asSlice(view.bodyStart(part), view.bodyLength(part));
          return tagger.tag(found.transactionId, view.managerId(), body);
        }
      }
      return 0;
    }

    private UndoIndex.Entries readIndex() {
      PayloadReader in = new PayloadReader(log.read(indexLsn), indexLsn);
      int type = in.getByte("the type");
      if (type == LogRecordCodec.UNDO_INDEX) {
        UndoIndex.Entries read = LogRecordCodec.decodeIndex(in);
        if (read.record.transactionId() == found.transactionId) {
          return read;
        }
      }
      throw new CorruptionException(
          "transaction "
              + found.transactionId
              + " expected an index of its updates at LSN "
              + indexLsn
              + ", found a record of type "
              + type
              + ", or another transaction's");
    }
  }
}
