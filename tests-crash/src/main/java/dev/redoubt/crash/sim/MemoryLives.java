package dev.redoubt.crash.sim;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageException;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RangeConflictException;
import dev.redoubt.recovery.RecoverableMemory;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The engine below the store, with all its threads, and a recoverable memory: several clients move
 * amounts between shared cells and write cells of their own, each transaction with its number in
 * its client's counter.
 */
public final class MemoryLives implements SimSubject {
  private static final int MOST_CLIENTS = 4;
  private static final int SHARED = 5;
  private static final int OWN = 6;

  private final SplittableRandom random;
  private final Ledger ledger;

  /** An engine whose options follow from the seed. */
  public MemoryLives(long seed) {
    this.random = new SplittableRandom(seed);
    this.ledger = new Ledger(1 + random.nextInt(MOST_CLIENTS));
  }

  @Override
  public void live(SimLife life) throws Exception {
    try {
      Engine engine =
          Engine.open(life.disk(), life.environment(), options(), List.of(), RecoveryListener.NONE);
      MemoryCells cells =
          new MemoryCells(RecoverableMemory.open(engine, "cells", MemoryCells.LENGTH_BYTES));
      life.note("open");
      int[] counters = counters(cells);
      ledger.settle(counters, entry -> false);
      check(cells, counters);
      boolean well = work(engine, cells, life, random.nextInt(4, 40));
      if (well) {
        check(cells, counters(cells));
      }
      if (life.last() || (well && random.nextInt(4) == 0)) {
        engine.close();
      }
    } catch (StorageException failed) {
      if (!life.excuses()) {
        throw failed;
      }
      life.note("failed " + failed.code());
    }
  }

  private EngineOptions options() {
    return EngineOptions.defaults()
        .withPageSize(4096)
        .withFrames(16 + random.nextInt(20))
        .withLog(
            LogOptions.defaults()
                .withSegmentBytes(64 << 10)
                .withBuffers(2, 16 << 10)
                .withAsyncForceInterval(Duration.ofMillis(1 + random.nextInt(20))))
        .withCheckpoints(
            1L << random.nextInt(14, 20), Duration.ofMillis(1L << random.nextInt(4, 12)))
        .withTargetRestartTime(Duration.ofMillis(1L << random.nextInt(3, 12)));
  }

  private int[] counters(MemoryCells cells) {
    int[] counters = new int[ledger.clients()];
    for (int client = 0; client < counters.length; client++) {
      counters[client] = Math.toIntExact(cells.read(MemoryCells.counter(client)));
    }
    return counters;
  }

  /** Nobody writes: every cell is as the ledger says. */
  private void check(MemoryCells cells, int[] counters) {
    Ledger.Contents expected = ledger.expect(counters);
    for (int i = 0; i < SHARED; i++) {
      String key = "shared " + i;
      long found = cells.read(MemoryCells.shared(i));
      long sum = expected.sums().getOrDefault(key, 0L);
      Ledger.check(sum == found, () -> key + " is " + found + ", expected " + sum);
    }
    for (int client = 0; client < counters.length; client++) {
      for (int i = 0; i < OWN; i++) {
        String key = "own " + client + " " + i;
        long found = cells.read(MemoryCells.own(client, i));
        long value = Long.parseLong(expected.own().getOrDefault(key, "0"));
        Ledger.check(value == found, () -> key + " is " + found + ", expected " + value);
      }
    }
  }

  private boolean work(Engine engine, MemoryCells cells, SimLife life, int transactions)
      throws InterruptedException {
    boolean[] well = {true};
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < ledger.clients(); i++) {
      int client = i;
      SplittableRandom own = life.random().split();
      threads.add(
          life.spawn(
              "client-" + i,
              () -> {
                for (int n = 0; n < transactions && well[0]; n++) {
                  boolean went = transaction(engine, cells, life, own, client);
                  if (went && own.nextInt(8) == 0) {
                    went = checkpoint(engine, life);
                  }
                  if (!went) {
                    well[0] = false;
                  }
                }
              }));
    }
    SimLife.join(threads);
    return well[0];
  }

  private static boolean checkpoint(Engine engine, SimLife life) {
    try {
      engine.checkpoint();
      return true;
    } catch (StorageException failed) {
      if (!life.excuses()) {
        throw failed;
      }
      return false;
    }
  }

  /** False if a fault of the disk ended it. */
  private boolean transaction(
      Engine engine, MemoryCells cells, SimLife life, SplittableRandom own, int client) {
    Ledger.Entry entry = ledger.begin(client);
    boolean committing = false;
    try {
      Transaction tx = engine.begin();
      try {
        changes(tx, cells, own, entry);
      } catch (RangeConflictException | DiskFullException refused) {
        ledger.gone(entry);
        tx.rollback();
        return true;
      }
      if (own.nextInt(10) == 0) {
        ledger.gone(entry);
        tx.rollback();
        return true;
      }
      committing = true;
      commit(engine, tx, own, life, entry);
      return true;
    } catch (StorageException failed) {
      if (!committing) {
        ledger.gone(entry);
      }
      if (!life.excuses()) {
        throw failed;
      }
      life.note("failed " + failed.code());
      return false;
    }
  }

  private void commit(
      Engine engine, Transaction tx, SplittableRandom own, SimLife life, Ledger.Entry entry) {
    long lsn = tx.commit();
    boolean durable = own.nextInt(3) != 0;
    if (durable) {
      engine.log().force(lsn);
    }
    ledger.acknowledged(entry, durable);
    tx.end();
    life.note("commit " + entry);
  }

  private static void changes(
      Transaction tx, MemoryCells cells, SplittableRandom own, Ledger.Entry entry) {
    int count = 1 + own.nextInt(4);
    for (int i = 0; i < count; i++) {
      if (own.nextBoolean()) {
        long amount = 1L + own.nextInt(9);
        add(tx, cells, own.nextInt(SHARED), amount, entry);
        add(tx, cells, own.nextInt(SHARED), -amount, entry);
      } else {
        int index = own.nextInt(OWN);
        long value = own.nextInt(1_000_000);
        cells.write(tx, MemoryCells.own(entry.client, index), value);
        entry.effects.add(
            new Ledger.Effect.Own("own " + entry.client + " " + index, Long.toString(value)));
      }
    }
    cells.write(tx, MemoryCells.counter(entry.client), entry.number);
  }

  private static void add(
      Transaction tx, MemoryCells cells, int index, long amount, Ledger.Entry entry) {
    cells.own(tx, MemoryCells.shared(index), entry.number);
    long before = cells.read(MemoryCells.shared(index));
    cells.write(tx, MemoryCells.shared(index), before + amount);
    entry.effects.add(new Ledger.Effect.Add("shared " + index, amount));
  }

  @Override
  public List<String> history() {
    return ledger.history();
  }
}
