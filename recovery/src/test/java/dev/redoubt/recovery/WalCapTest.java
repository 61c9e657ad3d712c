package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.LogHolder;
import dev.redoubt.wal.LogOptions;
import dev.redoubt.wal.LogStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The retained log stays within its cap, and whoever is in the way is told (rule 5). */
@org.junit.jupiter.api.Timeout(
    value = 300,
    threadMode = org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD)
class WalCapTest {
  static final long CAP = 512 << 10;

  static final EngineOptions CAPPED =
      Engines.SMALL
          .withLog(
              LogOptions.defaults()
                  .withSegmentBytes(64 << 10)
                  .withBuffers(2, 16 << 10)
                  .withDirectIo(false))
          .withMaxWalBytes(CAP);

  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();
  private final Engine engine = Engines.open(disk, CAPPED);
  private final long page = cells.makePage(engine);

  static long retained(Engine engine) {
    LogStats stats = engine.log().stats();
    return stats.endLsn() - stats.startLsn() + stats.reservedBytes();
  }

  private void checkCap() {
    assertTrue(retained(engine) <= CAP, () -> "retained " + retained(engine));
  }

  private void set(Transaction transaction, int cell, long value) {
    transaction.reserve(64);
    cells.set(engine, transaction, page, cell, value);
    checkCap();
  }

  /** Commits often enough to write more log than the cap takes, twice. */
  private void workPastTheCap() {
    long until = engine.log().endLsn() + 2 * CAP;
    for (int i = 0; engine.log().endLsn() < until; i++) {
      Transaction transaction = engine.begin();
      set(transaction, 1, i);
      Engines.commit(engine, transaction);
      checkCap();
    }
  }

  @Test
  void structureChangesAreRefusedBeyondTheCapAndUndoIsNot() {
    Transaction transaction = engine.begin();
    set(transaction, 1, 7);
    List<ChangeRoom> rooms = new ArrayList<>();
    assertThrows(
        WalCapException.class,
        () -> {
          while (true) {
            rooms.add(engine.structureSpace().room(1));
            checkCap();
          }
        });
    assertTrue(rooms.size() > 10, () -> rooms.size() + " rooms");
    try (ChangeRoom ofUndo = engine.slack().room(1)) {
      checkCap(); // it was set aside from the start
      ofUndo.require(4096);
    }
    transaction.rollback();
    rooms.forEach(ChangeRoom::close);
    engine.structureSpace().room(1).close();
  }

  @Test
  void changeBeyondItsRoomIsRefusedBeforeTheAppend() {
    long end = engine.log().endLsn();
    AtomicChange change = new AtomicChange();
    try (ChangeRoom room = engine.structureSpace().room(1);
        PageGuard guard = engine.pool().exclusive(page)) {
      change.on(guard, cells).putBytes(new byte[9000]);
      assertThrows(IllegalArgumentException.class, () -> engine.change(change, room));
    }
    assertEquals(end, engine.log().endLsn());
    assertTrue(!engine.log().gate().isHalted());
  }

  /** Updates until the cap refuses; returns how many went through. */
  private int fill(Transaction transaction) {
    int done = 0;
    while (true) {
      try {
        set(transaction, 2 + done % 300, done + 1L);
        done++;
      } catch (TransactionTooLargeException full) {
        assertTrue(String.valueOf(full.getMessage()).contains("" + CAP), full.getMessage());
        assertTrue(String.valueOf(full.getMessage()).contains("transaction " + transaction.id()));
        return done;
      }
    }
  }

  @Test
  void commitsGoOnForEverWithinTheCapAndCheckpointsMakeRoom() {
    workPastTheCap();
    workPastTheCap();
    assertTrue(engine.stats().checkpoints() > 4, "" + engine.stats().checkpoints());
    engine.close();
  }

