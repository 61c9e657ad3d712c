package dev.redoubt.crash.sim;

import dev.redoubt.io.StorageException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import dev.redoubt.wal.LogOptions;
import dev.redoubt.wal.LogTail;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The log by itself with its threads: several threads append and force, wait for futures or leave
 * it to the background; one follows the tail; now and then the log is truncated.
 */
public final class LogLives implements SimSubject {
  private static final int MOST_CLIENTS = 6;
  private static final Duration PATIENCE = Duration.ofMillis(5);
  private static final long TAIL_BYTES = 1 << 20;

  private final SplittableRandom random;
  private final LogLedger ledger;
  private final int clients;

  /** A log whose options follow from the seed. */
  public LogLives(long seed) {
    this.random = new SplittableRandom(seed);
    this.ledger = new LogLedger(seed);
    this.clients = 1 + random.nextInt(MOST_CLIENTS);
  }

  @Override
  public void live(SimLife life) throws Exception {
    try {
      Log log = open(life);
      life.note("open");
      ledger.settle(read(log));
      log.startAppending();
      boolean well = work(log, life, random.nextInt(5, 60));
      if (life.last() || (well && random.nextBoolean())) {
        log.close();
      }
    } catch (StorageException failed) {
      if (!life.excuses()) {
        throw failed;
      }
      life.note("failed " + failed.code());
    }
  }

  private Log open(SimLife life) {
    LogOptions options =
        LogOptions.defaults()
            .withSegmentBytes(32 << 10)
            .withBuffers(2 + random.nextInt(2), 8 << 10)
            .withAsyncForceInterval(Duration.ofMillis(1 + random.nextInt(20)));
    return Log.exists(life.disk())
        ? Log.open(life.disk(), life.environment(), options)
        : Log.create(life.disk(), life.environment(), options, new byte[] {7});
  }

  private static SortedMap<Long, byte[]> read(Log log) {
    SortedMap<Long, byte[]> found = new TreeMap<>();
    try (LogCursor cursor = log.cursor(0)) {
      while (cursor.next()) {
        found.put(cursor.lsn(), cursor.payload().toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return found;
  }

  private boolean work(Log log, SimLife life, int records) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    boolean[] well = {true};
    boolean[] over = {false};
    for (int i = 0; i < clients; i++) {
      SplittableRandom own = life.random().split();
      threads.add(
          life.spawn(
              "client-" + i, () -> tolerant(life, well, () -> appendAll(log, life, own, records))));
    }
    Thread follower = life.spawn("follower", () -> tolerant(life, well, () -> follow(log, over)));
    SimLife.join(threads);
    over[0] = true;
    follower.join();
    return well[0];
  }

  /** Not well if a fault of the disk ended it. */
  private static void tolerant(SimLife life, boolean[] well, Simulation.Body body)
      throws Exception {
    try {
      body.run();
    } catch (StorageException failed) {
      if (!life.excuses()) {
        throw failed;
      }
      life.note("failed " + failed.code());
      well[0] = false;
    }
  }

  private void appendAll(Log log, SimLife life, SplittableRandom own, int records) {
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      int number = ledger.next();
      long lsn = log.append(ledger.content(number));
      ledger.appended(lsn, number);
      switch (own.nextInt(10)) {
        case 0, 1, 2, 3 -> {
          log.force(lsn);
          ledger.durable(lsn);
          life.note("forced " + lsn);
        }
        case 4, 5 -> futures.add(log.forceAsync(lsn).thenRun(() -> ledger.durable(lsn)));
        case 6 ->
            Ledger.check(Arrays.equals(log.read(lsn), ledger.content(number)), () -> "read " + lsn);
        case 7 -> rarely(log, own, lsn);
        default -> Scheduler.letOthersRun();
      }
    }
    for (CompletableFuture<Void> future : futures) {
      await(future);
    }
  }

  private void rarely(Log log, SplittableRandom own, long lsn) {
    if (own.nextInt(8) == 0) {
      ledger.truncated(lsn);
      log.truncateBefore(lsn);
      ledger.durable(lsn - 1);
    }
  }

  private static void await(CompletableFuture<Void> future) {
    try {
      future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException failed ? failed : e;
    }
  }

  /** What a follower is given is durable, in order, and without holes. */
  private void follow(Log log, boolean[] over) throws InterruptedException {
    try (LogTail tail = log.followers().tail(log.durableEndLsn(), TAIL_BYTES)) {
      while (!over[0]) {
        if (tail.next(PATIENCE)) {
          ledger.check(tail.lsn(), tail.payload().toArray(ValueLayout.JAVA_BYTE));
          ledger.durable(tail.lsn());
        }
      }
    }
  }

  @Override
  public List<String> history() {
    return ledger.history();
  }
}
