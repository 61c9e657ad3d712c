package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.wal.EndOfLog.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The decision table of {@code docs/format-log.md}, section 6, row by row, and nothing left out.
 */
final class EndOfLogTest {
  private record Row(Fault fault, boolean below, boolean later, Verdict verdict) {}

  private static List<Row> table() {
    List<Row> rows = new ArrayList<>();
    for (boolean below : new boolean[] {false, true}) {
      for (boolean later : new boolean[] {false, true}) {
        rows.add(new Row(Fault.HEADER_FOREIGN, below, later, Verdict.FOREIGN));
        rows.add(new Row(Fault.FILE_SHORT, below, later, Verdict.CUT_SHORT));
        rows.add(new Row(Fault.SEGMENT_LOST, below, later, Verdict.MISSING));
        rows.add(new Row(Fault.HEADER_MISPLACED, below, later, Verdict.MISPLACED));
        rows.add(new Row(Fault.HEADER_VERSION, below, later, Verdict.UNSUPPORTED));
        rows.add(
            new Row(
                Fault.SEGMENT_MISSING,
                below,
                later,
                below || later ? Verdict.MISSING : Verdict.END));
        for (Fault fault :
            List.of(
                Fault.HEADER_MAGIC,
                Fault.HEADER_CHECKSUM,
                Fault.HEADER_UNUSED,
                Fault.HEADER_PREDECESSOR,
                Fault.BATCH_MAGIC,
                Fault.BATCH_STORE,
                Fault.BATCH_LSN,
                Fault.BATCH_LENGTH,
                Fault.BATCH_CHECKSUM,
                Fault.BATCH_FRAMES,
                Fault.BATCH_SEQUENCE,
                Fault.BATCH_PREDECESSOR,
                Fault.BATCH_EPOCH)) {
          rows.add(new Row(fault, below, later, below ? Verdict.CORRUPT : Verdict.END));
        }
      }
    }
    return rows;
  }

  @Test
  void everyCombinationHasTheVerdictOfTheTable() {
    for (Row row : table()) {
      assertEquals(
          row.verdict(), EndOfLog.decide(row.fault(), row.below(), row.later()), row.toString());
    }
  }

  @Test
  void theTableHasEveryCombinationOnce() {
    long distinct =
        table().stream().map(r -> r.fault() + "/" + r.below() + r.later()).distinct().count();
    assertEquals(Fault.values().length * 4, table().size());
    assertEquals(table().size(), distinct);
  }
}
