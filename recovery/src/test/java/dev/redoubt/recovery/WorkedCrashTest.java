package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.recovery.RecoveryListener.Phase;
import dev.redoubt.wal.Log;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Holds every number of {@code docs/recovery.md} against the crash that is shipped. When the format
 * of a record changes, make crash and tables anew, and read the page again:
 *
 * <pre>
 * mvn -o -q -Dquick -pl recovery -am test -Dtest=WorkedCrashTest -Dredoubt.regenerate=true \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class WorkedCrashTest {
  private static final Path PAGE = Path.of("../docs/recovery.md");
  private static final Path RESOURCES = Path.of("src/test/resources/dev/redoubt/recovery");
  private static final boolean REGENERATE = Boolean.getBoolean("redoubt.regenerate");

  /** Bytes of the memory on each page. */
  private static final int BYTES_A_PAGE = 4064;

  private final List<RestartStep> steps = new ArrayList<>();
  private final List<LogEntry> log = new ArrayList<>();
  private Map<String, byte[]> files = Map.of();
  private long endLsn;

  @BeforeEach
  void readTheCrash() throws IOException {
    if (REGENERATE) {
      Files.createDirectories(RESOURCES);
      try (OutputStream to = Files.newOutputStream(RESOURCES.resolve(WorkedCrash.RESOURCE))) {
        WorkedCrash.zip(WorkedCrash.files(WorkedCrash.make()), to);
      }
    }
    files = REGENERATE ? WorkedCrash.files(WorkedCrash.make()) : WorkedCrash.shipped();
    RecoveryReport report =
        DryRun.run(
            WorkedCrash.disk(files), new FixedEnvironment(), WorkedCrash.OPTIONS.log(), steps::add);
    endLsn = report.endLsn();
    try (Inspection inspection =
        Inspection.open(WorkedCrash.disk(files), new FixedEnvironment(), List.of())) {
      inspection.dump().forEach(0, entry -> log.add(entry));
    }
    // What comes before made the store and the memory.
    log.removeIf(entry -> entry.lsn() < firstLsn());
  }

  /** Transaction 1 made the memory. */
  private long firstLsn() {
    return log.stream()
        .filter(entry -> entry.transactionId() == 2)
        .mapToLong(LogEntry::lsn)
        .min()
        .orElseThrow();
  }

  @Test
  void theShippedCrashIsWhatTheRunMakes() {
    Map<String, byte[]> made = WorkedCrash.files(WorkedCrash.make());
    assertEquals(made.keySet(), files.keySet());
    made.forEach(
        (name, bytes) ->
            assertArrayEquals(
                bytes,
                files.get(name),
                name + " has changed; see the comment of this class for how to make it anew"));
  }

  @Test
  void everyTableOfThePageIsThatOfTheCrash() throws IOException {
    String page = Files.readString(PAGE);
    for (Map.Entry<String, List<String>> table : tables().entrySet()) {
      String begin = "<!-- " + table.getKey() + " -->\n";
      String end = "\n<!-- end -->";
      int from = page.indexOf(begin);
      assertTrue(from >= 0, "no table " + table.getKey());
      int to = page.indexOf(end, from);
      String wanted = String.join("\n", table.getValue());
      if (REGENERATE) {
        page = page.substring(0, from) + begin + wanted + page.substring(to);
      } else {
        assertEquals(wanted, page.substring(from + begin.length(), to), table.getKey());
      }
    }
    if (REGENERATE) {
      Files.writeString(PAGE, page);
    }
  }

  /** Outside of the tables records go by their numbers, which are those of the first table. */
  @Test
  void theTextNamesRecordsByTheirNumbersOnly() throws IOException {
    String page = Files.readString(PAGE);
    String text =
        page.lines().filter(line -> !line.startsWith("|")).collect(Collectors.joining("\n"));
    assertEquals(List.of(), matches("\\d{5,}", text), "an LSN in the text");
    List<String> numbers = matches("[Rr]ecords? (\\d+)", text);
    assertTrue(numbers.size() > 5, numbers.toString());
    numbers.forEach(number -> assertTrue(Integer.parseInt(number) <= log.size(), number));
    List<String> claims =
        List.of(
            "record " + number(RestartRule.SKIPPED_NOT_DIRTY) + " is skipped by the first test",
            "record " + number(RestartRule.SKIPPED_REC_LSN) + " by the second",
            "record " + number(RestartRule.SKIPPED_PAGE_LSN) + " by the third",
            "begins with record " + number("begin-checkpoint", 0),
            "as record " + number("abort", 4) + " says",
            "record " + number("clr", 4) + ", a CLR, has undone record 13",
            "Record 13 is not undone again: record " + number("clr", 4),
            "Record " + number("commit", 5) + " is a commit");
    LogEntry undone = log.get(13 - 1);
    assertEquals("update", undone.type());
    assertEquals(4, undone.transactionId());
    LogEntry clr = log.get(Integer.parseInt(number("clr", 4)) - 1);
    assertEquals(undone.prevLsn(), clr.undoNextLsn());
    String flat = text.replaceAll("\\s+", " ");
    claims.forEach(claim -> assertTrue(flat.contains(claim), claim));
  }

  private static List<String> matches(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(match -> match.groupCount() > 0 ? match.group(1) : match.group())
        .toList();
  }

  /** The record that the rule fires on first. */
  private String number(RestartRule rule) {
    return steps.stream()
        .filter(step -> step.rule() == rule)
        .findFirst()
        .map(step -> number(step.lsn()))
        .orElse("none");
  }

  @Test
  void restartOfTheCrashLeavesWhatThePageSays() {
    try (Engine engine = WorkedCrash.open(WorkedCrash.disk(files))) {
      RecoverableMemory memory = RecoverableMemory.open(engine, "accounts", 4L * BYTES_A_PAGE);
      MemorySegment all = MemorySegment.ofArray(new byte[4 * BYTES_A_PAGE]);
      memory.read(0, all);
      byte[] wanted = new byte[4 * BYTES_A_PAGE];
      Arrays.fill(wanted, BYTES_A_PAGE, BYTES_A_PAGE + 2, (byte) 12); // t3, page 4
      Arrays.fill(wanted, 2 * BYTES_A_PAGE, 2 * BYTES_A_PAGE + 2, (byte) 13); // t3, page 5
      Arrays.fill(wanted, 2 * BYTES_A_PAGE + 16, 2 * BYTES_A_PAGE + 18, (byte) 18); // t5
      assertEquals(-1, all.mismatch(MemorySegment.ofArray(wanted)));
    }
  }

  /** The last record of this type of the transaction, 0 for none. */
  private String number(String type, long transactionId) {
    return number(
        log.stream()
            .filter(entry -> entry.type().equals(type) && entry.transactionId() == transactionId)
            .mapToLong(LogEntry::lsn)
            .max()
            .orElseThrow());
  }

  private Map<String, List<String>> tables() {
    Map<String, List<String>> tables = new LinkedHashMap<>();
    tables.put("the log", logTable());
    tables.put("analysis", stepTable(Phase.ANALYSIS));
    tables.putAll(tablesOfAnalysis());
    tables.put("redo", stepTable(Phase.REDO));
    tables.put("undo", stepTable(Phase.UNDO));
    tables.put("written", writtenTable());
    return tables;
  }

  private List<String> logTable() {
    List<String> rows =
        head(
            "no.",
            "LSN",
            "record",
            "transaction",
            "prevLSN",
            "undoNextLSN",
            "page",
            "prevPageLSN",
            "does");
    for (LogEntry entry : log) {
      rows.add(row(entry));
    }
    return rows;
  }

  private String row(LogEntry entry) {
    List<String> pages = entry.pages().stream().map(page -> "" + page.pageId()).toList();
    List<String> versions = entry.pages().stream().map(page -> "" + page.prevPageLsn()).toList();
    List<String> does = entry.pages().stream().map(LogEntry.Page::description).toList();
    return row(
        number(entry.lsn()),
        entry.lsn(),
        entry.type(),
        known(entry.transactionId()),
        known(entry.prevLsn()),
        entry.type().equals("clr") ? known(entry.undoNextLsn()) : "",
        String.join(", ", pages),
        String.join(", ", versions),
        entry.type().equals("checkpoint-tables") ? "" : String.join(", ", does));
  }

  private List<String> stepTable(Phase phase) {
    List<String> rows = head("record", "LSN", "type", "about", "step", "why");
    for (RestartStep step : steps) {
      if (step.rule().phase() == phase && !(step instanceof RestartStep.Begin)) {
        boolean whole =
            step instanceof RestartStep.OfStoredPage
                || (step instanceof RestartStep.OfUndo undo && undo.record().isEmpty());
        rows.add(
            row(
                whole ? "" : number(step.lsn()),
                whole ? "" : step.lsn(),
                type(step),
                about(step),
                step.rule().id(),
                step.why()));
      }
    }
    return rows;
  }

  private static String type(RestartStep step) {
    return switch (step) {
      case RestartStep.OfTransaction of -> of.record();
      case RestartStep.OfPage of -> of.record();
      case RestartStep.OfRedo of -> of.record();
      case RestartStep.OfUndo of -> of.record();
      case RestartStep.Begin _, RestartStep.OfStoredPage _ -> "";
    };
  }

  private static String about(RestartStep step) {
    return switch (step) {
      case RestartStep.OfTransaction of -> "transaction " + of.entry().transactionId();
      case RestartStep.OfPage of -> "page " + of.pageId();
      case RestartStep.OfRedo of -> "page " + of.pageId();
      case RestartStep.OfStoredPage of -> "page " + of.pageId();
      case RestartStep.OfUndo of -> "transaction " + of.transactionId();
      case RestartStep.Begin _ -> "";
    };
  }

  private Map<String, List<String>> tablesOfAnalysis() {
    List<String> transactions = head("transaction", "state", "firstLSN", "lastLSN", "undoNextLSN");
    List<String> pages = head("page", "recLSN");
    try (Log read =
        Log.openReadOnly(
            WorkedCrash.disk(files), new FixedEnvironment(), WorkedCrash.OPTIONS.log())) {
      AnalysisResult result = new Analysis(read, RecoveryMeter.NONE).run();
      for (TransactionEntry entry : result.transactions()) {
        transactions.add(
            row(
                entry.transactionId(),
                entry.state().name().toLowerCase(Locale.ROOT),
                entry.firstLsn(),
                entry.lastLsn(),
                known(entry.undoNextLsn())));
      }
      for (DirtyPage page : result.dirtyPages().entries()) {
        pages.add(row(page.pageId(), page.recLsn()));
      }
    }
    return Map.of("transaction table", transactions, "dirty page table", pages);
  }

  /** What a real restart of the crash writes, but for its checkpoint. */
  private List<String> writtenTable() {
    List<String> rows =
        head("LSN", "record", "transaction", "prevLSN", "undoNextLSN", "page", "prevPageLSN");
    Engine engine = WorkedCrash.open(WorkedCrash.disk(files));
    for (LogEntry entry : Engines.records(engine)) {
      if (entry.lsn() >= endLsn && entry.transactionId() != 0) {
        LogEntry.Page page = entry.pages().isEmpty() ? null : entry.pages().getFirst();
        rows.add(
            row(
                entry.lsn(),
                entry.type(),
                entry.transactionId(),
                entry.prevLsn(),
                entry.type().equals("clr") ? known(entry.undoNextLsn()) : "",
                page == null ? "" : page.pageId(),
                page == null ? "" : page.prevPageLsn()));
      }
    }
    engine.abandon();
    return rows;
  }

  private String number(long lsn) {
    for (int i = 0; i < log.size(); i++) {
      if (log.get(i).lsn() == lsn) {
        return Integer.toString(i + 1);
      }
    }
    return "";
  }

  private static String known(long value) {
    return value == 0 ? "none" : Long.toString(value);
  }

  private static List<String> head(String... names) {
    List<String> rows = new ArrayList<>();
    rows.add(row((Object[]) names));
    rows.add("|" + "---|".repeat(names.length));
    return rows;
  }

  private static String row(Object... cells) {
    return Arrays.stream(cells)
        .map(cell -> String.valueOf(cell).isEmpty() ? " " : " " + cell + " ")
        .collect(Collectors.joining("|", "|", "|"));
  }
}
