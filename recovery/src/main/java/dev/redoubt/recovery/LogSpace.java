package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The log space of one transaction (rule 4): for its next records, and for undoing those it has
 * appended. Confined to the transaction's user.
 *
 * <p>An update of n bytes takes n and a frame from what is available for itself, and the same again
 * with {@link #CLR_OVERHEAD} for its CLR, which stays owed until the transaction ends. The end
 * records are covered from the start. Space is taken in chunks and given back in chunks, so that
 * the log's accounting is touched seldom. One that has been used up serves the next transaction,
 * with some of what it has set aside: {@link LogSpaces}.
 */
final class LogSpace {
  /** Frame header of the log. */
  static final int FRAME_BYTES = 8;

  /** A CLR has ids, LSNs and part heads of its own, at their longest. */
  static final int CLR_OVERHEAD = 96;

  /** Commit or abort, and end: type, id and LSN at their longest, with their frames. */
  private static final int END_RECORDS = 2 * (21 + FRAME_BYTES);

  private static final int LEAST_CHUNK_BYTES = 1024;

  /** An idle one keeps this part of a segment set aside; nothing if that is too little to help. */
  private static final int KEPT_PART = 4096;

  private static final int LEAST_KEPT_BYTES = 4096;

  private final Log log;
  private final WalCap cap;
  private final long keptBytes;
  private final long chunkBytes;
  private @Nullable Transaction transaction;
  private @Nullable LogReservation reservation;

  /** Set aside before this transaction began. */
  private long inheritedBytes;

  private long availableBytes;
  private long spentBytes;
  private long loggedBytes;

  /** Updates whose CLR is owed; written by the user, read by anyone who wants to know. */
  private final AtomicInteger owedUndo = new AtomicInteger();

  /** Whether the end records are set aside. */
  private boolean ownsEnd;

  LogSpace(Log log, WalCap cap) {
    this.log = log;
    this.cap = cap;
    long part = log.segmentBytes() / KEPT_PART;
    this.keptBytes = part < LEAST_KEPT_BYTES ? 0 : part;
    this.chunkBytes = Math.max(LEAST_CHUNK_BYTES, keptBytes / 2);
  }

  /** It is that transaction's from now on, until {@link #clear}. */
  LogSpace of(Transaction next) {
    transaction = next;
    return this;
  }

  private Transaction transaction() {
    return Objects.requireNonNull(transaction);
  }

  /** Records that rolling back now would undo, those from before a restart aside. */
  int owedUndo() {
    return owedUndo.get();
  }

  static long forUpdate(long recordBytes) {
    return 2 * (recordBytes + FRAME_BYTES) + CLR_OVERHEAD;
  }

  /**
   * Makes sure that an update of so many bytes is covered, undo and all. Called with no latch held:
   * at the cap it waits. The transaction's index is logged if that is due and there is room.
   */
  void reserve(long recordBytes) {
    long missing = missing(recordBytes);
    if (missing > 0) {
      cap.extend(held(), missing, transaction());
      taken(missing);
    }
    int indexBytes = transaction().chain().indexBytes();
    if (indexBytes > 0 && cap.tryExtend(held(), indexBytes + FRAME_BYTES)) {
      transaction().chain().appendIndex();
      spent(indexBytes + FRAME_BYTES);
    }
  }

  /** The same for a caller with latches, which should have reserved before: it never waits. */
  void reserveLatched(long recordBytes) {
    long missing = missing(recordBytes);
    if (missing > 0) {
      cap.extendLatched(held(), missing);
      taken(missing);
    }
  }

  /**
   * Makes sure that the CLR of an update of so many bytes is covered, for a transaction that
   * restart found and that has lost what was set aside. Called with no latch held; it is not
   * subject to the cap.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   */
  void reserveUndo(long recordBytes) {
    LogReservation held = held();
    long missing =
        recordBytes + FRAME_BYTES + CLR_OVERHEAD + END_RECORDS - held.remainingBytes() + spentBytes;
    if (missing > 0) {
      held.extend(Math.max(missing, chunkBytes));
    }
  }

  private long missing(long recordBytes) {
    long missing = forUpdate(recordBytes) - availableBytes;
    if (missing <= 0) {
      return 0;
    }
    return Math.max(missing, chunkBytes) + (ownsEnd ? 0 : END_RECORDS);
  }

  private LogReservation held() {
    LogReservation held = reservation;
    if (held == null) {
      held = log.reserve(0);
      reservation = held;
    }
    return held;
  }

  private void taken(long bytes) {
    boolean first = !ownsEnd;
    ownsEnd = true;
    availableBytes += first ? bytes - END_RECORDS : bytes;
  }

  /** What it has logged and what has been set aside for it, in bytes of records. */
  long ownBytes() {
    LogReservation held = reservation;
    long more = held == null ? 0 : held.remainingBytes() - inheritedBytes;
    return loggedBytes + Math.max(0, more);
  }

  /** An update has been appended; its undo is owed from now on. */
  void updated(long recordBytes) {
    availableBytes -= forUpdate(recordBytes);
    owedUndo.lazySet(owedUndo.getPlain() + 1);
    spent(recordBytes + FRAME_BYTES);
  }

  /** A CLR, or what else belongs to undo, has been appended. */
  void compensated(long recordBytes) {
    owedUndo.lazySet(Math.max(0, owedUndo.getPlain() - 1));
    spent(recordBytes + FRAME_BYTES);
  }

  private void spent(long bytes) {
    spentBytes += bytes;
    loggedBytes += bytes;
    LogReservation held = reservation;
    if (held != null && spentBytes >= chunkBytes) {
      held.release(Math.min(spentBytes, held.remainingBytes()));
      spentBytes = 0;
    }
  }

  /**
   * The transaction has ended, its end records are appended: gives back what is set aside beyond
   * what an idle one keeps, and is ready for the next transaction.
   */
  void clear() {
    transaction = null;
    LogReservation held = reservation;
    if (held != null) {
      if (loggedBytes != 0) { // else no end record was appended
        spentBytes += END_RECORDS;
      }
      spentBytes = Math.min(spentBytes, held.remainingBytes());
      // What is spent lies behind the end of the log: it covers nothing any more.
      long unspent = held.remainingBytes() - spentBytes;
      if (unspent > keptBytes || spentBytes >= chunkBytes) {
        held.release(held.remainingBytes() - Math.clamp(unspent, 0, keptBytes));
        spentBytes = 0;
      }
      if (held.remainingBytes() == 0) {
        held.close();
        reservation = null;
        spentBytes = 0;
      }
    }
    long left = reservation == null ? 0 : held().remainingBytes();
    inheritedBytes = left;
    ownsEnd = left >= spentBytes + END_RECORDS;
    availableBytes = ownsEnd ? left - spentBytes - END_RECORDS : 0;
    loggedBytes = 0;
    owedUndo.set(0);
  }

  /** Gives everything back; it is not used again. */
  void close() {
    LogReservation held = reservation;
    if (held != null) {
      reservation = null;
      held.close();
    }
  }
}
