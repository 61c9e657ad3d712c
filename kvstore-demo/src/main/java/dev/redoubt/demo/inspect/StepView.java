package dev.redoubt.demo.inspect;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartRule;
import dev.redoubt.recovery.RestartStep;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step of restart for people and, as a line of the trace that {@code docs/format-trace.md}
 * describes, for programs.
 *
 * @param step the step
 */
public record StepView(RestartStep step) {
  /** Of the trace; one more when a member changes its meaning or goes. New members may come. */
  public static final int TRACE_VERSION = 1;

  /** The first line of a trace. */
  public static Map<String, @Nullable Object> jsonHead() {
    return Json.object("trace", "redoubt-restart", "version", TRACE_VERSION);
  }

  /** Its last line. */
  public static Map<String, @Nullable Object> jsonEnd(RecoveryReport report) {
    return Json.object("phase", "end", "report", report);
  }

  /** The heads of the columns of {@link #text}. */
  public static String heads() {
    return line(List.of("LSN", "RECORD", "TX", "PAGE", "STEP", "WHY"));
  }

  /** A line of text, or the heading of a pass; columns as in {@link #heads}. */
  public String text() {
    if (step instanceof RestartStep.Begin begin) {
      return heading(begin);
    }
    return line(
        List.of(
            step instanceof RestartStep.OfStoredPage ? "-" : Long.toString(step.lsn()),
            word(record()),
            number(transactionId()),
            number(pageId()),
            step.rule().id(),
            step.why()));
  }

  private static String heading(RestartStep.Begin begin) {
    String name = begin.rule().phase().name();
    return begin.lsn() == begin.toLsn()
        ? name + ": " + begin.why()
        : name + " from LSN " + begin.lsn() + " to " + begin.toLsn() + ": " + begin.why();
  }

  private static String line(List<String> fields) {
    return String.join(
            "  ",
            Text.right(fields.get(0), 12),
            Text.left(fields.get(1), 17),
            Text.right(fields.get(2), 5),
            Text.right(fields.get(3), 6),
            Text.left(fields.get(4), 24),
            fields.get(5))
        .stripTrailing();
  }

  /** One JSON object; null where the step has no such member. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> line =
        Json.object(
            "phase",
            step.rule().phase().name().toLowerCase(Locale.ROOT),
            "step",
            step.rule().id(),
            "lsn",
            step.lsn(),
            "record",
            record().isEmpty() ? null : record(),
            "transaction",
            transactionId() == 0 ? null : transactionId(),
            "page",
            pageId() == 0 ? null : pageId());
    line.putAll(values());
    line.put("why", step.why());
    return line;
  }

  private Map<String, @Nullable Object> values() {
    return switch (step) {
      case RestartStep.Begin begin -> Json.object("toLsn", begin.toLsn());
      case RestartStep.OfTransaction of ->
          Json.object(
              "state", of.entry().state().name().toLowerCase(Locale.ROOT),
              "firstLsn", of.entry().firstLsn(),
              "lastLsn", of.entry().lastLsn(),
              "undoNextLsn", of.entry().undoNextLsn());
      case RestartStep.OfPage of -> Json.object("recLsn", of.recLsn());
      case RestartStep.OfRedo of ->
          Json.object(
              "recLsn",
              of.recLsn() == 0 ? null : of.recLsn(),
              "pageLsn",
              wasLookedAt(of) ? readable(of.pageLsn()) : null,
              "prevPageLsn",
              of.prevPageLsn(),
              "format",
              of.format());
      case RestartStep.OfStoredPage of ->
          of.rule() == RestartRule.REBUILT || of.rule() == RestartRule.REBUILT_FOR_UNDO
              ? Json.object("firstLsn", of.fromLsn())
              : Json.object("storedPageLsn", readable(of.fromLsn()));
      case RestartStep.OfUndo of ->
          Json.object("undoNextLsn", of.record().isEmpty() ? null : of.undoNextLsn());
    };
  }

  private static boolean wasLookedAt(RestartStep.OfRedo of) {
    return switch (of.rule()) {
      case APPLIED, SKIPPED_PAGE_LSN, SET_ASIDE -> true;
      default -> false;
    };
  }

  private static @Nullable Long readable(long pageLsn) {
    return pageLsn == RestartStep.UNREADABLE ? null : pageLsn;
  }

  private String record() {
    return switch (step) {
      case RestartStep.OfTransaction of -> of.record();
      case RestartStep.OfPage of -> of.record();
      case RestartStep.OfRedo of -> of.record();
      case RestartStep.OfUndo of -> of.record();
      case RestartStep.Begin _, RestartStep.OfStoredPage _ -> "";
    };
  }

  private long transactionId() {
    return switch (step) {
      case RestartStep.OfTransaction of -> of.entry().transactionId();
      case RestartStep.OfRedo of -> of.transactionId();
      case RestartStep.OfUndo of -> of.transactionId();
      case RestartStep.OfPage _, RestartStep.Begin _, RestartStep.OfStoredPage _ -> 0;
    };
  }

  private long pageId() {
    return switch (step) {
      case RestartStep.OfPage of -> of.pageId();
      case RestartStep.OfRedo of -> of.pageId();
      case RestartStep.OfStoredPage of -> of.pageId();
      case RestartStep.OfUndo of -> of.pageId();
      case RestartStep.OfTransaction _, RestartStep.Begin _ -> 0;
    };
  }

  private static String number(long value) {
    return value == 0 ? "-" : Long.toString(value);
  }

  private static String word(String text) {
    return text.isEmpty() ? "-" : text;
  }
}
