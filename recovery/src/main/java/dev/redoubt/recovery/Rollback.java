package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.wal.LogWindow;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Undoes one transaction along its back chain: in normal work, for savepoints, and step by step for
 * restart (ARIES §6.3, Undo Pass, and figure 13, ROLLBACK). Thread-safe; each transaction is undone
 * by one thread at a time.
 *
 * <p><b>Differences from the paper.</b> Each update is undone by its resource manager, logically,
 * and the CLR is one atomic append with the change that it describes (rule 15), made by the very
 * recipe of forward changes. An update whose undo meets a page that was given up is compensated by
 * a CLR that changes nothing: what it changed is lost.
 */
final class Rollback {
  private static final System.Logger LOG = LazyLogger.of(Rollback.class);

  private final Engine engine;
  private final UndoSlack slack;
  private final LogWindow single;

  /** What has been said of a transaction with many updates of a page that was given up: once. */
  private final Set<Told> told = ConcurrentHashMap.newKeySet();

  private record Told(long transactionId, long pageId) {}

  Rollback(Engine engine, UndoSlack slack) {
    this.engine = engine;
    this.slack = slack;
    this.single = lsn -> MemorySegment.ofArray(engine.log().read(lsn));
  }

  /** Reads records one by one, by any thread: for undo that shares its log with nobody. */
  LogWindow single() {
    return single;
  }

  /** Whether nothing can be undone any more. */
  boolean isHalted() {
    return engine.log().gate().isHalted();
  }

  /** Undoes every update after {@code savepointLsn}; 0 undoes everything. */
  void undoTo(Transaction transaction, long savepointLsn) {
    while (transaction.undoNextLsn() > savepointLsn) {
      step(transaction, read(transaction, single));
    }
  }

  /** Hands on the updates that undo would visit, newest first; changes nothing. */
  void walk(Transaction transaction, Consumer<LogRecord.Update> consumer) {
    boolean prepared = transaction.state() == Transaction.State.PREPARED;
    if (prepared) {
      transaction.user.await(); // or its chain may be copied forward, and the log go
    }
    try {
      long lsn = transaction.undoNextLsn();
      while (lsn != 0) {
        LogRecord.OfTransaction record = read(transaction, lsn);
        if (record instanceof LogRecord.Update update) {
          consumer.accept(update);
        }
        lsn = undoNextLsn(record);
      }
    } finally {
      if (prepared) {
        transaction.user.leave();
      }
    }
  }

  /** Where undo goes on behind {@code record}. */
  static long undoNextLsn(LogRecord.OfTransaction record) {
    return switch (record) {
      case LogRecord.Clr clr -> clr.undoNextLsn();
      case LogRecord.NestedTopActionEnd end -> end.undoNextLsn();
      case LogRecord.Update _,
          LogRecord.Commit _,
          LogRecord.Abort _,
          LogRecord.End _,
          LogRecord.Prepare _,
          LogRecord.UndoCopy _,
          LogRecord.PrepareMoved _ ->
          record.prevLsn();
    };
  }

  /**
   * The record that undo of {@code transaction} visits next, with log space set aside for its CLR.
   *
   * @param log where it is read from; the record is good until that is read again
   * @throws dev.redoubt.io.DiskFullException if restart lost the space and there is none; nothing
   *     has changed
   */
  LogRecord.OfTransaction read(Transaction transaction, LogWindow log) {
    long lsn = transaction.undoNextLsn();
    LogRecord.OfTransaction record = decode(log.read(lsn), lsn, transaction.id());
    if (record instanceof LogRecord.Update update && transaction.isFromRestart()) {
      transaction.space().reserveUndo(sizeBytes(update));
    }
    return record;
  }

  private static long sizeBytes(LogRecord.Update update) {
    long bytes = 0;
    for (LogRecord.PageChange part : update.changes()) {
      bytes += LogSpace.CLR_OVERHEAD + part.body().byteSize();
    }
    return bytes;
  }

  private LogRecord.OfTransaction read(Transaction transaction, long lsn) {
    return decode(single.read(lsn), lsn, transaction.id());
  }

  /**
   * The record at {@code lsn} of that transaction, as undo sees it: a copy is the update itself.
   */
  static LogRecord.OfTransaction decode(MemorySegment payload, long lsn, long transactionId) {
    LogRecord record = LogRecordCodec.decode(payload, lsn);
    if (record instanceof LogRecord.OfTransaction own && own.transactionId() == transactionId) {
      return own instanceof LogRecord.UndoCopy copy ? copy.update() : own;
    }
    throw new CorruptionException(
        "the chain of transaction "
            + transactionId
            + " leads to LSN "
            + lsn
            + ", expected one of its records, found "
            + record.getClass().getSimpleName());
  }

  /**
   * Undoes or passes the record that {@link #read} returned; undoNextLSN moves back.
   *
   * @return CLRs written: 0 or 1
   */
  int step(Transaction transaction, LogRecord.OfTransaction record) {
    if (record instanceof LogRecord.Update update) {
      undo(transaction, update);
      return 1;
    }
    transaction.chain().set(transaction.state(), undoNextLsn(record));
    return 0;
  }

  private void undo(Transaction transaction, LogRecord.Update update) {
    Undoing context = new Undoing(engine, slack, transaction, update.prevLsn());
    try {
      engine.managers().get(update.managerId()).undo(context, update);
    } catch (CorruptionException failed) {
      PageGivenUpException lost = PageGivenUpException.in(failed);
      if (lost == null || context.done) {
        throw failed;
      }
      if (told.add(new Told(transaction.id(), lost.pageId()))) {
        LOG.log(
            System.Logger.Level.WARNING,
            "transaction "
                + transaction.id()
                + ": what it changed on page "
                + lost.pageId()
                + " is not undone, because the page was given up");
      }
      context.compensate(new AtomicChange());
    }
    // I-6: one CLR for one update, else repeated crashes would undo it again, or skip others.
    Invariant.check(context.done, "I-6", "an update was undone without its CLR");
  }

  private static final class Undoing implements UndoContext {
    private final Engine engine;
    private final UndoSlack slack;
    private final Transaction transaction;
    private final long undoNextLsn;
    private boolean done;

    Undoing(Engine engine, UndoSlack slack, Transaction transaction, long undoNextLsn) {
      this.engine = engine;
      this.slack = slack;
      this.transaction = transaction;
      this.undoNextLsn = undoNextLsn;
    }

    @Override
    public Engine engine() {
      return engine;
    }

    @Override
    public long transactionId() {
      return transaction.id();
    }

    @Override
    public StructureSpace structureSpace() {
      return slack;
    }

    @Override
    public void compensate(AtomicChange change) {
      Invariant.check(!done, "I-6", "an update was compensated twice");
      engine.changes().compensate(transaction, change, undoNextLsn);
      done = true;
    }
  }
}
