package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.buffer.PageGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Large checkpoints, and checkpoints beside everything else. */
class CheckpointOverlapTest {
  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  @Test
  void tablesOfAHundredThousandDirtyPagesComeBackWhole() {
    // The table alone: what copies it is told of 100,000 pages, and analysis gives them back.
    int count = 100_000;
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    Engines.commit(engine, write(engine, page, 7));
    Checkpointer.Tables live = engine.tables();
    List<DirtyPage> many = new ArrayList<>(live.dirtyPages());
    long lsn = engine.log().endLsn();
    for (int i = 0; i < count; i++) {
      many.add(new DirtyPage(1_000_000 + i, lsn));
    }
    long begin =
        engine.checkpoint(
            new Checkpointer.Tables() {
              @Override
              public List<TransactionEntry> transactions() {
                return live.transactions();
              }

              @Override
              public List<DirtyPage> dirtyPages() {
                return many;
              }

              @Override
              public long nextTransactionId() {
                return live.nextTransactionId();
              }
            });
    long chunks =
        Engines.decoded(engine, begin).stream()
            .filter(LogRecord.CheckpointTables.class::isInstance)
            .count();
    assertTrue(chunks >= 100, chunks + " chunks");
    engine.abandon();
    try (Engine again = Engines.open(disk.afterPowerLoss())) {
      assertEquals(begin, again.lastRecovery().checkpointLsn());
      assertEquals(many.size(), again.lastRecovery().dirtyPages());
      assertEquals(7, Cells.get(again, page, 0));
    }
  }

  private Transaction write(Engine engine, long page, long value) {
    Transaction transaction = engine.begin();
    cells.set(engine, transaction, page, 0, value);
    return transaction;
  }

  @Test
  void checkpointWaitsForNoPageAndNobodyWaitsForIt() throws InterruptedException {
    // I-8: with a page latched exclusively for the whole of it, and while it copies its tables,
    // others commit.
    try (Engine engine = Engines.open(disk)) {
      long held = cells.makePage(engine);
      long other = cells.makePage(engine);
      Checkpointer.Tables live = engine.tables();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      try (PageGuard guard = engine.pool().exclusive(held)) {
        Thread taking =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        engine.checkpoint(committing(engine, live, other, failure));
                      } catch (Throwable t) {
                        failure.set(t);
                      }
                    });
        taking.join();
        assertEquals(held, guard.pageId());
      }
      assertEquals(null, failure.get());
      assertEquals(12, Cells.get(engine, other, 0));
    }
  }

  /** At each step of the copying another thread commits from begin to end. */
  private Checkpointer.Tables committing(
      Engine engine, Checkpointer.Tables live, long page, AtomicReference<Throwable> failure) {
    return new Checkpointer.Tables() {
      @Override
      public List<TransactionEntry> transactions() {
        commit(10);
        return live.transactions();
      }

      @Override
      public List<DirtyPage> dirtyPages() {
        commit(11);
        return live.dirtyPages();
      }

      @Override
      public long nextTransactionId() {
        commit(12);
        return live.nextTransactionId();
      }

      private void commit(long value) {
        Thread writer =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        Engines.commit(engine, write(engine, page, value));
                      } catch (Throwable t) {
                        failure.set(t);
                      }
                    });
        try {
          writer.join();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    };
  }
}
