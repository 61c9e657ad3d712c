package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What a long transaction says of its own updates now and then, in a record: their LSNs, and a
 * number for what each changed. So a restart knows what a loser owns from a few hundred records,
 * where its back chain has a million (docs/decisions/0017). This is the part that is not in the log
 * yet. Confined to the transaction's user.
 *
 * <p>Redo and undo know nothing of it, and restart is right without: what no index tells is read
 * from the back chain. An index only ever leaves out; it says nothing wrong, since whatever is
 * undone lies behind the transaction's undoNextLSN.
 */
final class UndoIndex {
  /** A transaction with fewer updates has no index: its chain is read as fast. */
  static final int FEWEST_UPDATES = 1024;

  /** Updates in one record: of ten bytes each, so that it fits a log with the smallest buffers. */
  static final int ENTRIES = 512;

  /** Type, id, two LSNs and count at their longest. */
  private static final int HEAD_BYTES = 34;

  private final long[] lsns = new long[ENTRIES];
  private final long[] tags = new long[ENTRIES];
  private int size;
  private long belowLsn;

  /**
   * The transaction has logged an update, and {@link #cutTo} was called for it.
   *
   * @param tag what it changed, see {@link ResourceManager#undoTag}
   * @param undoNextBefore the transaction's undoNextLSN before it
   */
  void add(long lsn, long tag, long undoNextBefore) {
    if (size == ENTRIES) {
      return; // left out: nobody has made room for the record
    }
    if (size == 0) {
      belowLsn = undoNextBefore;
    }
    lsns[size] = lsn;
    tags[size] = tag;
    size++;
  }

  /** What lies above has been undone, to a savepoint. */
  void cutTo(long undoNextLsn) {
    while (size > 0 && lsns[size - 1] > undoNextLsn) {
      size--;
    }
  }

  /** Whether it is time to log it. */
  boolean isFull() {
    return size == ENTRIES;
  }

  /** Length of the record, but for a few bytes. */
  int mostBytes() {
    int bytes = HEAD_BYTES + size * Long.BYTES;
    long before = belowLsn;
    for (int i = 0; i < size; i++) {
      bytes += PayloadWriter.varintBytes(lsns[i] - before);
      before = lsns[i];
    }
    return bytes;
  }

  /** The record of what is here, which is taken out. */
  LogRecord.UndoIndex take(long transactionId, long prevIndexLsn) {
    PayloadWriter entries = PayloadWriter.forOneRecord();
    long before = belowLsn;
    for (int i = 0; i < size; i++) {
      entries.putVarint(lsns[i] - before);
      entries.putLong(tags[i]);
      before = lsns[i];
    }
    LogRecord.UndoIndex record =
        new LogRecord.UndoIndex(
            transactionId,
            prevIndexLsn,
            belowLsn,
            size,
            entries.segment().asSlice(0, entries.position()));
    size = 0;
    return record;
  }

  /** The entries of a record, ascending. */
  static final class Entries {
    final long[] lsns;
    final long[] tags;
    final LogRecord.UndoIndex record;

    /**
     * Reads them.
     *
     * @throws CorruptionException if they are not what {@link #take} writes
     */
    Entries(LogRecord.UndoIndex record, long lsn) {
      this.record = record;
      this.lsns = new long[record.count()];
      this.tags = new long[record.count()];
      // A million of them are read by a program that has just been started: plain bytes, no calls.
      byte[] bytes = record.entries().toArray(ValueLayout.JAVA_BYTE);
      int at = 0;
      long last = record.belowLsn();
      for (int i = 0; i < lsns.length; i++) {
        long distance = 0;
        int shift = 0;
        int next = -1;
        while (next < 0 && at < bytes.length && shift < 63) {
          next = bytes[at++];
          distance |= (long) (next & 0x7f) << shift;
          shift += 7;
        }
        boolean shortest = next > 0;
        if (!shortest || distance > Long.MAX_VALUE - last || bytes.length - at < Long.BYTES) {
          throw new PayloadReader(record.entries(), lsn)
              .corrupt("update " + i + " of the index expected to be a distance and a tag");
        }
        long tag = 0;
        for (int b = Long.BYTES - 1; b >= 0; b--) {
          tag = tag << 8 | (bytes[at + b] & 0xff);
        }
        at += Long.BYTES;
        last += distance;
        lsns[i] = last;
        tags[i] = tag;
      }
      if (at != bytes.length) {
        throw new PayloadReader(record.entries(), lsn)
            .corrupt("the index expected to end, found " + (bytes.length - at) + " bytes more");
      }
    }

    /** LSN of the newest. */
    long last() {
      return lsns[lsns.length - 1];
    }

    /** How many of them lie at or below the LSN. */
    int upTo(long lsn) {
      int found = Arrays.binarySearch(lsns, lsn);
      return found < 0 ? -found - 1 : found + 1;
    }
  }
}
