package dev.redoubt.crash.oracle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A record by {@code docs/format-records.md}.
 *
 * @param lsn where it stands
 * @param type as listed there
 * @param transactionId 0 if it is none's
 * @param prevLsn 0 if it is the first
 * @param undoNextLsn of CLRs and ends of nested top actions
 * @param manager that undoes an update
 * @param parts pages it changes
 */
record RawRecord(
    long lsn,
    int type,
    long transactionId,
    long prevLsn,
    long undoNextLsn,
    int manager,
    List<Part> parts) {
  static final int BEGIN_CHECKPOINT = 1;
  static final int CHECKPOINT_TABLES = 2;
  static final int END_CHECKPOINT = 3;
  static final int STRUCTURE_CHANGE = 4;
  static final int UPDATE = 5;
  static final int CLR = 6;
  static final int NESTED_END = 7;
  static final int COMMIT = 8;
  static final int ABORT = 9;
  static final int END = 10;
  static final int PREPARE = 11;
  static final int UNDO_COPY = 12;
  static final int PREPARE_MOVED = 13;

  private static final int TYPE = 0x1f;

  /**
   * A change of one page.
   *
   * @param manager that redoes it
   * @param format whether it formats the page
   * @param pageId of the page
   * @param prevPageLsn pageLSN of the version that it was made against
   * @param body the manager's
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(int manager, boolean format, long pageId, long prevPageLsn, byte[] body) {}

  /**
   * A transaction in a checkpoint's tables.
   *
   * @param state 1 active, 2 committed, 3 aborting, 4 prepared
   */
  record Listed(long id, int state, long lastLsn, long firstLsn, long undoNextLsn) {}

  /**
   * What one record has of a checkpoint's tables.
   *
   * @param beginLsn of the checkpoint
   * @param transactions of the transaction table
   * @param pages of the dirty page table
   */
  record Tables(long beginLsn, List<Listed> transactions, Map<Long, Dirty> pages) {}

  /**
   * A page in a checkpoint's tables.
   *
   * @param headLsn its last record; 1 if nothing is said, 0 if it is not known
   */
  record Dirty(long recLsn, long headLsn) {
    Dirty and(Dirty other) {
      boolean known = headLsn != 0 && other.headLsn != 0;
      long head = known ? Math.max(headLsn, other.headLsn) : 0;
      return new Dirty(Math.min(recLsn, other.recLsn), head);
    }
  }

  static int typeOf(byte[] payload) {
    return payload[0] & TYPE;
  }

  /** Reads a record that is not of a checkpoint. */
  static RawRecord read(RawLog.Frame frame) {
    ByteBuffer in = Bytes.littleEndian(frame.payload());
    int type = in.get() & TYPE;
    return switch (type) {
      case STRUCTURE_CHANGE -> new RawRecord(frame.lsn(), type, 0, 0, 0, 0, parts(in));
      case UPDATE, UNDO_COPY -> {
        long id = varint(in);
        long prev = varint(in);
        int manager = in.get() & 0xff;
        yield new RawRecord(frame.lsn(), type, id, prev, 0, manager, parts(in));
      }
      case CLR -> {
        long id = varint(in);
        long prev = varint(in);
        long undoNext = varint(in);
        yield new RawRecord(frame.lsn(), type, id, prev, undoNext, 0, parts(in));
      }
      case NESTED_END, PREPARE_MOVED ->
          new RawRecord(frame.lsn(), type, varint(in), varint(in), varint(in), 0, List.of());
      case COMMIT, ABORT, END, PREPARE ->
          new RawRecord(frame.lsn(), type, varint(in), varint(in), 0, 0, List.of());
      default -> new RawRecord(frame.lsn(), type, 0, 0, 0, 0, List.of());
    };
  }

  /** Reads a record of checkpoint tables. */
  static Tables tables(byte[] payload) {
    ByteBuffer in = Bytes.littleEndian(payload);
    in.get();
    long beginLsn = varint(in);
    List<Listed> transactions = new ArrayList<>();
    for (long count = varint(in); count > 0; count--) {
      long id = varint(in);
      int state = in.get();
      long lastLsn = varint(in);
      long firstLsn = varint(in);
      transactions.add(new Listed(id, state, lastLsn, firstLsn, varint(in)));
      varint(in); // indexLSN
    }
    Map<Long, Dirty> pages = new HashMap<>();
    for (long count = varint(in); count > 0; count--) {
      long pageId = varint(in);
      pages.merge(pageId, new Dirty(varint(in), varint(in)), Dirty::and);
    }
    return new Tables(beginLsn, transactions, pages);
  }

  private static List<Part> parts(ByteBuffer in) {
    int count = (int) varint(in);
    long[][] heads = new long[count][];
    for (int i = 0; i < count; i++) {
      heads[i] = new long[] {varint(in), varint(in), varint(in), varint(in)};
    }
    List<Part> parts = new ArrayList<>(count);
    for (long[] head : heads) {
      byte[] body = new byte[(int) head[3]];
      in.get(body);
      parts.add(new Part((int) (head[0] >>> 1), (head[0] & 1) != 0, head[1], head[2], body));
    }
    return parts;
  }

  static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; true; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
