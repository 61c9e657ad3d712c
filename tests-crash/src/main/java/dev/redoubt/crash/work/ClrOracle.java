package dev.redoubt.crash.work;

import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.LogRecordCodec;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Knows from the log alone what was undone: each CLR of a transaction must be that of its last
 * update which has none yet, over any number of crashes. So no transaction has more CLRs than
 * updates. Transactions whose beginning the log does not hold any more are passed over.
 */
public final class ClrOracle {
  private ClrOracle() {}

  /**
   * Reads the log from its start.
   *
   * @throws AssertionError if a CLR compensates anything else than the last update without one
   */
  public static void check(Log log) {
    Map<Long, Deque<LogRecord.Update>> pending = new HashMap<>();
    try (LogCursor cursor = log.cursor(log.startLsn())) {
      while (cursor.next()) {
        LogRecord record = LogRecordCodec.decode(cursor.payload(), cursor.lsn());
        if (record instanceof LogRecord.OfTransaction own) {
          process(cursor.lsn(), own, pending);
        }
      }
    }
  }

  private static void process(
      long lsn, LogRecord.OfTransaction record, Map<Long, Deque<LogRecord.Update>> pending) {
    if (record.prevLsn() == 0
        && !(record instanceof LogRecord.UndoCopy)
        && !(record instanceof LogRecord.PrepareMoved)) {
      pending.put(record.transactionId(), new ArrayDeque<>());
    }
    Deque<LogRecord.Update> updates = pending.get(record.transactionId());
    if (updates == null) {
      return;
    }
    switch (record) {
      case LogRecord.Update update -> updates.push(update);
      case LogRecord.Clr clr -> {
        LogRecord.Update last = updates.poll();
        if (last == null || last.prevLsn() != clr.undoNextLsn()) {
          throw new AssertionError(
              "the CLR at LSN "
                  + lsn
                  + " of transaction "
                  + record.transactionId()
                  + " says that undo goes on at "
                  + clr.undoNextLsn()
                  + ", expected "
                  + (last == null ? "no CLR at all" : last.prevLsn()));
        }
      }
      case LogRecord.End _ -> pending.remove(record.transactionId());
      case LogRecord.NestedTopActionEnd _,
          LogRecord.Commit _,
          LogRecord.Abort _,
          LogRecord.Prepare _,
          LogRecord.UndoCopy _ -> {}
      // From here on undo goes along the copies, with other LSNs: nothing more is known of it.
      case LogRecord.PrepareMoved _ -> pending.remove(record.transactionId());
    }
  }
}
