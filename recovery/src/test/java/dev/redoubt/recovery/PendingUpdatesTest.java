package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What many losers have still to undo is found by one sweep, and is what undo would visit. */
class PendingUpdatesTest {
  private static final EngineOptions INSTANT = Engines.SMALL.withRestart(RestartMode.INSTANT);
  private static final int CELLS = 400;

  private final Cells cells = Engines.CELLS;
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk);

  private void powerLoss() {
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = Engines.open(disk, INSTANT);
  }

  private List<PendingUpdates> read(List<Transaction> losers) {
    return PendingUpdates.read(engine, losers, (_, _, body) -> cells.undoTag(body));
  }

  /** Against the chain of each, record by record. */
  private void check(List<Transaction> losers, List<PendingUpdates> found) {
    assertEquals(losers.size(), found.size());
    for (int i = 0; i < losers.size(); i++) {
      PendingUpdates updates = found.get(i);
      assertEquals(losers.get(i).id(), updates.transactionId());
      List<Long> tags = new ArrayList<>();
      List<Long> before = new ArrayList<>();
      engine.forEachUpdate(
          losers.get(i),
          update -> {
            tags.addFirst(cells.undoTag(update.changes().getFirst().body()));
            before.addFirst(update.prevLsn());
          });
      assertEquals(tags.size(), updates.size());
      assertEquals(tags.size(), updates.count());
      for (int j = 0; j < tags.size(); j++) {
        assertEquals(tags.get(j), updates.tag(j));
        byte[] payload = engine.log().read(updates.lsn(j));
        LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(payload), updates.lsn(j));
        assertEquals(before.get(j), ((LogRecord.Update) record).prevLsn());
      }
    }
  }

  /** Losers of all lengths, that also go back to savepoints; some longer than needs an index. */
  private void history(SplittableRandom random, int losers, int steps) {
    long page = cells.makePage(engine);
    List<Transaction> open = new ArrayList<>();
    for (int i = 0; i < losers; i++) {
      open.add(engine.begin());
    }
    @Nullable Savepoint[] savepoints = new @Nullable Savepoint[losers];
    for (int step = 0; step < steps; step++) {
      int who = random.nextInt(3) == 0 ? 0 : random.nextInt(losers);
      Transaction transaction = open.get(who);
      Savepoint before = savepoints[who];
      if (random.nextInt(200) == 0) {
        savepoints[who] = transaction.savepoint();
      } else if (before != null && random.nextInt(800) == 0) {
        transaction.rollbackTo(before);
        savepoints[who] = null;
      }
      if (random.nextInt(50) != 0) { // else nobody has made room for an index
        transaction.reserve(100);
      }
      cells.set(engine, transaction, page, random.nextInt(CELLS), step);
      if (random.nextInt(3000) == 0) {
        engine.checkpoint();
      }
    }
  }

  @Test
  void manyLosersOfAllLengthsInOneSweep() {
    long indexes = 0;
    for (int seed = 1; seed <= 3; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      history(random, 1 + random.nextInt(40), 12_000);
      powerLoss();
      check(engine.unfinished(), read(engine.unfinished()));
      indexes +=
          Engines.records(engine).stream().filter(e -> e.type().equals("undo-index")).count();
      // Some of it is undone, then the power goes again.
      engine.continueRestart();
      for (int i = random.nextInt(100); i >= 0; i--) {
        engine.tick();
      }
      powerLoss();
      check(engine.unfinished(), read(engine.unfinished()));
      engine.restart().await();
      assertTrue(engine.unfinished().isEmpty());
    }
    assertTrue(indexes >= 3, "indexes in the log: " + indexes);
    engine.close();
  }

  @Test
  void theLogOfManySmallLosersIsTransferredOnce() {
    long page = cells.makePage(engine);
    List<Transaction> open = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      open.add(engine.begin());
    }
    for (int i = 0; i < 40_000; i++) {
      cells.set(engine, open.get(i % 500), page, i % CELLS, i);
    }
    powerLoss();
    List<Transaction> losers = engine.unfinished();
    assertEquals(500, losers.size());
    long bytes = engine.log().endLsn() - losers.getFirst().firstLsn();
    long before = disk.reads();
    List<PendingUpdates> found = read(losers);
    long reads = disk.reads() - before;
    assertTrue(reads <= 2 * bytes / (64 << 10) + 8, () -> reads + " reads for " + bytes + " bytes");
    check(losers, found);
    long undoneFrom = disk.reads();
    engine.restart().await();
    long undone = disk.reads() - undoneFrom;
    assertTrue(undone < 40_000 / 2, () -> undone + " reads for the undo of 40,000 updates");
    engine.close();
  }

  @Test
  void aChainThatLeadsToAnotherTransactionsRecordIsRefused() {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    cells.set(engine, loser, page, 0, 1);
    Transaction other = engine.begin();
    long others = cells.set(engine, other, page, 1, 2);
    powerLoss();
    Transaction found = engine.unfinished().getFirst();
    found.chain().set(found.state(), others);
    CorruptionException refused =
        assertThrows(CorruptionException.class, () -> read(List.of(found)));
    assertTrue(String.valueOf(refused.getMessage()).contains("" + others), refused::toString);
    engine.abandon();
  }
}
