package dev.redoubt.benchmarks;

import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.EngineOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Whether checkpoints and cleaning are felt: durable commits of one put, on a store that cleans and
 * takes checkpoints all the time and on one that does neither, with the bare disk between them, in
 * slices that take turns. Closed loop, then open loop at half the rate that the closed one reached
 * without: there a latency begins when the commit was due, so that a pause is seen by all who come
 * in it. Draws latency over time.
 *
 * <pre>
 *   java -Xmx4g -jar benchmarks/target/benchmarks.jar stall --clients 4 --seconds 3 --rounds 5
 * </pre>
 *
 * <p>See {@link Arguments}; {@code stall-closed.svg} and {@code stall-open.svg} are written to
 * {@code --plots}.
 */
final class StallFigures {
  private static final String WITH = "checkpoints and cleaning";
  private static final String WITHOUT = "neither";
  private static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("stall");
  private static final int LOAD_BATCH = 1000;
  private static final double PAUSE_MILLIS = 10;

  private final Arguments arguments;
  private final int clients;

  private StallFigures(Arguments arguments) {
    this.arguments = arguments;
    this.clients = arguments.clients().getFirst();
  }

  static void run(Arguments arguments) throws Exception {
    new StallFigures(arguments).run();
  }

  /** What is measured: one operation after another. */
  private interface Operation {
    void run(SplittableRandom random) throws Exception;
  }

  private void run() throws Exception {
    try (WorkDirectory work = arguments.directory();
        BareDisk bare = new BareDisk(work.fresh("bare").resolve("blocks"));
        Store with = open(work.fresh("with"), true);
        Store without = open(work.fresh("without"), false)) {
      load(with);
      load(without);
      Map<String, LatencyTrace> closed = slices(bare, with, without, 0);
      report("closed loop", closed);
      double rate = trace(closed, WITHOUT).perSecond() / 2;
      report(
          String.format(Locale.ROOT, "open loop, %,.0f commits/s", rate),
          slices(bare, with, without, rate));
      plot("stall-closed.svg", "Durable commits, closed loop", closed);
      System.out.printf(
          Locale.ROOT,
          "with: %,d checkpoints, %,d pages written; without: %,d and %,d%n",
          with.engine().stats().checkpoints(),
          with.stats().pool().pagesWritten(),
          without.engine().stats().checkpoints(),
          without.stats().pool().pagesWritten());
    }
  }

  private Store open(Path dir, boolean cleaning) {
    EngineOptions engine =
        EngineOptions.defaults().withFrames((int) (arguments.cacheBytes() / 8192));
    engine =
        cleaning
            ? engine
                .withCheckpoints(16 << 20, Duration.ofSeconds(1))
                .withTargetRestartTime(Duration.ofMillis(300))
            : engine
                .withCheckpoints(1L << 50, Duration.ofDays(1))
                .withTargetRestartTime(Duration.ofDays(1))
                .withMaxWalBytes(1L << 50);
    return Store.open(dir, StoreOptions.defaults().withEngine(engine));
  }

  private void load(Store store) {
    SplittableRandom random = new SplittableRandom(1);
    for (int from = 0; from < arguments.entries(); from += LOAD_BATCH) {
      try (WriteTx tx = store.beginWrite()) {
        for (int i = from; i < Math.min(arguments.entries(), from + LOAD_BATCH); i++) {
          tx.tree(TREE).put(Keys.key(i), Keys.value(random));
        }
        tx.commit(Durability.ASYNC);
      }
    }
    store.engine().pool().flushAll();
    store.checkpoint();
  }

  private Map<String, LatencyTrace> slices(BareDisk bare, Store with, Store without, double rate)
      throws Exception {
    Map<String, LatencyTrace> traces = new LinkedHashMap<>();
    traces.put(WITH, new LatencyTrace());
    traces.put(WITHOUT, new LatencyTrace());
    traces.put(BareDisk.LABEL, new LatencyTrace());
    for (int round = 0; round <= arguments.rounds(); round++) {
      boolean counts = round > 0;
      List<String> order =
          round % 2 == 0 ? List.of(WITH, WITHOUT) : List.of(WITHOUT, WITH); // neither is favoured
      for (String name : order) {
        slice(clients, rate, put(name.equals(WITH) ? with : without), traces, name, counts);
        slice(1, 0, random -> bare.writeAndForce(), traces, BareDisk.LABEL, counts);
      }
    }
    return traces;
  }

