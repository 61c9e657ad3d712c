package dev.redoubt.demo.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.output.Json;
import dev.redoubt.recovery.LogEntry;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordViewTest {
  private static final LogEntry UPDATE =
      new LogEntry(300, 42, "update", 7, 100, 0, List.of(page(3, 90), page(4, 0)), "");
  private static final LogEntry CLR =
      new LogEntry(400, 42, "clr", 7, 300, 0, List.of(page(3, 300)), "");
  private static final LogEntry BEGIN =
      new LogEntry(500, 1, "begin-checkpoint", 0, 0, 0, List.of(), "");

  @Test
  void fieldsStandUnderTheirHeads() {
    String line = new RecordView(UPDATE).line();
    for (String head : List.of("TYPE", "PAGE@PREVPAGELSN", "DESCRIPTION")) {
      int column = RecordView.heads().indexOf(head);
      assertEquals(' ', line.charAt(column - 1));
      assertFalse(Character.isWhitespace(line.charAt(column)), head);
    }
    assertEquals("300 update 7 100 - 42 3@90,4@0 tree: put 3; tree: put 4", words(UPDATE));
  }

  @Test
  void onlyCompensationShowsWhereUndoGoesOn() {
    assertEquals("400 clr 7 300 0 42 3@300 tree: put 3", words(CLR));
    assertEquals("500 begin-checkpoint - - - 1 -", words(BEGIN));
  }

  @Test
  void manyPagesAreCountedInTextAndListedInJson() {
    List<LogEntry.Page> pages =
        LongStream.rangeClosed(1, 5).mapToObj(page -> page(page, page * 10)).toList();
    RecordView view = new RecordView(new LogEntry(1, 9, "structure-change", 0, 0, 0, pages, ""));
    assertTrue(view.line().contains("1@10,2@20,3@30,+2"), view.line());
    String json = Json.of(view.json());
    assertTrue(
        json.startsWith("{\"lsn\":1,\"type\":\"structure-change\",\"transaction\":null"), json);
    assertTrue(json.contains("{\"page\":5,\"prevPageLsn\":50,\"manager\":\"tree\","), json);
  }

  @Test
  void everyConditionOfAFilterMustHold() {
    assertTrue(filter(7L, 3L, "update", "clr").takes(UPDATE));
    assertTrue(filter(null, null).takes(BEGIN));
    assertFalse(filter(8L, null).takes(UPDATE));
    assertFalse(filter(7L, 5L).takes(UPDATE));
    assertFalse(filter(7L, 4L).takes(CLR));
    assertFalse(filter(7L, 3L, "commit").takes(CLR));
    assertFalse(filter(7L, null).takes(BEGIN));
  }

  private static LogFilter filter(
      @Nullable Long transaction, @Nullable Long page, String... types) {
    return new LogFilter(0, Long.MAX_VALUE, transaction, page, Set.of(types));
  }

  private static String words(LogEntry entry) {
    return new RecordView(entry).line().strip().replaceAll(" +", " ");
  }

  private static LogEntry.Page page(long pageId, long prevPageLsn) {
    return new LogEntry.Page(pageId, "tree", prevPageLsn, false, "put " + pageId);
  }
}
