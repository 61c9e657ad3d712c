package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The races of a fuzzy checkpoint, each forced to happen; each fails when its fix is taken out. */
class CheckpointRaceTest {
  /** Entries copied amid so many switches: a torn one shows within some hundreds. */
  private static final int SWITCHES = 500;

  /** So many where they come within {@link #LONGEST}. */
  private static final int MANY_SWITCHES = 20_000;

  private static final Duration LONGEST = Duration.ofSeconds(2);

  /** Switches of which at least one is copied. */
  private static final int AHEAD = 64;

  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  private static BackChain chain(long id, Engine engine, BackChain.Append append) {
    return new BackChain(id, new BackChain.Appending(engine.log(), append));
  }

  @Test
  void entryCopiedBehindTheAppendKnowsOfIt() throws InterruptedException {
    // Rule 11: commit appended, state still active, tables copied, crash: the winner is undone.
    try (Engine engine = Engines.open(disk)) {
      AtomicReference<BackChain> chain = new AtomicReference<>();
      AtomicReference<TransactionEntry> copied = new AtomicReference<>();
      List<Thread> copier = new ArrayList<>();
      chain.set(
          chain(
              7,
              engine,
              (bytes, start, length) -> {
                long lsn = engine.log().append(bytes, start, length);
                Thread thread = Thread.ofPlatform().start(() -> copied.set(chain.get().entry()));
                copier.add(thread);
                // The record is in the log; the copier has its entry now, or waits for the latch.
                while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
                  Thread.onSpinWait();
                }
                return lsn;
              }));
      long lsn = chain.get().append(new LogRecord.Commit(7, 0), Transaction.State.COMMITTED, 0);
      copier.getFirst().join();
      assertEquals(lsn, copied.get().lastLsn());
      assertEquals(Transaction.State.COMMITTED, copied.get().state());
    }
  }

  @Test
  void entryCopiedWhileAChainIsSwitchedIsWhollyTheOldOrTheNew() throws InterruptedException {
    // Rule 11: first LSN of the copies with undoNextLSN of the old chain: the log of that goes.
    try (Engine engine = Engines.open(disk)) {
      BackChain chain = chain(7, engine, engine.log()::append);
      MemorySegment none = MemorySegment.ofArray(new byte[0]);
      chain.move(new LogRecord.PrepareMoved(7, 1, 1, none, none));
      AtomicBoolean over = new AtomicBoolean();
      AtomicReference<TransactionEntry> torn = new AtomicReference<>();
      AtomicInteger seen = new AtomicInteger();
      Thread copier =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (long last = 0; !over.get(); ) {
                      TransactionEntry entry = chain.entry();
                      if (entry.firstLsn() != entry.undoNextLsn()) {
                        torn.set(entry);
                      }
                      if (entry.lastLsn() != last) {
                        seen.incrementAndGet();
                      }
                      last = entry.lastLsn();
                    }
                  });
      try {
        int before = 0;
        long end = System.nanoTime() + LONGEST.toNanos();
        for (long first = 2;
            torn.get() == null && seen.get() < (System.nanoTime() < end ? MANY_SWITCHES : SWITCHES);
            first++) {
          chain.move(new LogRecord.PrepareMoved(7, first, first, none, none));
          if (first % AHEAD == 0) { // a copier without a processor would let the log grow
            while (seen.get() == before && copier.isAlive()) {
              Thread.onSpinWait();
            }
            before = seen.get();
          }
        }
      } finally {
        over.set(true);
        copier.join();
      }
      assertNull(torn.get());
    }
  }

  @Test
  void tableCopiedBehindTheAppendHasThePage() {
    // DESIGN 4: recLSN set after the append; a checkpoint in between knows neither record nor page.
    try (Engine engine = Engines.open(disk)) {
      long page = cells.makePage(engine);
      engine.pool().flushAll();
      assertEquals(List.of(), engine.pool().dirtyPages());
      AtomicReference<List<DirtyPage>> copied = new AtomicReference<>();
      long id = engine.transactions().takeId();
      BackChain chain =
          chain(
              id,
              engine,
              (bytes, start, length) -> {
                long lsn = engine.log().append(bytes, start, length);
                copied.set(engine.pool().dirtyPages());
                return lsn;
              });
      Transaction transaction = new Transaction(id, chain, engine.services(), false);
      engine.transactions().add(transaction);
      long lsn = cells.set(engine, transaction, page, 0, 1);
      assertTrue(
          copied.get().stream().anyMatch(d -> d.pageId() == page && d.recLsn() <= lsn),
          "I-4: page " + page + " changed at " + lsn + ", table " + copied.get());
      // The record is in the log and not yet in the page: what the page says is not its last one.
      assertTrue(
          copied.get().stream().allMatch(d -> d.pageId() != page || d.headLsn() == 0),
          "head of page " + page + ", table " + copied.get());
      assertTrue(
          engine.pool().dirtyPages().stream()
              .anyMatch(d -> d.pageId() == page && d.headLsn() == lsn),
          "head of page " + page + " at rest");
      transaction.rollback();
    }
  }

  @Test
  void idGivenOutWhileTheCheckpointBeginsIsNotUsedAgain() {
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    AtomicReference<Long> given = new AtomicReference<>(0L);
    Checkpointer.Tables tables = engine.tables();
    Checkpointer.Tables moving =
        new Checkpointer.Tables() {
          @Override
          public List<TransactionEntry> transactions() {
            return tables.transactions();
          }

          @Override
          public List<DirtyPage> dirtyPages() {
            return tables.dirtyPages();
          }

          @Override
          public long nextTransactionId() {
            // A transaction lives its whole life right behind this read.
            long next = tables.nextTransactionId();
            Transaction transaction = engine.begin();
            cells.set(engine, transaction, page, 0, 1);
            Engines.commit(engine, transaction);
            given.set(transaction.id());
            return next;
          }
        };
    Checkpointer checkpointer =
        new Checkpointer(engine.log(), engine.managers(), new RestartReports());
    checkpointer.checkpoint(moving, false);
    engine.abandon();
    try (Engine again = Engines.open(disk.afterPowerLoss())) {
      assertTrue(again.begin().id() > given.get(), "id " + given.get() + " is used again");
    }
  }

  @Test
  void transactionsThatMoveOnWhileTheTablesAreCopiedComeOutRight() {
    // The copies are newer than records that the scan from the begin record meets.
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    Transaction winner = engine.begin();
    Transaction loser = engine.begin();
    Transaction gone = engine.begin();
    cells.set(engine, winner, page, 0, 1);
    cells.set(engine, loser, page, 1, 1);
    cells.set(engine, gone, page, 2, 1);
    Checkpointer.Tables tables = engine.tables();
    Checkpointer.Tables moving =
        new Checkpointer.Tables() {
          @Override
          public List<TransactionEntry> transactions() {
            cells.set(engine, winner, page, 0, 2);
            winner.commit();
            Savepoint savepoint = loser.savepoint();
            cells.set(engine, loser, page, 1, 2);
            loser.rollbackTo(savepoint);
            gone.rollback();
            List<TransactionEntry> copy = tables.transactions();
            winner.end();
            return copy;
          }

          @Override
          public List<DirtyPage> dirtyPages() {
            engine.pool().flushAll();
            return tables.dirtyPages();
          }

          @Override
          public long nextTransactionId() {
            return tables.nextTransactionId();
          }
        };
    Checkpointer checkpointer =
        new Checkpointer(engine.log(), engine.managers(), new RestartReports());
    checkpointer.checkpoint(moving, false);
    engine.abandon();
    try (Engine again = Engines.open(disk.afterPowerLoss())) {
      assertEquals(2, Cells.get(again, page, 0));
      assertEquals(0, Cells.get(again, page, 1));
      assertEquals(0, Cells.get(again, page, 2));
      assertEquals(1, again.lastRecovery().losers());
      assertEquals(1, again.lastRecovery().clrsWritten());
    }
  }
}
