package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A record read in place tells what decoding it does, and refuses what decoding refuses. */
class RecordsInPlaceTest {
  private static final long LSN = 1L << 40;

  private final SplittableRandom random = new SplittableRandom(11);
  private final RecordView view = new RecordView();

  /** Numbers of all lengths, so that heads end before, at and behind any place. */
  private long number(long bound) {
    return 1 + random.nextLong(Math.min(bound, 1L << random.nextInt(1, 40)));
  }

  private List<LogRecord.PageChange> changes() {
    List<LogRecord.PageChange> changes = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      byte[] body = new byte[random.nextInt(random.nextInt(8) == 0 ? 3000 : 20)];
      random.nextBytes(body);
      changes.add(
          new LogRecord.PageChange(
              1 + random.nextInt(255),
              number(Long.MAX_VALUE),
              number(LSN),
              random.nextBoolean(),
              MemorySegment.ofArray(body)));
    }
    return changes;
  }

  private LogRecord record() {
    long id = number(Long.MAX_VALUE);
    return switch (random.nextInt(5)) {
      case 0 -> new LogRecord.Clr(id, number(LSN), number(LSN), changes());
      case 1 -> new LogRecord.StructureChange(changes());
      case 2 -> new LogRecord.NestedTopActionEnd(id, number(LSN), number(LSN));
      case 3 -> new LogRecord.Commit(id, number(LSN));
      default ->
          new LogRecord.Update(
              id, number(LSN), 1 + random.nextInt(255), random.nextBoolean(), changes());
    };
  }

  private void compare(LogRecord record, MemorySegment payload) {
    view.read(payload, LSN);
    if (record instanceof LogRecord.OfTransaction own) {
      assertEquals(own.transactionId(), view.transactionId());
      assertEquals(own.prevLsn(), view.prevLsn());
    }
    if (record instanceof LogRecord.Clr clr) {
      assertEquals(clr.undoNextLsn(), view.undoNextLsn());
    }
    if (record instanceof LogRecord.Update update) {
      assertEquals(update.managerId(), view.managerId());
      assertEquals(update.nested(), view.isNested());
    }
    List<LogRecord.PageChange> changes =
        record instanceof LogRecord.Redoable redoable ? redoable.changes() : List.of();
    assertEquals(changes.size(), view.parts());
    for (int part = 0; part < changes.size(); part++) {
      LogRecord.PageChange change = changes.get(part);
      assertEquals(change.pageId(), view.pageId(part));
      assertEquals(change.prevPageLsn(), view.prevPageLsn(part));
      assertEquals(change.managerId(), view.managerAndFormat(part) >>> 1);
      assertEquals(change.body().byteSize(), view.bodyLength(part));
      MemorySegment body = payload.asSlice(view.bodyStart(part), view.bodyLength(part));
      assertEquals(-1, change.body().mismatch(body));
    }
  }

  @Test
  void whatIsReadInPlaceIsWhatDecodingTells() {
    for (int i = 0; i < 20_000; i++) {
      LogRecord record = record();
      compare(record, LogRecordCodec.encode(record));
    }
  }

  @Test
  void whatIsCutShortIsRefusedByBoth() {
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      MemorySegment whole = LogRecordCodec.encode(record());
      for (long length = 0; length < Math.min(200, whole.byteSize()); length++) {
        MemorySegment cut = whole.asSlice(0, length);
        assertThrows(CorruptionException.class, () -> LogRecordCodec.decode(cut, LSN));
        assertThrows(CorruptionException.class, () -> view.read(cut, LSN));
        refused++;
      }
    }
    assertTrue(refused > 10_000, "refused " + refused);
  }
}