  @Test
  void idleTransactionThatPinsTheLogIsRolledBackAndItsOwnerIsTold() {
    Transaction idle = engine.begin();
    set(idle, 0, 77);
    AtomicInteger ended = new AtomicInteger();
    idle.onEnd(ended::incrementAndGet);
    workPastTheCap();
    assertEquals(Transaction.State.ENDED, idle.state());
    assertEquals(1, ended.get());
    assertEquals(0, Cells.get(engine, page, 0));
    TransactionDoomedException told =
        assertThrows(TransactionDoomedException.class, () -> set(idle, 0, 78));
    assertTrue(told.isRetryable());
    assertThrows(TransactionDoomedException.class, idle::commit);
    idle.rollback();
    idle.rollback();
    Transaction again = engine.begin();
    set(again, 0, 78);
    Engines.commit(engine, again);
    engine.close();
  }

  @Test
  void transactionThatAloneBreaksTheCapIsToldAndCanBeRolledBack() {
    Transaction large = engine.begin();
    int done = fill(large);
    assertTrue(done > 1000, "updates: " + done);
    assertEquals(Transaction.State.ACTIVE, large.state());
    large.rollback();
    checkCap();
    for (int cell = 2; cell < 302; cell++) {
      assertEquals(0, Cells.get(engine, page, cell));
    }
    workPastTheCap();
    engine.close();
  }

  @Test
  void transactionThatAloneBreaksTheCapCanCommitWhatItHas() {
    Transaction large = engine.begin();
    int done = fill(large);
    Engines.commit(engine, large);
    checkCap();
    workPastTheCap();
    assertEquals(done, Cells.get(engine, page, 2 + (done - 1) % 300));
    engine.close();
  }

  @Test
  void rollbackAtTheCapNeverWaitsAndACheckpointFitsToo() {
    Transaction large = engine.begin();
    fill(large);
    engine.checkpoint();
    checkCap();
    large.rollback();
    checkCap();
    engine.checkpoint();
    checkCap();
    assertTrue(retained(engine) < CAP / 2, "" + retained(engine));
    engine.close();
  }

  @Test
  void largeTransactionDoesNotDragSmallOnesDown() {
    Transaction small = engine.begin();
    set(small, 0, 5);
    Transaction large = engine.begin();
    TransactionTooLargeException refused =
        assertThrows(TransactionTooLargeException.class, () -> large.reserve(CAP));
    assertEquals("transaction-too-large", refused.code());
    assertEquals(Transaction.State.ACTIVE, small.state());
    Engines.commit(engine, small);
    large.rollback();
    engine.close();
  }

  @Test
  void oldTransactionThatAsksItselfIsDoomedNotTooLarge() {
    Transaction old = engine.begin();
    set(old, 0, 5);
    // Others go on until the log is nearly full, and then it is the old one that asks.
    while (retained(engine) < CAP - (64 << 10) - (24 << 10)) {
      Transaction other = engine.begin();
      set(other, 1, 1);
      Engines.commit(engine, other);
    }
    assertEquals(Transaction.State.ACTIVE, old.state());
    assertThrows(
        TransactionDoomedException.class,
        () -> {
          for (int i = 0; i < 10_000; i++) {
            set(old, 0, i);
          }
        });
    old.rollback();
    assertEquals(0, Cells.get(engine, page, 0));
    workPastTheCap();
    engine.close();
  }

  @Test
  void slotThatAgreedIsDroppedAndOthersAreNamed() {
    AtomicBoolean told = new AtomicBoolean();
    LogHolder slot = engine.log().hold("slot of a follower", engine.log().startLsn());
    slot.droppable(() -> told.set(true));
    workPastTheCap();
    assertTrue(told.get());
    LogHolder stubborn = engine.log().hold("cursor of somebody", engine.log().startLsn());
    WalCapException refused = assertThrows(WalCapException.class, this::workPastTheCap);
    assertTrue(
        String.valueOf(refused.getMessage()).contains("cursor of somebody"), refused.getMessage());
    assertTrue(refused.isRetryable());
    checkCap();
    stubborn.close();
    workPastTheCap();
    engine.close();
  }

