package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransactionTest {
  private final Cells cells = Engines.CELLS;
  private MemoryDisk disk;
  private Engine engine;
  private long page;

  @BeforeEach
  void open() {
    disk = new MemoryDisk();
    engine = Engines.open(disk);
    page = cells.makePage(engine);
  }

  @AfterEach
  void crashAndVerify() {
    // Whatever a test leaves must survive process death and power loss alike.
    long committed = Cells.get(engine, page, 0);
    boolean active = engine.stats().activeTransactions() > 0;
    engine.log().forceAll();
    engine.abandon();
    for (MemoryDisk after : new MemoryDisk[] {disk.afterProcessDeath(), disk.afterPowerLoss()}) {
      try (Engine again = Engines.open(after)) {
        if (!active) {
          assertEquals(committed, Cells.get(again, page, 0));
        }
      }
    }
  }

  private void set(Transaction transaction, int cell, long value) {
    cells.set(engine, transaction, page, cell, value);
  }

  private long get(int cell) {
    return Cells.get(engine, page, cell);
  }

  @Test
  void rollbackBringsBackEveryValueNewestFirst() {
    Transaction first = engine.begin();
    set(first, 0, 1);
    Engines.commit(engine, first);
    Transaction second = engine.begin();
    set(second, 0, 2);
    set(second, 0, 3);
    set(second, 1, 4);
    second.rollback();
    assertEquals(1, get(0));
    assertEquals(0, get(1));
    assertEquals(Transaction.State.ENDED, second.state());
    assertEquals(3, Engines.count(engine, "clr", second.id()));
  }

  @Test
  void nestedSavepointsRollBackToEachDepth() {
    Transaction transaction = engine.begin();
    set(transaction, 0, 1);
    Savepoint outer = transaction.savepoint();
    set(transaction, 0, 2);
    Savepoint inner = transaction.savepoint();
    set(transaction, 0, 3);
    transaction.rollbackTo(inner);
    assertEquals(2, get(0));
    set(transaction, 0, 4);
    transaction.rollbackTo(inner);
    assertEquals(2, get(0));
    transaction.rollbackTo(outer);
    assertEquals(1, get(0));
    assertThrows(IllegalStateException.class, () -> transaction.rollbackTo(inner));
    set(transaction, 0, 5);
    transaction.rollbackTo(outer);
    assertEquals(1, get(0));
    Engines.commit(engine, transaction);
    assertEquals(1, get(0));
  }

  @Test
  void rollbackAfterPartialRollbackCompensatesEachUpdateOnce() {
    Transaction transaction = engine.begin();
    set(transaction, 0, 1);
    Savepoint savepoint = transaction.savepoint();
    set(transaction, 0, 2);
    set(transaction, 0, 3);
    transaction.rollbackTo(savepoint);
    set(transaction, 0, 4);
    transaction.rollback();
    assertEquals(0, get(0));
    assertEquals(4, Engines.count(engine, "clr", transaction.id()));
  }

  @Test
  void savepointOfAnotherTransactionIsRefused() {
    Transaction one = engine.begin();
    Transaction two = engine.begin();
    assertThrows(IllegalArgumentException.class, () -> two.rollbackTo(one.savepoint()));
    one.rollback();
    two.rollback();
  }

  @Test
  void nestedTopActionSurvivesTheRollback() {
    Transaction transaction = engine.begin();
    set(transaction, 0, 1);
    NestedTopAction outer = transaction.nestedTopAction();
    set(transaction, 1, 2);
    NestedTopAction inner = transaction.nestedTopAction();
    set(transaction, 2, 3);
    assertThrows(IllegalStateException.class, outer::end);
    inner.end();
    outer.end();
    set(transaction, 3, 4);
    transaction.rollback();
    assertEquals(0, get(0));
    assertEquals(2, get(1));
    assertEquals(3, get(2));
    assertEquals(0, get(3));
  }

  @Test
  void openNestedTopActionIsUndoneByRollback() {
    Transaction transaction = engine.begin();
    NestedTopAction ended = transaction.nestedTopAction();
    set(transaction, 0, 1);
    ended.end();
    NestedTopAction unused = transaction.nestedTopAction();
    assertThrows(IllegalStateException.class, transaction::commit);
    set(transaction, 1, 2);
    transaction.rollback();
    assertEquals(1, get(0));
    assertEquals(0, get(1));
    assertThrows(IllegalStateException.class, unused::end);
  }

  @Test
  void transactionThatWroteNothingLogsNothing() {
    long end = engine.log().endLsn();
    Transaction reader = engine.begin();
    assertEquals(0, reader.commit());
    reader.end();
    engine.begin().rollback();
    assertEquals(end, engine.log().endLsn());
    assertEquals(0, engine.stats().activeTransactions());
  }

  @Test
  void useAfterTheEndIsRefused() {
    Transaction transaction = engine.begin();
    set(transaction, 0, 1);
    Engines.commit(engine, transaction);
    assertThrows(IllegalStateException.class, () -> set(transaction, 0, 2));
    assertThrows(IllegalStateException.class, transaction::rollback);
    assertThrows(IllegalStateException.class, transaction::commit);
    assertThrows(IllegalStateException.class, transaction::end);
    assertThrows(IllegalStateException.class, transaction::savepoint);
    assertThrows(IllegalStateException.class, transaction::nestedTopAction);
    assertEquals(1, get(0));
  }

  @Test
  void secondThreadInsideOneTransactionIsRefused() throws InterruptedException {
    Transaction transaction = engine.begin();
    AtomicReference<Throwable> seen = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    transaction.onEnd(
        () -> {
          // We are inside rollback here: the other thread comes meanwhile.
          Thread other =
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          transaction.savepoint();
                        } catch (IllegalStateException e) {
                          seen.set(e);
                        }
                        done.countDown();
                      });
          try {
            done.await();
            other.join();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    transaction.rollback();
    assertTrue(String.valueOf(seen.get()).contains("another thread"), "" + seen.get());
  }

  @Test
  void endActionsRunOnceWhenTheTransactionIsOver() {
    AtomicInteger ran = new AtomicInteger();
    Transaction transaction = engine.begin();
    set(transaction, 0, 7);
    transaction.onEnd(ran::incrementAndGet);
    transaction.commit();
    assertEquals(0, ran.get());
    transaction.end();
    assertEquals(1, ran.get());
  }

  @Test
  void allocationInATransactionIsFreedByItsRollback() {
    long before = engine.space().allocatedPages();
    Transaction transaction = engine.begin();
    long made = cells.makePage(engine, transaction);
    assertTrue(engine.space().isAllocated(made));
    transaction.rollback();
    assertFalse(engine.space().isAllocated(made));
    assertEquals(before, engine.space().allocatedPages());
    assertEquals(made, engine.space().reserve());
  }

  @Test
  void recordThatIsTooLongChangesNothing() {
    Transaction transaction = engine.begin();
    AtomicChange change = new AtomicChange();
    try (var guard = engine.pool().exclusive(page)) {
      change.on(guard, cells).putByte(2).putBytes(new byte[100_000]);
      assertThrows(RecordTooLargeException.class, () -> transaction.update(change, cells));
    }
    assertEquals(0, transaction.lastLsn());
    set(transaction, 0, 9);
    Engines.commit(engine, transaction);
    assertEquals(9, get(0));
  }

  @Test
  void failureWhileApplyingHaltsTheEngine() {
    Transaction transaction = engine.begin();
    AtomicChange change = new AtomicChange();
    try (var guard = engine.pool().exclusive(page)) {
      change.on(guard, cells).putByte(2).putVarint(100_000).putLong(1).putLong(0);
      assertThrows(
          dev.redoubt.io.EngineHaltedException.class, () -> transaction.update(change, cells));
    }
    assertTrue(engine.log().gate().isHalted());
    assertThrows(dev.redoubt.io.EngineHaltedException.class, engine::begin);
    // The record is in the ring only; a new store takes the place of this one for the checks.
    engine.abandon();
    open();
  }
}