  private Operation put(Store store) {
    return random -> {
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(TREE).put(Keys.key(random.nextInt(arguments.entries())), Keys.value(random));
        tx.commit(Durability.SYNC);
      }
    };
  }

  private void slice(
      int count,
      double rate,
      Operation operation,
      Map<String, LatencyTrace> traces,
      String name,
      boolean counts)
      throws Exception {
    LatencyTrace slice = new LatencyTrace();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    long start = System.nanoTime();
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SplittableRandom random = new SplittableRandom(start + i);
      long first = rate == 0 ? 0 : (long) (i * 1e9 / rate);
      long period = rate == 0 ? 0 : (long) (count * 1e9 / rate);
      running.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      slice.merge(client(operation, random, start, first, period));
                    } catch (Throwable t) {
                      failure.set(t);
                    }
                  }));
    }
    for (Thread thread : running) {
      thread.join();
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a client failed", failed);
    }
    if (counts) {
      trace(traces, name).addSlice(slice, (System.nanoTime() - start) / 1e9);
    }
  }

  /** A period of 0 is a closed loop. */
  private LatencyTrace client(
      Operation operation, SplittableRandom random, long start, long first, long period)
      throws Exception {
    LatencyTrace trace = new LatencyTrace();
    long end = arguments.slice().toNanos();
    long due = first;
    while (due < end) {
      long now = System.nanoTime() - start;
      while (now < due) {
        LockSupport.parkNanos(due - now);
        now = System.nanoTime() - start;
      }
      operation.run(random);
      long done = System.nanoTime() - start;
      trace.add(done, done - (period == 0 ? now : due));
      due = period == 0 ? done : due + period;
    }
    return trace;
  }

  private void report(String title, Map<String, LatencyTrace> traces) throws Exception {
    LatencyTrace without = trace(traces, WITHOUT);
    List<List<String>> rows = new ArrayList<>();
    traces.forEach(
        (name, trace) ->
            rows.add(
                List.of(
                    name,
                    String.format(Locale.ROOT, "%,.0f", trace.perSecond()),
                    ratio(trace.perSecond(), without.perSecond(), name),
                    millis(trace.quantileMillis(0.5)),
                    millis(trace.quantileMillis(0.99)),
                    ratio(trace.quantileMillis(0.99), without.quantileMillis(0.99), name),
                    millis(trace.quantileMillis(0.999)),
                    millis(trace.quantileMillis(1)),
                    String.format(
                        Locale.ROOT,
                        "%.1f",
                        trace.longerThanMillis(PAUSE_MILLIS) / trace.seconds()))));
    new Tables(System.out)
        .print(
            List.of(
                title,
                "a second",
                "to neither",
                "p50 ms",
                "p99",
                "to neither",
                "p99.9",
                "longest",
                "over 10 ms, a second"),
            rows);
    if (title.startsWith("open")) {
      plot("stall-open.svg", "Durable commits, " + title, traces);
    }
  }

  private static String millis(double millis) {
    return String.format(Locale.ROOT, "%.2f", millis);
  }

  private static String ratio(double of, double to, String name) {
    return name.equals(WITH) ? String.format(Locale.ROOT, "%.2f", of / to) : "";
  }

  private static LatencyTrace trace(Map<String, LatencyTrace> traces, String name) {
    LatencyTrace trace = traces.get(name);
    if (trace == null) {
      throw new IllegalArgumentException(name);
    }
    return trace;
  }

  private void plot(String file, String title, Map<String, LatencyTrace> traces) throws Exception {
    Files.writeString(arguments.plots().resolve(file), LatencyPlot.svg(title, traces));
  }
}
