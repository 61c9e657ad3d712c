package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A record read in place, without an object for it or its parts: for the passes that go through all
 * of the log. What it tells is what {@link LogRecordCodec#decode} would; records that are not of a
 * transaction and change no page show their type only. Confined to one thread; used again and
 * again.
 */
final class RecordView {
  private static final int TYPE_MASK = 0x1f;
  private static final int FIELDS = 5;

  /** Enough for the heads of a record of one part, with numbers of usual length. */
  private static final int HEAD_BYTES = 32;

  private final byte[] scratch = new byte[HEAD_BYTES];
  private MemorySegment payload = MemorySegment.NULL;
  private long lsn;
  private int type;
  private boolean nested;
  private long transactionId;
  private long prevLsn;
  private long firstLsn;
  private long indexed;
  private long undoNextLsn;
  private int managerId;
  private int parts;
  private long bodyBytes;

  /** Of each part: manager * 2 + format, page, prevPageLSN, start and length of the body. */
  private long[] fields = new long[4 * FIELDS];

  /**
   * Reads a record.
   *
   * @param newPayload exactly its bytes; {@link #payload} until the next call
   * @throws dev.redoubt.io.CorruptionException if the bytes are not a record
   */
  void read(MemorySegment newPayload, long newLsn) {
    payload = newPayload;
    lsn = newLsn;
    transactionId = 0;
    prevLsn = 0;
    firstLsn = 0;
    undoNextLsn = 0;
    managerId = 0;
    parts = 0;
    bodyBytes = 0;
    PayloadReader in = new PayloadReader(newPayload, newLsn, scratch);
    int head = in.getByte("the type");
    type = head & TYPE_MASK;
    nested = (head & LogRecordCodec.NESTED) != 0;
    switch (head & ~LogRecordCodec.NESTED) {
      case LogRecordCodec.UPDATE -> {
        readOwn(in);
        managerId = in.getByte("manager id");
        readParts(in);
      }
      case LogRecordCodec.CLR -> {
        readOwn(in);
        undoNextLsn = in.getLsn("undoNextLSN");
        readParts(in);
      }
      case LogRecordCodec.STRUCTURE_CHANGE -> readParts(in);
      case LogRecordCodec.UNDO_INDEX -> indexed = in.getVarint("transaction id", 1, Long.MAX_VALUE);
      case LogRecordCodec.COMMIT, LogRecordCodec.ABORT, LogRecordCodec.END -> {
        readOwn(in);
        in.expectEnd();
      }
      case LogRecordCodec.NESTED_TOP_ACTION_END -> {
        readOwn(in);
        undoNextLsn = in.getLsn("undoNextLSN");
        in.expectEnd();
      }
      case LogRecordCodec.PREPARE, LogRecordCodec.UNDO_COPY -> readOwn(in);
      case LogRecordCodec.PREPARE_MOVED -> {
        readOwn(in);
        firstLsn = in.getLsn("firstLSN");
      }
      case LogRecordCodec.BEGIN_CHECKPOINT,
          LogRecordCodec.CHECKPOINT_TABLES,
          LogRecordCodec.END_CHECKPOINT -> {}
      default -> {
        LogRecordCodec.decode(newPayload, newLsn);
        throw new IllegalStateException("record type " + type + " cannot be viewed");
      }
    }
    if ((managerId == 0 && type == LogRecordCodec.UPDATE)
        || (nested && type != LogRecordCodec.UPDATE)) {
      LogRecordCodec.decode(newPayload, newLsn);
    }
  }

  private void readOwn(PayloadReader in) {
    transactionId = in.getVarint("transaction id", 1, Long.MAX_VALUE);
    prevLsn = in.getLsn("prevLSN");
  }

  private void readParts(PayloadReader in) {
    // A part head takes four bytes at least, which bounds the count before anything is allocated.
    int count = (int) in.getVarint("number of pages", 0, in.remaining() / 4 + 1);
    if (count * FIELDS > fields.length) {
      fields = Arrays.copyOf(fields, 2 * count * FIELDS);
    }
    for (int at = 0; at < count * FIELDS; at += FIELDS) {
      fields[at] = in.getVarint("manager id", 2, 511);
      fields[at + 1] = in.getVarint("page id", 1, Long.MAX_VALUE);
      fields[at + 2] = in.getLsn("prevPageLSN");
      fields[at + 4] = in.getVarint("length of a body", 0, in.remaining());
    }
    long start = payload.byteSize() - in.remaining();
    for (int at = 0; at < count * FIELDS; at += FIELDS) {
      fields[at + 3] = start + bodyBytes;
      bodyBytes += fields[at + 4];
    }
    in.skip(bodyBytes, "the bodies");
    in.expectEnd();
    parts = count;
  }

  MemorySegment payload() {
    return payload;
  }

  long lsn() {
    return lsn;
  }

  /** Its type, as {@link LogRecordCodec} numbers them. */
  int type() {
    return type;
  }

  /** Whether an update was made inside a nested top action. */
  boolean isNested() {
    return nested;
  }

  /** Its transaction; 0 if it has none. */
  long transactionId() {
    return transactionId;
  }

  /** prevLSN of a record of a transaction. */
  long prevLsn() {
    return prevLsn;
  }

  /** Of a prepare that was moved: LSN of the copy of its oldest update; 0 if there is none. */
  long firstLsn() {
    return firstLsn;
  }

  /** The transaction whose updates an index tells. */
  long indexed() {
    return indexed;
  }

  /** Of a CLR or the end of a nested top action; else 0. */
  long undoNextLsn() {
    return undoNextLsn;
  }

  /** Who undoes an update; else 0. */
  int managerId() {
    return managerId;
  }

  /** How many pages it changes. */
  int parts() {
    return parts;
  }

  /** Lengths of all bodies together. */
  long bodyBytes() {
    return bodyBytes;
  }

  /** Manager that redoes the part, times two, plus one for a format. */
  int managerAndFormat(int part) {
    return (int) fields[part * FIELDS];
  }

  long pageId(int part) {
    return fields[part * FIELDS + 1];
  }

  long prevPageLsn(int part) {
    return fields[part * FIELDS + 2];
  }

  /** Where the part's body begins in the payload. */
  long bodyStart(int part) {
    return fields[part * FIELDS + 3];
  }

  int bodyLength(int part) {
    return (int) fields[part * FIELDS + 4];
  }
}
