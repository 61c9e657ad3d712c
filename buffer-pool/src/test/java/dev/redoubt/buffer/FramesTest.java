package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class FramesTest {
  private static final int PAGE = 8192;
  private static final int IN_PIECE = (int) (FrameMemory.HUGE_BYTES / PAGE);

  @Test
  void memoryIsMadePieceByPieceWhenFramesAreFirstUsed() {
    Frames frames = new Frames(2 * IN_PIECE + 3, PAGE);
    for (int i = 0; i < frames.count(); i++) {
      assertFalse(frames.at(i).hasMemory());
    }
    frames.makeMemory(frames.at(IN_PIECE + 5));
    for (int i = 0; i < frames.count(); i++) {
      assertEquals(i / IN_PIECE == 1, frames.at(i).hasMemory());
    }
    frames.makeMemory(frames.at(frames.count() - 1)); // the last piece is short
    MemorySegment before = frames.at(IN_PIECE).page;
    frames.makeMemory(frames.at(IN_PIECE));
    assertSame(before, frames.at(IN_PIECE).page);
  }

  @Test
  void framesDoNotShareMemory() {
    Frames frames = new Frames(IN_PIECE + 1, PAGE);
    for (int i = 0; i < frames.count(); i++) {
      frames.makeMemory(frames.at(i));
      MemorySegment page = frames.at(i).page;
      assertEquals(PAGE, page.byteSize());
      assertEquals(0, page.address() % PageLayout.MIN_PAGE_BYTES);
      assertEquals(0, page.get(PageLayout.LONG, 0));
      page.fill((byte) i);
    }
    for (int i = 0; i < frames.count(); i++) {
      assertEquals((byte) i, frames.at(i).page.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals((byte) i, frames.at(i).page.get(ValueLayout.JAVA_BYTE, PAGE - 1));
    }
  }

  @Test
  void aPoolUsesMemoryForThePagesThatCameInOnly() {
    try (Fixture fixture = Fixture.of(100_000)) {
      fixture.create(1, 1);
      Frames frames = fixture.pool.frames();
      assertTrue(frames.at(0).hasMemory());
      assertFalse(frames.at(99_999).hasMemory());
    }
  }

  /** Tests are granted native access; where the system is another one there is nothing to see. */
  @Test
  void framesBeginAtHugePagesWhereThoseAreAskedFor() {
    Frames frames = new Frames(2 * IN_PIECE, PAGE);
    frames.makeMemory(frames.at(0));
    frames.makeMemory(frames.at(IN_PIECE));
    for (int piece = 0; piece < 2; piece++) {
      MemorySegment first = frames.at(piece * IN_PIECE).page;
      MemorySegment last = frames.at((piece + 1) * IN_PIECE - 1).page;
      assertEquals(FrameMemory.HUGE_BYTES - PAGE, last.address() - first.address());
      if (FrameMemory.isAdvised()) {
        assertEquals(0, first.address() % FrameMemory.HUGE_BYTES);
      }
      assertEquals(-1, first.mismatch(last), "both are zeros");
      last.fill((byte) 1);
    }
  }
}
