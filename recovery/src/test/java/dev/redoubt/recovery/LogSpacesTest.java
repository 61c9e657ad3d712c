package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.wal.LogOptions;
import dev.redoubt.wal.LogReservation;
import org.junit.jupiter.api.Test;

/** Rule 4: log space that outlives a transaction covers the next one, and is blamed on nobody. */
class LogSpacesTest {
  private static final int SEGMENT = 16 << 20;
  private static final long KEPT = SEGMENT / 4096;

  /** Abort and end, with their frames, at their longest. */
  private static final long END_RECORDS = 2 * (21 + LogSpace.FRAME_BYTES);

  /** What the accounts add for padding. */
  private static final long PADDING = 16 << 10;

  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  private Engine open() {
    return open(disk);
  }

  private static Engine open(MemoryDisk disk) {
    return Engines.open(
        disk,
        Engines.SMALL.withLog(
            LogOptions.defaults()
                .withSegmentBytes(SEGMENT)
                .withBuffers(2, 64 << 10)
                .withDirectIo(false)));
  }

  @Test
  void shortTransactionsTakeTurnsWithOneSpace() {
    try (Engine engine = open()) {
      long page = cells.makePage(engine);
      long before = engine.log().stats().reservedBytes();
      Transaction first = engine.begin();
      LogSpace space = first.space();
      first.reserve(100);
      cells.set(engine, first, page, 0, 1);
      Engines.commit(engine, first);
      for (int i = 0; i < 500; i++) {
        Transaction next = engine.begin();
        assertSame(space, next.space());
        assertEquals(0, next.space().ownBytes(), "what others have set aside");
        assertEquals(0, next.owedUndo());
        next.reserve(100);
        cells.set(engine, next, page, 0, i);
        assertEquals(1, next.owedUndo());
        Engines.commit(engine, next);
      }
      long kept = engine.log().stats().reservedBytes() - before;
      assertTrue(kept > 0 && kept <= KEPT + PADDING, kept + " bytes are kept");
    }
  }

  @Test
  void nobodyHasTheSpaceOfAnother() {
    try (Engine engine = open()) {
      Transaction one = engine.begin();
      LogSpace space = one.space();
      Transaction other = engine.begin();
      assertNotSame(space, other.space());
      one.commit();
      one.end();
      assertThrows(NullPointerException.class, one::space);
      assertThrows(IllegalStateException.class, () -> one.reserve(10));
      assertSame(space, engine.begin().space());
      assertEquals(0, one.owedUndo());
    }
  }

  /** Those who log nothing spend nothing: else the undo of the next one is not covered. */
  @Test
  void transactionsThatLogNothingLeaveWhatIsSetAsideToTheNext() {
    for (int empty = 60; empty < 80; empty++) {
      try (Engine engine = open(new MemoryDisk())) {
        long page = cells.makePage(engine);
        long before = engine.log().stats().reservedBytes();
        long padding;
        try (LogReservation one = engine.log().reserve(1)) {
          padding = engine.log().stats().reservedBytes() - before - one.remainingBytes();
        }
        Transaction first = engine.begin();
        first.reserve(100);
        cells.set(engine, first, page, 0, 1);
        Engines.commit(engine, first);
        for (int i = 0; i < empty; i++) {
          engine.begin().rollback();
        }
        Transaction next = engine.begin();
        next.reserve(100);
        cells.set(engine, next, page, 0, 2);
        long covered = engine.log().stats().reservedBytes() - before - padding;
        assertTrue(
            covered >= LogSpace.CLR_OVERHEAD + END_RECORDS,
            covered + " bytes for undo and end, after " + empty + " that logged nothing");
        Engines.commit(engine, next);
      }
    }
  }

  @Test
  void aLongTransactionGivesBackWhatItHasNotUsed() {
    try (Engine engine = open()) {
      long page = cells.makePage(engine);
      long before = engine.log().stats().reservedBytes();
      Transaction longOne = engine.begin();
      for (int i = 0; i < 2_000; i++) {
        longOne.reserve(100);
        cells.set(engine, longOne, page, 0, i);
      }
      assertTrue(longOne.space().ownBytes() > 2_000 * 150, "its updates and their undo");
      assertTrue(engine.log().stats().reservedBytes() - before > 2_000 * 100);
      Engines.commit(engine, longOne);
      long kept = engine.log().stats().reservedBytes() - before;
      assertTrue(kept <= KEPT + PADDING, kept + " bytes are kept");
      Transaction next = engine.begin();
      assertEquals(0, next.space().ownBytes());
      next.reserve(50_000);
      assertTrue(next.space().ownBytes() > 100_000 - KEPT, "what it has set aside itself");
      next.rollback();
    }
  }

  /** With segments so small nothing is kept: the accounts are as they were. */
  @Test
  void smallSegmentsAreNotKeptFromOthers() {
    try (Engine engine = Engines.open(disk)) {
      long page = cells.makePage(engine);
      long before = engine.log().stats().reservedBytes();
      Transaction transaction = engine.begin();
      transaction.reserve(100);
      cells.set(engine, transaction, page, 0, 1);
      Engines.commit(engine, transaction);
      assertEquals(before, engine.log().stats().reservedBytes());
    }
  }
}
