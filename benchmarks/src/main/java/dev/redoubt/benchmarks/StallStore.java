package dev.redoubt.benchmarks;

import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.wal.LogReservation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A store of {@link StallFigures}, with checkpoints and cleaning or with neither, and what it did
 * while it was measured.
 *
 * <p>With: by default, hence a restart time of 2 s. It has been killed and opened again once, so
 * that its pace rests on what a restart takes here, and is worn in by durable commits until the
 * cleaner is at work as it will be for ever. Neither: no checkpoint, no page write, and segments of
 * the log made beforehand for the whole run.
 */
final class StallStore implements AutoCloseable {
  static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("stall");

  private static final int PAGE_BYTES = 8192;
  private static final int BATCH = 1000;

  /** More than four clients ever logged. */
  private static final long LOG_BYTES_PER_SECOND = 80L << 20;

  private final Arguments arguments;
  private final boolean cleaning;
  private final EngineOptions options;
  private final Path dir;
  private Store store;

  private long wearsFrom;
  private double seconds;
  private Counts sum = new Counts(0, 0, 0, 0);

  /** What was done, all of it or in one slice. */
  private record Counts(long checkpoints, long pages, long forces, long logBytes) {
    Counts plus(Counts other, int sign) {
      return new Counts(
          checkpoints + sign * other.checkpoints,
          pages + sign * other.pages,
          forces + sign * other.forces,
          logBytes + sign * other.logBytes);
    }
  }

  StallStore(Arguments arguments, Path dir, boolean cleaning) {
    this.arguments = arguments;
    this.cleaning = cleaning;
    this.dir = dir;
    EngineOptions engine =
        StoreOptions.defaults()
            .engine()
            .withFrames((int) (arguments.cacheBytes() / PAGE_BYTES))
            .withPageCaching(arguments.caching());
    this.options =
        cleaning
            ? engine
            : engine
                .withCheckpoints(1L << 50, Duration.ofDays(1))
                .withTargetRestartTime(Duration.ofDays(1))
                .withMaxWalBytes(1L << 50);
    this.store = open();
  }

  private Store open() {
    return Store.open(dir, StoreOptions.defaults().withEngine(options));
  }

  /** Loads the entries, is killed and opened again, and is worn in. */
  void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    for (int from = 0; from < arguments.entries(); from += BATCH) {
      batch(from, random, false);
    }
    store.engine().pool().flushAll();
    store.checkpoint();
    updates(arguments.entries(), random);
    store.abandon();
    store = open();
    wearsFrom = store.engine().log().endLsn();
    if (!cleaning) {
      double seconds = arguments.slice().toNanos() / 1e9 * (arguments.rounds() + 1) * 2;
      LogReservation ahead = store.engine().log().reserve((long) (seconds * LOG_BYTES_PER_SECOND));
      updates(arguments.entries(), random);
      ahead.close(); // the segments stay
    }
  }

  /**
   * Whether it is at work as it will be for ever: as much has been logged since it was prepared as
   * a restart may have to redo, and half as much again.
   */
  boolean isWornIn() {
    long logged = store.engine().log().endLsn() - wearsFrom;
    return logged >= 3 * store.engine().stats().redoTargetBytes() / 2;
  }

  private void updates(int count, SplittableRandom random) {
    for (int i = 0; i < count; i += BATCH) {
      batch(0, random, true);
    }
  }

  private void batch(int from, SplittableRandom random, boolean update) {
    int entries = arguments.entries();
    try (WriteTx tx = store.beginWrite()) {
      for (int i = from; i < Math.min(entries, from + BATCH); i++) {
        tx.tree(TREE).put(Keys.key(update ? random.nextInt(entries) : i), Keys.value(random));
      }
      tx.commit(Durability.ASYNC);
    }
  }

  void put(SplittableRandom random) {
    try (WriteTx tx = store.beginWrite()) {
      tx.tree(TREE).put(Keys.key(random.nextInt(arguments.entries())), Keys.value(random));
      tx.commit(Durability.SYNC);
    }
  }

  /** A slice begins, or has ended. */
  void counted(int sign, double sliceSeconds) {
    Counts now =
        new Counts(
            store.engine().stats().checkpoints(),
            store.stats().pool().pagesWritten(),
            store.engine().log().stats().forces(),
            store.engine().log().endLsn());
    sum = sum.plus(now, sign);
    seconds += sliceSeconds;
  }

  /** What was done so far does not count. */
  void countAnew() {
    sum = new Counts(0, 0, 0, 0);
    seconds = 0;
  }

  /** What it did a second while it was measured. */
  String report(String name) {
    return String.format(
        Locale.ROOT,
        "%s, a second: %.1f checkpoints, %,.0f pages written, %,.0f forces of the log, %.1f MB of"
            + " log; redo target %.0f MB, restart now %.2f s",
        name,
        sum.checkpoints / seconds,
        sum.pages / seconds,
        sum.forces / seconds,
        sum.logBytes / seconds / 1e6,
        store.engine().stats().redoTargetBytes() / 1e6,
        store.engine().stats().restart().total().toNanos() / 1e9);
  }

  @Override
  public void close() {
    store.close();
  }
}
