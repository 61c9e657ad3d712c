package dev.redoubt.recovery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of the report that an end-checkpoint record carries; {@code docs/format-records.md} is the
 * law. Times are of fixed length, so that a measured time never moves a record. Stateless.
 */
final class RecoveryReportCodec {
  /** Ids of pages, and of losers, that are kept: a checkpoint's end has a bound. */
  static final int MOST_NAMED = 16;

  private static final int NONE = 0;
  private static final int COMPLETE = 2;
  private static final int NEWEST = 2;
  private static final long NANOS = 1_000_000_000;

  private RecoveryReportCodec() {}

  static void encode(@Nullable RecoveryReport report, PayloadWriter out) {
    if (report == null) {
      out.putByte(NONE);
      return;
    }
    out.putByte(report.complete() ? COMPLETE : COMPLETE - 1);
    Instant at = report.at();
    out.putLong(Math.max(0, at.getEpochSecond()));
    out.putLong(at.getNano());
    out.putVarint(report.checkpointLsn());
    out.putVarint(report.redoLsn());
    out.putVarint(report.endLsn());
    out.putVarint(report.scannedBytes());
    out.putVarint(report.scannedRecords());
    out.putVarint(report.dirtyPages());
    out.putVarint(report.transactions());
    out.putVarint(report.redone());
    out.putVarint(report.skippedNotDirty());
    out.putVarint(report.skippedRecLsn());
    out.putVarint(report.skippedPageLsn());
    out.putVarint(report.losers());
    out.putVarint(report.clrsWritten());
    out.putVarint(report.tornPagesRestored());
    out.putVarint(report.pagesRebuilt());
    encode(report.quarantinedPages(), out);
    encode(report.unfinishedLosers(), out);
    out.putVarint(report.inDoubt());
    out.putLong(report.analysisTime().toNanos());
    out.putLong(report.redoTime().toNanos());
    out.putLong(report.undoTime().toNanos());
    out.putLong(report.checkpointTime().toNanos());
  }

  private static void encode(List<Long> ids, PayloadWriter out) {
    int count = Math.min(MOST_NAMED, ids.size());
    out.putVarint(count);
    ids.stream().limit(count).forEach(out::putVarint);
  }

  static @Nullable RecoveryReport decode(PayloadReader in) {
    int kind = in.getByte("kind of the report");
    if (kind == NONE) {
      return null;
    }
    if (kind > NEWEST) {
      throw in.corrupt("kind of the report expected from 0 to " + NEWEST + ", found " + kind);
    }
    return new RecoveryReport(
        false,
        kind == COMPLETE,
        instant(in),
        in.getLsn("checkpoint LSN"),
        in.getLsn("redoLSN"),
        in.getLsn("end LSN"),
        in.getVarint("bytes scanned"),
        in.getVarint("records scanned"),
        count("dirty pages", in),
        count("transactions", in),
        in.getVarint("changes redone"),
        in.getVarint("changes of pages not dirty"),
        in.getVarint("changes before recLSN"),
        in.getVarint("changes up to pageLSN"),
        count("losers", in),
        in.getVarint("CLRs written"),
        count("torn pages", in),
        count("rebuilt pages", in),
        ids("pages in quarantine", in),
        ids("unfinished losers", in),
        count("transactions in doubt", in),
        time("analysis", in),
        time("redo", in),
        time("undo", in),
        time("the checkpoint", in));
  }

  private static int count(String what, PayloadReader in) {
    return (int) in.getVarint("number of " + what, 0, Integer.MAX_VALUE);
  }

  private static List<Long> ids(String what, PayloadReader in) {
    int count = (int) in.getVarint("number of " + what, 0, MOST_NAMED);
    List<Long> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(in.getVarint("id of " + what, 1, Long.MAX_VALUE));
    }
    return List.copyOf(ids);
  }

  private static Instant instant(PayloadReader in) {
    long second = fixed("the second of the report", Instant.MAX.getEpochSecond(), in);
    return Instant.ofEpochSecond(second, fixed("its nanosecond", NANOS - 1, in));
  }

  private static Duration time(String of, PayloadReader in) {
    return Duration.ofNanos(fixed("nanoseconds of " + of, Long.MAX_VALUE, in));
  }

  private static long fixed(String what, long most, PayloadReader in) {
    long value = in.getBytes(8, what).get(PayloadWriter.LONG, 0);
    if (value < 0 || value > most) {
      throw in.corrupt(what + " expected from 0 to " + most + ", found " + value);
    }
    return value;
  }
}
