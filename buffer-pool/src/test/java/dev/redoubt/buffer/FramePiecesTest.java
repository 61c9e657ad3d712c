package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramePiecesTest {
  private static final int PAGE = 4096;
  private static final int FRAMES_IN_PIECE = (int) (FrameMemory.HUGE_BYTES / PAGE);

  @Test
  void everyLineAtBothEndsOfTheFrameIsRead() {
    FramePieces pieces = new FramePieces(5, PAGE, 4 * PAGE);
    assertEquals(0, pieces.touch(2)); // no memory yet
    MemorySegment piece = pieces.make(0, 4);
    for (int at = 0; at < PAGE; at += 64) {
      MemorySegment line = piece.asSlice(2 * PAGE + at, 64);
      line.fill((byte) 7);
      boolean atAnEnd = at < 256 || at >= PAGE - 64;
      assertEquals(atAnEnd ? 0x0707_0707_0707_0707L : 0, pieces.touch(2), "at " + at);
      assertEquals(0, pieces.touch(1));
      assertEquals(0, pieces.touch(3));
      line.fill((byte) 0);
    }
    assertEquals(0, pieces.touch(4)); // of a piece that is not made
  }

  @Test
  void aPageIsTouchedWhereItIsNow() {
    try (Fixture fixture = Fixture.of(16)) {
      for (long pageId = 1; pageId <= 40; pageId++) {
        fixture.create(pageId, 0);
      }
      Frames frames = fixture.pool.frames();
      for (long pageId = 1; pageId <= 40; pageId++) {
        long before;
        try (PageGuard _ = fixture.pool.shared(pageId)) { // 24 pages have gone, into other frames
          assertSame(frames.table.get(pageId), frames.at(frames.table.lastPlace(pageId)));
          before = PageTouch.ahead(fixture.pool, pageId);
        }
        try (PageGuard guard = fixture.pool.exclusive(pageId)) {
          guard.prepareChange();
          guard.page().set(PageLayout.LONG, 64, pageId);
          guard.changed(fixture.log.append());
          assertNotEquals(before, PageTouch.ahead(fixture.pool, pageId));
        }
      }
    }
  }

  @Test
  void anyPageIdWillDo() {
    try (Fixture fixture = Fixture.of(2 * FRAMES_IN_PIECE)) {
      for (long pageId : List.of(Long.MIN_VALUE, -1L, 0L, 1L, 4096L, 1L << 40, Long.MAX_VALUE)) {
        assertEquals(0, PageTouch.ahead(fixture.pool, pageId));
      }
    }
  }
}
