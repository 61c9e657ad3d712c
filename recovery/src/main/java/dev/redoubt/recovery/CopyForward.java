package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps old prepared transactions from holding the log for ever: what undo of one would need is
 * copied to the end of the log, from where it holds much less. Any thread; each transaction by one
 * at a time.
 *
 * <p>The updates still to be undone are appended again as {@link LogRecord.UndoCopy}, the oldest
 * first, each with the LSN of the one before; analysis passes over them. Then one {@link
 * LogRecord.PrepareMoved} switches over: it has the new head of the chain and its first LSN, and
 * the table's entry changes in one step with its append (rule 11). Whatever a crash leaves of it,
 * restart finds either that record or the old chain, which the log holds until a checkpoint has
 * been forced behind the switch (rule 12).
 *
 * <p><b>Differences from the paper.</b> ARIES has an in-doubt transaction keep its log where it is.
 */
final class CopyForward {
  private static final System.Logger LOG = LazyLogger.of(CopyForward.class);

  /** The copies take no more than this part of the log that they free. */
  static final int WORTH = 8;

  private final Log log;
  private final TransactionTable transactions;

  /** Longer than this is too much for one that is prepared. */
  private final long longestHeldBytes;

  CopyForward(Log log, TransactionTable transactions, long longestHeldBytes) {
    this.log = log;
    this.transactions = transactions;
    this.longestHeldBytes = longestHeldBytes;
  }

  /** Copies what has become too old. */
  void run() {
    for (Transaction each : transactions.all()) {
      if (each.state() == Transaction.State.PREPARED && heldBytes(each) >= longestHeldBytes) {
        copy(each);
      }
    }
  }

  private long heldBytes(Transaction transaction) {
    return log.endLsn() - transaction.firstLsn();
  }

  /**
   * Copies one; false if it is not prepared or somebody decides it now, if the copies would take
   * too much of what they free, or if there is no space or its chain is damaged: then nothing has
   * changed.
   */
  boolean copy(Transaction transaction) {
    UserPermit user = transaction.user;
    if (!user.tryEnter()) {
      return false;
    }
    try {
      long most = heldBytes(transaction) / WORTH;
      if (transaction.state() != Transaction.State.PREPARED || user.leastUndoBytes() > most) {
        return false;
      }
      List<Long> updates = new ArrayList<>();
      long bytes = find(transaction, most, updates);
      user.leastUndoBytes(bytes);
      return bytes <= most && copy(transaction, updates, bytes);
    } catch (DiskFullException full) {
      return false; // What was copied so far means nothing without the switch.
    } catch (CorruptionException damaged) {
      user.leastUndoBytes(Long.MAX_VALUE);
      LOG.log(
          System.Logger.Level.WARNING,
          "prepared transaction " + transaction.id() + " goes on holding the log",
          damaged);
      return false;
    } finally {
      user.leave();
    }
  }

  /** LSNs of the updates that undo would visit, and the bytes of their copies, up to too many. */
  private long find(Transaction transaction, long most, List<Long> updates) {
    long bytes = (long) transaction.globalId().length + transaction.payload().length + OVERHEAD;
    long lsn = transaction.undoNextLsn();
    while (lsn != 0 && bytes <= most) {
      byte[] payload = log.read(lsn);
      LogRecord.OfTransaction record =
          Rollback.decode(MemorySegment.ofArray(payload), lsn, transaction.id());
      if (record instanceof LogRecord.Update) {
        updates.add(lsn);
        bytes += payload.length + OVERHEAD;
      }
      lsn = Rollback.undoNextLsn(record);
    }
    return bytes;
  }

  /** Of a record: its frame, and LSNs that may be longer than they were. */
  private static final int OVERHEAD = LogSpace.FRAME_BYTES + 32;

  private boolean copy(Transaction transaction, List<Long> updates, long bytes) {
    long firstLsn = 0;
    long lastLsn = 0;
    try (LogReservation space = log.reserve(bytes)) {
      for (long lsn : updates.reversed()) {
        if (transaction.user.isAwaited()) {
          return false; // it is about to be decided
        }
        LogRecord.Update update =
            (LogRecord.Update)
                Rollback.decode(MemorySegment.ofArray(log.read(lsn)), lsn, transaction.id());
        lastLsn = append(LogRecord.UndoCopy.of(update, lastLsn), space);
        firstLsn = firstLsn == 0 ? lastLsn : firstLsn;
      }
      transaction
          .chain()
          .move(
              new LogRecord.PrepareMoved(
                  transaction.id(),
                  lastLsn,
                  firstLsn,
                  MemorySegment.ofArray(transaction.globalId()),
                  MemorySegment.ofArray(transaction.payload())));
    }
    return true;
  }

  private long append(LogRecord record, LogReservation space) {
    MemorySegment bytes = LogRecordCodec.encode(record);
    int length = Math.toIntExact(bytes.byteSize());
    long lsn = log.append(bytes, 0, length);
    space.release(length + (long) LogSpace.FRAME_BYTES);
    return lsn;
  }
}
