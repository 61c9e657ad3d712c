package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of {@link LogRecord}s; {@code docs/format-records.md} is the law. Stateless.
 *
 * <p>Records of pages are laid out as head, part heads, bodies, so that {@link AtomicChange} can
 * collect the bodies first and put everything else in front of them without copying.
 */
public final class LogRecordCodec {
  static final int BEGIN_CHECKPOINT = 1;
  static final int CHECKPOINT_TABLES = 2;
  static final int END_CHECKPOINT = 3;
  static final int STRUCTURE_CHANGE = 4;
  static final int UPDATE = 5;
  static final int CLR = 6;
  static final int NESTED_TOP_ACTION_END = 7;
  static final int COMMIT = 8;
  static final int ABORT = 9;
  static final int END = 10;
  static final int PREPARE = 11;
  static final int UNDO_COPY = 12;
  static final int PREPARE_MOVED = 13;
  static final int UNDO_INDEX = 14;

  /** Flag of an update: made inside a nested top action. */
  static final int NESTED = 0x80;

  static final int TYPE_MASK = 0x1f;

  private LogRecordCodec() {}

  /**
   * Decodes one record.
   *
   * @param payload exactly its bytes; page bodies, global id and payload are views of it
   * @param lsn its LSN, for messages
   * @throws dev.redoubt.io.CorruptionException if the bytes are not a record
   */
  public static LogRecord decode(MemorySegment payload, long lsn) {
    PayloadReader in = new PayloadReader(payload, lsn);
    int head = in.getByte("the type");
    int type = head & TYPE_MASK;
    if ((head & ~TYPE_MASK) != 0 && head != (UPDATE | NESTED)) {
      throw in.corrupt("flags " + Integer.toHexString(head & ~TYPE_MASK) + " are not known");
    }
    LogRecord record =
        switch (type) {
          case BEGIN_CHECKPOINT -> new LogRecord.BeginCheckpoint();
          case CHECKPOINT_TABLES -> decodeTables(in);
          case END_CHECKPOINT -> decodeEnd(in);
          case STRUCTURE_CHANGE -> new LogRecord.StructureChange(decodeChanges(in));
          case UNDO_INDEX -> decodeIndex(in).record;
          default -> decodeOfTransaction(in, type, (head & NESTED) != 0);
        };
    in.expectEnd();
    return record;
  }

  private static LogRecord decodeOfTransaction(PayloadReader in, int type, boolean nested) {
    if (type < UPDATE || type > PREPARE_MOVED) {
      throw in.corrupt("record type " + type + " is not known");
    }
    long id = in.getVarint("transaction id", 1, Long.MAX_VALUE);
    long prevLsn = in.getLsn("prevLSN");
    return switch (type) {
      case UPDATE ->
          new LogRecord.Update(
              id, prevLsn, managerId(in.getByte("manager id"), in), nested, decodeChanges(in));
      case CLR -> new LogRecord.Clr(id, prevLsn, in.getLsn("undoNextLSN"), decodeChanges(in));
      case NESTED_TOP_ACTION_END ->
          new LogRecord.NestedTopActionEnd(id, prevLsn, in.getLsn("undoNextLSN"));
      case COMMIT -> new LogRecord.Commit(id, prevLsn);
      case ABORT -> new LogRecord.Abort(id, prevLsn);
      case END -> new LogRecord.End(id, prevLsn);
      case PREPARE ->
          new LogRecord.Prepare(id, prevLsn, globalId(in), in.getBytes(in.remaining(), "payload"));
      case UNDO_COPY ->
          new LogRecord.UndoCopy(
              id, prevLsn, managerId(in.getByte("manager id"), in), decodeChanges(in));
      default ->
          new LogRecord.PrepareMoved(
              id,
              prevLsn,
              in.getLsn("firstLSN"),
              globalId(in),
              in.getBytes(in.remaining(), "payload"));
    };
  }

  /** An index, its type read already, with what is in it. */
  static UndoIndex.Entries decodeIndex(PayloadReader in) {
    long id = in.getVarint("transaction id", 1, Long.MAX_VALUE);
    long prevIndexLsn = in.getLsn("LSN of the index before");
    long belowLsn = in.getLsn("LSN below the updates");
    // An entry takes nine bytes at least.
    int count = (int) in.getVarint("updates", 1, in.remaining() / 9 + 1);
    MemorySegment entries = in.getBytes(in.remaining(), "entries");
    return new UndoIndex.Entries(
        new LogRecord.UndoIndex(id, prevIndexLsn, belowLsn, count, entries), in.lsn());
  }

  private static MemorySegment globalId(PayloadReader in) {
    return in.getBytes(in.getVarint("length of the global id"), "the global id");
  }

  private static int managerId(long value, PayloadReader in) {
    if (value < 1 || value > 255) {
      throw in.corrupt("manager id expected from 1 to 255, found " + value);
    }
    return (int) value;
  }

