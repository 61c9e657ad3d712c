package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;
import dev.redoubt.wal.LogSalvage;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The transactions in what is readable of a log with holes: who did not end, what they had changed,
 * and whether it can be known that they did not commit. One use, by one thread.
 */
final class ReadableHistory {
  private final TreeMap<Long, TransactionEntry> open = new TreeMap<>();

  /** Records of those that are open in the end, by LSN. */
  private final Map<Long, LogRecord.OfTransaction> records = new HashMap<>();

  private long undecodable;
  private long lastHoleLsn;

  /** The record; null if it makes no sense, which is counted. The payload need not stay. */
  @Nullable LogRecord decode(long lsn, ByteBuffer payload) {
    byte[] copy = new byte[payload.remaining()];
    payload.duplicate().get(copy);
    try {
      return LogRecordCodec.decode(MemorySegment.ofArray(copy), lsn);
    } catch (StorageException e) {
      undecodable++;
      return null;
    }
  }

  /** A record, in the order of LSNs. */
  void take(long lsn, LogRecord record) {
    if (!(record instanceof LogRecord.OfTransaction own) || own instanceof LogRecord.UndoCopy) {
      return; // copies count only once a PrepareMoved leads to them
    }
    long id = own.transactionId();
    TransactionEntry known = open.get(id);
    long undoNext = known == null ? own.prevLsn() : known.undoNextLsn();
    Transaction.State state = known == null ? Transaction.State.ACTIVE : known.state();
    long first = known == null ? lsn : known.firstLsn();
    switch (own) {
      case LogRecord.Update _ -> undoNext = lsn;
      case LogRecord.Clr clr -> undoNext = clr.undoNextLsn();
      case LogRecord.NestedTopActionEnd end -> undoNext = end.undoNextLsn();
      case LogRecord.Prepare _ -> state = Transaction.State.PREPARED;
      case LogRecord.PrepareMoved moved -> {
        undoNext = moved.prevLsn();
        state = Transaction.State.PREPARED;
      }
      case LogRecord.UndoCopy _ -> {}
      case LogRecord.Abort _ -> state = Transaction.State.ABORTING;
      case LogRecord.Commit _, LogRecord.End _ -> state = Transaction.State.ENDED;
    }
    if (state == Transaction.State.ENDED) {
      open.remove(id);
    } else {
      open.put(id, new TransactionEntry(id, state, first, lsn, undoNext));
    }
  }

  /** The same records once more: now it is known whose are needed. */
  void takeAgain(long lsn, LogRecord record) {
    if (record instanceof LogRecord.OfTransaction own && open.containsKey(own.transactionId())) {
      records.put(lsn, own);
    }
  }

  void hole(LogSalvage.Hole hole) {
    lastHoleLsn = Math.max(lastHoleLsn, hole.toLsn());
  }

  List<String> notes() {
    return undecodable == 0
        ? List.of()
        : List.of(undecodable / 2 + " records of the log make no sense and were passed over");
  }

  List<SalvageSource.Unfinished> unfinished() {
    List<SalvageSource.Unfinished> found = new ArrayList<>();
    for (TransactionEntry entry : open.values()) {
      found.add(unfinished(entry));
    }
    return found;
  }

  private SalvageSource.Unfinished unfinished(TransactionEntry entry) {
    List<LogRecord.Update> updates = new ArrayList<>();
    String problem = "";
    long lsn = entry.undoNextLsn();
    while (lsn != 0 && problem.isEmpty()) {
      LogRecord.OfTransaction record = records.get(lsn);
      if (record == null) {
        problem = "its record at LSN " + lsn + " cannot be read";
      } else {
        if (record instanceof LogRecord.Update update) {
          updates.add(update);
        } else if (record instanceof LogRecord.UndoCopy copy) {
          updates.add(copy.update());
        }
        lsn = Rollback.undoNextLsn(record);
      }
    }
    return new SalvageSource.Unfinished(entry.transactionId(), fate(entry), updates, problem);
  }

  private SalvageSource.Fate fate(TransactionEntry entry) {
    if (entry.state() != Transaction.State.ABORTING && entry.lastLsn() < lastHoleLsn) {
      return SalvageSource.Fate.UNDECIDED;
    }
    return entry.state() == Transaction.State.PREPARED
        ? SalvageSource.Fate.IN_DOUBT
        : SalvageSource.Fate.LOSER;
  }
}