  @Test
  void logOfAQuarantinedPageIsNamedAtTheCapAndGoesWhenThePageIsWhole() {
    long bad = page + 1000;
    engine
        .quarantine()
        .add(bad, Math.max(1, engine.log().startLsn()), 0, new CorruptionException("damaged"));
    WalCapException refused = assertThrows(WalCapException.class, this::workPastTheCap);
    assertTrue(String.valueOf(refused.getMessage()).contains("quarantine"), refused.getMessage());
    checkCap();
    assertTrue(Cells.get(engine, page, 1) > 0, "reading goes on");
    engine.quarantine().remove(bad);
    workPastTheCap();
    engine.close();
  }

  @Test
  void preparedTransactionMayKeepTheLogBeyondTheCap() {
    Transaction branch = engine.begin();
    for (int cell = 2; cell < 302; cell++) { // more than is worth copying forward at once
      for (int i = 0; i < 4; i++) {
        set(branch, cell, i);
      }
    }
    set(branch, 0, 9);
    branch.prepare(new byte[] {1}, new byte[0]);
    long until = engine.log().endLsn() + 2 * CAP;
    long most = 0;
    while (engine.log().endLsn() < until) {
      Transaction other = engine.begin();
      other.reserve(64);
      cells.set(engine, other, page, 1, 1);
      Engines.commit(engine, other);
      most = Math.max(most, retained(engine));
    }
    assertTrue(most > CAP);
    assertEquals(Transaction.State.PREPARED, branch.state());
    Engines.commit(engine, branch);
    Transaction next = engine.begin();
    next.reserve(64);
    checkCap();
    next.rollback();
    assertEquals(9, Cells.get(engine, page, 0));
    workPastTheCap();
    engine.close();
  }

  @Test
  void transactionInANestedTopActionIsNotRolledBackUnderItsLatches() {
    Transaction nested = engine.begin();
    set(nested, 0, 5);
    NestedTopAction action = nested.nestedTopAction();
    WalCapException refused = assertThrows(WalCapException.class, this::workPastTheCap);
    assertTrue(
        String.valueOf(refused.getMessage()).contains("transaction " + nested.id()),
        refused.getMessage());
    assertThrows(TransactionDoomedException.class, action::end);
    nested.rollback();
    workPastTheCap();
    engine.close();
  }

  @Test
  void whatWasDoomedStaysUndoneAfterACrash() {
    Transaction idle = engine.begin();
    set(idle, 0, 77);
    workPastTheCap();
    engine.abandon();
    Engine again = Engines.open(disk.afterPowerLoss(), CAPPED);
    assertEquals(0, Cells.get(again, page, 0));
    assertTrue(retained(again) <= CAP);
    again.close();
  }

  @Test
  void storeThatWasOpenedWithALargerCapComesBackUnderASmallerOne() {
    engine.close();
    Engine large = Engines.open(disk, CAPPED.withMaxWalBytes(8 * CAP));
    Transaction idle = large.begin();
    idle.reserve(64);
    cells.set(large, idle, page, 0, 1);
    long until = large.log().endLsn() + 4 * CAP;
    while (large.log().endLsn() < until) {
      Transaction other = large.begin();
      cells.set(large, other, page, 1, 1);
      Engines.commit(large, other);
    }
    assertFalse(retained(large) <= CAP);
    large.abandon();
    Engine small = Engines.open(disk.afterPowerLoss(), CAPPED);
    Transaction next = small.begin();
    next.reserve(64);
    assertTrue(retained(small) <= CAP, "" + retained(small));
    next.rollback();
    small.close();
  }

  @Test
  void capThatCannotWorkIsRefusedWithTheReason() {
    engine.close();
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Engines.open(disk, CAPPED.withMaxWalBytes(4 * (64 << 10))));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("maxWalBytes is 262144"),
        refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> CAPPED.withMaxWalBytes(0));
    Engines.open(disk, CAPPED).close();
  }
}
