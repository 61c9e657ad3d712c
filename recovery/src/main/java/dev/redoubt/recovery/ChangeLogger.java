package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.HaltGate;
import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;

/**
 * The one way in which pages change: forward, in rollback and for structure (DESIGN 3, the recipe).
 *
 * <ol>
 *   <li>all pages are latched exclusively, those of space map and root directory last;
 *   <li>everything that can fail: size, log space;
 *   <li>each clean page gets its recLSN, the log's current end, <em>before</em> the append: else a
 *       checkpoint between append and recLSN would copy a table that lacks the page;
 *   <li>the record is built against the pages' pageLSNs and appended, in one step with the
 *       transaction's table entry (rule 11);
 *   <li>it is applied by {@link ResourceManager#redo}, the code that restart runs;
 *   <li>pageLSN is set; the latches go.
 * </ol>
 *
 * <p>A Throwable from step 4 on halts the engine before anything is released (rule 6): log and
 * pages no longer agree. Thread-safe.
 */
final class ChangeLogger {
  private final Log log;
  private final BufferPool pool;
  private final HaltGate gate;
  private final Managers managers;
  private final SpaceMap space;

  ChangeLogger(Log log, BufferPool pool, Managers managers, SpaceMap space) {
    this.log = log;
    this.pool = pool;
    this.gate = log.gate();
    this.managers = managers;
    this.space = space;
  }

  /** How a record gets into the log. */
  interface Way {
    /** The last thing before the append that may fail. */
    void admit(int recordBytes);

    /** Returns the LSN; what fails in it halts the engine, but for a full disk. */
    long append(MemorySegment record, int start, int lengthBytes);
  }

  /** Logs and applies an update; its space comes from the transaction's reservation. */
  long update(Transaction transaction, AtomicChange change, ResourceManager manager) {
    managers.get(manager.id());
    managers.use(manager.id());
    PayloadWriter head = change.startHead();
    head.putByte(LogRecordCodec.UPDATE | (transaction.isNested() ? LogRecordCodec.NESTED : 0));
    head.putVarint(transaction.id());
    head.putVarint(transaction.lastLsn());
    head.putByte(manager.id());
    UpdateRecords way = change.updates().of(transaction, manager);
    try {
      return log(change, way);
    } finally {
      way.over();
    }
  }

  /** Logs and applies the one CLR of the update that {@code transaction} undoes. */
  long compensate(Transaction transaction, AtomicChange change, long undoNextLsn) {
    PayloadWriter head = change.startHead();
    head.putByte(LogRecordCodec.CLR);
    head.putVarint(transaction.id());
    head.putVarint(transaction.lastLsn());
    head.putVarint(undoNextLsn);
    return log(
        change,
        new Way() {
          @Override
          public void admit(int recordBytes) {} // it was set aside with the update

          @Override
          public long append(MemorySegment record, int start, int lengthBytes) {
            long lsn = transaction.chain().appendClr(record, start, lengthBytes, undoNextLsn);
            transaction.space().compensated(lengthBytes);
            return lsn;
          }
        });
  }

  /**
   * Logs and applies a redo-only change that belongs to no transaction, within {@code room}, which
   * was set aside before any page was latched.
   */
  long structure(AtomicChange change, ChangeRoom room) {
    change.startHead().putByte(LogRecordCodec.STRUCTURE_CHANGE);
    return log(
        change,
        new Way() {
          @Override
          public void admit(int recordBytes) {
            room.require(recordBytes);
          }

          @Override
          public long append(MemorySegment record, int start, int lengthBytes) {
            long lsn = log.append(record, start, lengthBytes);
            room.used(lengthBytes);
            return lsn;
          }
        });
  }

  private long log(AtomicChange change, Way way) {
    gate.check();
    long lsn;
    try {
      change.latchLate(pool);
      change.seal();
      int bytes = change.recordBytes();
      if (bytes > log.maxRecordBytes()) {
        throw new RecordTooLargeException(bytes, log.maxRecordBytes());
      }
      way.admit(bytes);
      for (int i = 0; i < change.parts().size(); i++) {
        AtomicChange.Part part = change.parts().get(i);
        managers.use(part.manager.id());
        part.guard().prepareChange();
      }
      lsn = appendAndApply(change, way);
    } finally {
      change.unlatchLate();
    }
    space.settle(change.settled());
    return lsn;
  }

  private long appendAndApply(AtomicChange change, Way way) {
    long lsn = append(change, way);
    try {
      for (int i = 0; i < change.parts().size(); i++) {
        AtomicChange.Part part = change.parts().get(i);
        change.apply(part);
        part.guard().changed(lsn);
      }
      return lsn;
    } catch (Throwable failure) {
      throw gate.halt(failure);
    }
  }

  private long append(AtomicChange change, Way way) {
    try {
      return way.append(change.record(), change.recordStart(), change.recordBytes());
    } catch (DiskFullException full) {
      throw full; // Nothing was appended; the log goes on.
    } catch (Throwable failure) {
      throw gate.halt(failure);
    }
  }
}
