package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.wal.LogCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  /** What the log says about the checkpoints in it, by the LSN of their begin records. */
  private record Checkpoint(
      Map<Long, TransactionEntry> transactions, Map<Long, Long> dirtyPages, long nextId) {}

  /** Runs {@code work} in two threads while this one takes checkpoints. */
  private static void race(Engine engine, int checkpoints, Runnable work)
      throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (!stop.get()) {
                        work.run();
                      }
                    } catch (Throwable t) {
                      failure.set(t);
                    }
                  }));
    }
    for (int i = 0; i < checkpoints; i++) {
      engine.checkpoint();
    }
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(null, failure.get());
  }

  private static Map<Long, Checkpoint> checkpoints(Engine engine) {
    engine.log().forceAll();
    Map<Long, Checkpoint> found = new HashMap<>();
    try (LogCursor cursor = engine.log().cursor(0)) {
      while (cursor.next()) {
        LogRecord record = LogRecordCodec.decode(cursor.payload(), cursor.lsn());
        if (record instanceof LogRecord.BeginCheckpoint) {
          found.put(cursor.lsn(), new Checkpoint(new HashMap<>(), new HashMap<>(), 0));
        } else if (record instanceof LogRecord.CheckpointTables tables) {
          Checkpoint at = Objects.requireNonNull(found.get(tables.beginLsn()));
          tables.transactions().forEach(e -> at.transactions().put(e.transactionId(), e));
          tables.dirtyPages().forEach(p -> at.dirtyPages().put(p.pageId(), p.recLsn()));
        } else if (record instanceof LogRecord.EndCheckpoint end) {
          Checkpoint at = Objects.requireNonNull(found.get(end.beginLsn()));
          found.put(
              end.beginLsn(),
              new Checkpoint(at.transactions(), at.dirtyPages(), end.nextTransactionId()));
        }
      }
    }
    return found;
  }

  @Test
  void copiedTablesHoldEverythingThatWasAppendedBeforeTheBeginRecord() throws InterruptedException {
    // Both races of DESIGN 4 at once: nothing is cleaned here, so a page changed by a record below
    // the begin record must be in the table with a recLSN at or below that record, and a
    // transaction's entry must be no older than its last record below it (rule 11).
    EngineOptions roomy =
        Engines.SMALL
            .withFrames(256)
            .withLog(Engines.SMALL.log().withSegmentBytes(64 << 20).withBuffers(4, 1 << 20));
    try (Engine engine = Engines.open(disk, roomy)) {
      List<Long> pages = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        pages.add(cells.makePage(engine));
      }
      java.util.concurrent.atomic.AtomicInteger next =
          new java.util.concurrent.atomic.AtomicInteger();
      race(
          engine,
          60,
          () -> {
            Transaction transaction = engine.begin();
            int at = next.getAndIncrement() & 31;
            cells.set(engine, transaction, pages.get(2 * at), 0, at);
            cells.set(engine, transaction, pages.get(2 * at + 1), 0, at);
            transaction.commit();
            transaction.end();
          });
      checkTables(engine, checkpoints(engine));
    }
  }

  private static void checkTables(Engine engine, Map<Long, Checkpoint> checkpoints) {
    assertTrue(checkpoints.size() >= 60);
    Map<Long, Long> lastLsns = new HashMap<>();
    Map<Long, Long> ended = new HashMap<>();
    Map<Long, Long> firstChange = new HashMap<>();
    long largestId = 0;
    try (LogCursor cursor = engine.log().cursor(0)) {
      while (cursor.next()) {
        LogRecord record = LogRecordCodec.decode(cursor.payload(), cursor.lsn());
        if (record instanceof LogRecord.OfTransaction own) {
          largestId = Math.max(largestId, own.transactionId());
          lastLsns.put(own.transactionId(), cursor.lsn());
          if (own instanceof LogRecord.End) {
            ended.put(own.transactionId(), cursor.lsn());
          }
        }
        if (record instanceof LogRecord.Redoable redoable) {
          redoable.changes().forEach(c -> firstChange.putIfAbsent(c.pageId(), cursor.lsn()));
        }
        Checkpoint checkpoint = checkpoints.get(cursor.lsn());
        if (checkpoint != null && checkpoint.nextId() != 0) {
          checkOne(checkpoint, lastLsns, ended, firstChange);
          assertTrue(checkpoint.nextId() > largestId, "an id below the begin record is lost");
        }
      }
    }
  }

  private static void checkOne(
      Checkpoint checkpoint,
      Map<Long, Long> lastLsns,
      Map<Long, Long> ended,
      Map<Long, Long> firstChange) {
    lastLsns.forEach(
        (id, lastLsn) -> {
          TransactionEntry entry = checkpoint.transactions().get(id);
          if (entry != null) {
            assertTrue(entry.lastLsn() >= lastLsn, "rule 11: " + entry + " lacks " + lastLsn);
          }
        });
    firstChange.forEach(
        (page, lsn) -> {
          Long recLsn = checkpoint.dirtyPages().get(page);
          assertTrue(
              recLsn != null && recLsn <= lsn,
              "I-4: page " + page + " changed at " + lsn + " has recLSN " + recLsn);
        });
    assertTrue(ended.size() <= lastLsns.size());
  }

  @Test
  void largeTablesGoIntoSeveralChunksAndComeBackWhole() {
    EngineOptions roomy = Engines.SMALL.withFrames(3000);
    Engine engine = Engines.open(disk, roomy);
    for (int i = 0; i < 2500; i++) {
      cells.makePage(engine);
    }
    long page = cells.makePage(engine);
    for (int i = 0; i < 1200; i++) {
      cells.set(engine, engine.begin(), page, i % 100, i);
    }
    long begin = engine.checkpoint();
    long chunks =
        Engines.records(engine).stream()
            .filter(e -> e.type().equals("checkpoint-tables") && e.lsn() > begin)
            .count();
    assertTrue(chunks >= 5, chunks + " chunks");
    engine.abandon();
    MemoryDisk after = disk.afterPowerLoss();
    try (Engine again = Engines.open(after, roomy)) {
      assertEquals(begin, again.lastRecovery().checkpointLsn());
      assertTrue(again.lastRecovery().dirtyPages() >= 2500);
      assertEquals(1200, again.lastRecovery().losers());
      assertEquals(1200, again.lastRecovery().clrsWritten());
    }
  }

  @Test
  void masterBoundIsTheOldestThingThatRestartNeeds() {
    try (Engine engine = Engines.open(disk)) {
      long page = cells.makePage(engine);
      engine.pool().flushAll();
      Transaction old = engine.begin();
      cells.set(engine, old, page, 0, 1);
      engine.pool().flushAll();
      long begin = engine.checkpoint();
      assertEquals(old.firstLsn(), engine.log().master().boundLsn());
      assertEquals(begin, engine.log().master().checkpointLsn());
      old.rollback();
      engine.pool().flushAll();
      long next = engine.checkpoint();
      assertEquals(next, engine.log().master().boundLsn());
      cells.set(engine, engine.begin(), page, 0, 1);
      long recLsn = engine.pool().oldestRecLsn();
      engine.checkpoint();
      assertTrue(engine.log().master().boundLsn() <= recLsn);
    }
  }

  @Test
  void logIsTruncatedOnlyToTheBoundOfTheForcedMaster() {
    // Rule 12: whatever write the power goes off at, the log holds what the master on disk needs.
    for (int cut = 1; ; cut++) {
      MemoryDisk one = new MemoryDisk();
      Engine engine = Engines.open(one);
      long page = cells.makePage(engine);
      boolean off = false;
      try {
        for (int round = 0; round < 3; round++) {
          for (int i = 0; i < 1500; i++) {
            Transaction transaction = engine.begin();
            cells.set(engine, transaction, page, 0, 1000L * round + i);
            transaction.commit();
            transaction.end();
          }
          engine.log().forceAll();
          if (round == 2) {
            one.cutAfter(cut);
          }
          engine.pool().flushAll();
          engine.checkpoint();
        }
      } catch (MemoryDisk.PowerCut | EngineHaltedException cutOff) {
        off = true;
      }
      engine.abandon();
      try (Engine again = Engines.open(one.afterPowerLoss())) {
        assertEquals(3499, Cells.get(again, page, 0), "cut at write " + cut);
      }
      if (!off) {
        assertTrue(cut > 5);
        return;
      }
    }
  }

  @Test
  void checkpointCutAtAnyWriteIsSimplyNotThere() {
    for (int cut = 0; ; cut++) {
      MemoryDisk one = new MemoryDisk();
      Engine engine = Engines.open(one);
      long page = cells.makePage(engine);
      Transaction winner = engine.begin();
      cells.set(engine, winner, page, 0, 1);
      Engines.commit(engine, winner);
      cells.set(engine, engine.begin(), page, 1, 2);
      long before = engine.stats().lastCheckpointLsn();
      one.cutAfter(cut);
      boolean off = false;
      try {
        engine.checkpoint();
      } catch (MemoryDisk.PowerCut | EngineHaltedException cutOff) {
        off = true;
      }
      engine.abandon();
      try (Engine again = Engines.open(one.afterPowerLoss())) {
        assertEquals(1, Cells.get(again, page, 0));
        assertEquals(0, Cells.get(again, page, 1));
        assertTrue(!off || again.lastRecovery().checkpointLsn() >= before);
      }
      if (!off) {
        assertTrue(cut >= 3);
        return;
      }
    }
  }

  @Test
  void idsGivenOutBeforeTheBeginRecordStayUsedUp() {
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    Transaction last = null;
    for (int i = 0; i < 5; i++) {
      last = engine.begin();
      cells.set(engine, last, page, 0, i);
      Engines.commit(engine, last);
    }
    // All of them ended below the begin record: only the checkpoint knows their ids.
    engine.checkpoint();
    engine.abandon();
    try (Engine again = Engines.open(disk.afterPowerLoss())) {
      assertTrue(again.begin().id() > Objects.requireNonNull(last).id());
    }
  }

  @Test
  void analysisNeverMovesAnEntryBack() {
    DirtyPageTable table = new DirtyPageTable();
    for (long page = 1; page <= 1000; page++) {
      table.addIfAbsent(page, 5000 + page);
      table.addIfAbsent(page, 1);
    }
    assertEquals(1000, table.size());
    assertEquals(5001, table.redoLsn());
    assertEquals(5700, table.recLsn(700));
    assertEquals(Long.MAX_VALUE, table.recLsn(1001));
    assertEquals(new DirtyPage(1000, 6000, DirtyPage.NO_HEAD), table.entries().getLast());
  }
}