  private static List<LogRecord.PageChange> decodeChanges(PayloadReader in) {
    // A part head takes four bytes at least, which bounds the count before anything is allocated.
    int count = (int) in.getVarint("number of pages", 0, in.remaining() / 4 + 1);
    long[] heads = new long[4 * count];
    for (int i = 0; i < count; i++) {
      heads[4 * i] = in.getVarint("manager id", 2, 511);
      heads[4 * i + 1] = in.getVarint("page id", 1, Long.MAX_VALUE);
      heads[4 * i + 2] = in.getLsn("prevPageLSN");
      heads[4 * i + 3] = in.getVarint("length of a body", 0, in.remaining());
    }
    List<LogRecord.PageChange> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      changes.add(
          new LogRecord.PageChange(
              (int) (heads[4 * i] >>> 1),
              heads[4 * i + 1],
              heads[4 * i + 2],
              (heads[4 * i] & 1) != 0,
              in.getBytes(heads[4 * i + 3], "a body")));
    }
    return List.copyOf(changes);
  }

  private static LogRecord decodeTables(PayloadReader in) {
    long beginLsn = in.getLsn("LSN of the begin record");
    // Entries take six and three bytes at least.
    int transactionCount = (int) in.getVarint("transactions", 0, in.remaining() / 6 + 1);
    List<TransactionEntry> transactions = new ArrayList<>(transactionCount);
    for (int i = 0; i < transactionCount; i++) {
      long id = in.getVarint("transaction id", 1, Long.MAX_VALUE);
      Transaction.State state = state((int) in.getVarint("state", 1, 5));
      long lastLsn = in.getLsn("lastLSN");
      transactions.add(
          new TransactionEntry(
              id,
              state,
              in.getLsn("firstLSN"),
              lastLsn,
              in.getLsn("undoNextLSN"),
              in.getLsn("LSN of its index")));
    }
    int pageCount = (int) in.getVarint("pages", 0, in.remaining() / 3 + 1);
    List<DirtyPage> pages = new ArrayList<>(pageCount);
    for (int i = 0; i < pageCount; i++) {
      long pageId = in.getVarint("page id", 1, Long.MAX_VALUE);
      long recLsn = in.getVarint("recLSN", 1, Long.MAX_VALUE);
      pages.add(new DirtyPage(pageId, recLsn, in.getLsn("headLSN")));
    }
    return new LogRecord.CheckpointTables(beginLsn, List.copyOf(transactions), List.copyOf(pages));
  }

  private static LogRecord decodeEnd(PayloadReader in) {
    long beginLsn = in.getLsn("LSN of the begin record");
    long next = in.getVarint("next transaction id", 1, Long.MAX_VALUE);
    int count = (int) in.getVarint("managers", 0, 255);
    List<Integer> managers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      managers.add(managerId(in.getByte("manager id"), in));
    }
    return new LogRecord.EndCheckpoint(
        beginLsn, next, List.copyOf(managers), decodeRates(in), RecoveryReportCodec.decode(in));
  }

  private static RestartRates decodeRates(PayloadReader in) {
    return new RestartRates(
        rate(in, "of opening"),
        rate(in, "for a MiB"),
        rate(in, "for a record"),
        rate(in, "for applying"),
        rate(in, "for a page"),
        rate(in, "for undoing"));
  }

  private static long rate(PayloadReader in, String of) {
    long nanos = in.getBytes(8, "nanoseconds " + of).get(PayloadWriter.LONG, 0);
    if (nanos < 0) {
      throw in.corrupt("nanoseconds " + of + " expected from 0, found " + nanos);
    }
    return nanos;
  }

  private static void encodeRates(RestartRates rates, PayloadWriter out) {
    out.putLong(rates.openNanos());
    out.putLong(rates.scanNanosPerMiB());
    out.putLong(rates.scanNanosPerRecord());
    out.putLong(rates.applyNanosPerRecord());
    out.putLong(rates.pageReadNanos());
    out.putLong(rates.undoNanosPerRecord());
  }

  /** The bytes of {@code record}, in memory of their own. */
  public static MemorySegment encode(LogRecord record) {
    PayloadWriter out = PayloadWriter.forOneRecord();
    encode(record, out);
    return out.segment().asSlice(0, out.position());
  }

  static void encode(LogRecord record, PayloadWriter out) {
    switch (record) {
      case LogRecord.BeginCheckpoint _ -> out.putByte(BEGIN_CHECKPOINT);
      case LogRecord.CheckpointTables tables -> encodeTables(tables, out);
      case LogRecord.EndCheckpoint end -> {
        out.putByte(END_CHECKPOINT);
        out.putVarint(end.beginLsn());
        out.putVarint(end.nextTransactionId());
        out.putVarint(end.managerIds().size());
        end.managerIds().forEach(out::putByte);
        encodeRates(end.rates(), out);
        RecoveryReportCodec.encode(end.lastRestart(), out);
      }
      case LogRecord.UndoIndex index -> {
        out.putByte(UNDO_INDEX);
        out.putVarint(index.transactionId());
        out.putVarint(index.prevIndexLsn());
        out.putVarint(index.belowLsn());
        out.putVarint(index.count());
        put(out, index.entries());
      }
      case LogRecord.StructureChange change -> {
        out.putByte(STRUCTURE_CHANGE);
        encodeChanges(change.changes(), out);
      }
      case LogRecord.Update update -> {
        putHead(out, UPDATE | (update.nested() ? NESTED : 0), update);
        out.putByte(update.managerId());
        encodeChanges(update.changes(), out);
      }
      case LogRecord.Clr clr -> {
        putHead(out, CLR, clr);
        out.putVarint(clr.undoNextLsn());
        encodeChanges(clr.changes(), out);
      }
      case LogRecord.NestedTopActionEnd end -> {
        putHead(out, NESTED_TOP_ACTION_END, end);
        out.putVarint(end.undoNextLsn());
      }
      case LogRecord.Commit commit -> putHead(out, COMMIT, commit);
      case LogRecord.Abort abort -> putHead(out, ABORT, abort);
      case LogRecord.End end -> putHead(out, END, end);
      case LogRecord.Prepare prepare -> {
        putHead(out, PREPARE, prepare);
        out.putVarint(prepare.globalId().byteSize());
        put(out, prepare.globalId());
        put(out, prepare.payload());
      }
      case LogRecord.UndoCopy copy -> {
        putHead(out, UNDO_COPY, copy);
        out.putByte(copy.managerId());
        encodeChanges(copy.changes(), out);
      }
      case LogRecord.PrepareMoved moved -> {
        putHead(out, PREPARE_MOVED, moved);
        out.putVarint(moved.firstLsn());
        out.putVarint(moved.globalId().byteSize());
        put(out, moved.globalId());
        put(out, moved.payload());
      }
    }
  }

  private static void putHead(PayloadWriter out, int head, LogRecord.OfTransaction record) {
    putHead(out, head, record.transactionId(), record.prevLsn());
  }

  /** All of a commit, abort or end; the start of any other record of a transaction. */
  static void putHead(PayloadWriter out, int head, long transactionId, long prevLsn) {
    out.putByte(head);
    out.putVarint(transactionId);
    out.putVarint(prevLsn);
  }

  static void putPartHead(
      PayloadWriter out, int managerId, boolean format, long pageId, long prevLsn, long length) {
    out.putVarint((long) managerId << 1 | (format ? 1 : 0));
    out.putVarint(pageId);
    out.putVarint(prevLsn);
    out.putVarint(length);
  }

  private static void encodeChanges(List<LogRecord.PageChange> changes, PayloadWriter out) {
    out.putVarint(changes.size());
    for (LogRecord.PageChange part : changes) {
      putPartHead(
          out,
          part.managerId(),
          part.format(),
          part.pageId(),
          part.prevPageLsn(),
          part.body().byteSize());
    }
    changes.forEach(part -> put(out, part.body()));
  }

  private static void encodeTables(LogRecord.CheckpointTables tables, PayloadWriter out) {
    out.putByte(CHECKPOINT_TABLES);
    out.putVarint(tables.beginLsn());
    out.putVarint(tables.transactions().size());
    for (TransactionEntry entry : tables.transactions()) {
      out.putVarint(entry.transactionId());
      out.putVarint(stateCode(entry.state()));
      out.putVarint(entry.lastLsn());
      out.putVarint(entry.firstLsn());
      out.putVarint(entry.undoNextLsn());
      out.putVarint(entry.indexLsn());
    }
    out.putVarint(tables.dirtyPages().size());
    for (DirtyPage page : tables.dirtyPages()) {
      out.putVarint(page.pageId());
      out.putVarint(page.recLsn());
      out.putVarint(page.headLsn());
    }
  }

  private static int stateCode(Transaction.State state) {
    return switch (state) {
      case ACTIVE -> 1;
      case COMMITTED -> 2;
      case ABORTING -> 3;
      case PREPARED -> 4;
      case ENDED -> 5;
    };
  }

  private static Transaction.State state(int code) {
    return switch (code) {
      case 1 -> Transaction.State.ACTIVE;
      case 2 -> Transaction.State.COMMITTED;
      case 3 -> Transaction.State.ABORTING;
      case 4 -> Transaction.State.PREPARED;
      default -> Transaction.State.ENDED;
    };
  }

  private static void put(PayloadWriter out, MemorySegment bytes) {
    out.putBytes(bytes, 0, Math.toIntExact(bytes.byteSize()));
  }
}
