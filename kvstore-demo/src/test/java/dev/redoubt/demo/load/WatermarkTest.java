package dev.redoubt.demo.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatermarkTest {
  private final List<Long> told = new ArrayList<>();
  private final Watermark watermark = new Watermark((lines, entries) -> told.add(lines));

  @Test
  void batchesInOrderMoveItOnAtOnce() {
    watermark.finished(batch(0, 10, 3), 0);
    watermark.finished(batch(1, 25, 4), 1);
    assertEquals(List.of(10L, 25L), told);
    assertEquals(6, watermark.entries());
    assertEquals(1, watermark.skipped());
    assertEquals(2, watermark.transactions());
  }

  @Test
  void batchAheadOfAnEarlierOneLeavesItWhereItIs() {
    watermark.finished(batch(1, 20, 1), 0);
    watermark.finished(batch(2, 30, 1), 0);
    assertEquals(List.of(0L, 0L), told);
    watermark.finished(batch(0, 10, 1), 0);
    assertEquals(List.of(0L, 0L, 30L), told);
    assertEquals(30, watermark.lines());
  }

  private static Batch batch(long sequence, long lastLine, int size) {
    Batch batch = new Batch(sequence);
    for (int i = 0; i < size; i++) {
      batch.add(new Batch.Line(i + 1, "k" + i, "v"));
    }
    batch.read(lastLine);
    return batch;
  }
}
