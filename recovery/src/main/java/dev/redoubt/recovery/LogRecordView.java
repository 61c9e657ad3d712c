package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Reads a few fields of one record of a transaction after the other, without decoding the rest and
 * without an object for each. {@link LogRecordCodec} decodes what this only looks at; both follow
 * {@code docs/format-records.md}. Fields are read in the order of the methods. Confined to one
 * thread.
 */
final class LogRecordView {
  private PayloadReader in = new PayloadReader(MemorySegment.NULL, 0);
  private MemorySegment record = MemorySegment.NULL;
  private int type;

  /** Moves to a record; whether it belongs to a transaction, as the other methods demand. */
  boolean isOfTransaction(MemorySegment payload) {
    record = payload;
    type =
        payload.byteSize() == 0
            ? 0
            : payload.get(ValueLayout.JAVA_BYTE, 0) & LogRecordCodec.TYPE_MASK;
    return type >= LogRecordCodec.UPDATE && type <= LogRecordCodec.PREPARE_MOVED;
  }

  int type() {
    return type;
  }

  long transactionId(long lsn) {
    in = new PayloadReader(record, lsn);
    in.getByte("the type");
    return in.getVarint("transaction id", 1, Long.MAX_VALUE);
  }

  /** Of a CLR or the end of a nested top action. */
  long undoNextLsn(long lsn) {
    in.getLsn("prevLSN");
    return in.getLsn("undoNextLSN");
  }

  /** Of an update or its copy. */
  int managerId(long lsn) {
    in.getLsn("prevLSN");
    return in.getByte("manager id");
  }

  /** The same: the body of its first change by that manager; null if there is none. */
  @Nullable MemorySegment bodyOf(int managerId, long lsn) {
    int count = (int) in.getVarint("number of pages", 0, in.remaining() / 4 + 1);
    long before = 0;
    long length = -1;
    for (int i = 0; i < count; i++) {
      long manager = in.getVarint("manager id", 2, 511) >>> 1;
      in.getVarint("page id", 1, Long.MAX_VALUE);
      in.getLsn("prevPageLSN");
      long bytes = in.getVarint("length of a body", 0, in.remaining());
      if (length < 0) {
        if (manager == managerId) {
          length = bytes;
        } else {
          before += bytes;
        }
      }
    }
    if (length < 0) {
      return null;
    }
    in.getBytes(before, "bodies");
    return in.getBytes(length, "a body");
  }
}
