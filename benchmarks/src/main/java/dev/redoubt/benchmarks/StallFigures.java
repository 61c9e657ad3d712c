package dev.redoubt.benchmarks;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
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
 * takes checkpoints all the time and on one that does neither ({@link StallStore}), beside peers
 * and the bare disk, in slices that take turns. Closed loop, then open loop at half the rate that
 * the slowest reached in the closed one: there a latency begins when the commit was due, so that a
 * pause is seen by all who come in it. Draws latency over time.
 *
 * <pre>
 *   java -Xmx4g -jar benchmarks/target/benchmarks.jar stall --clients 4 --seconds 3 --rounds 5
 * </pre>
 *
 * <p>{@code --caching direct} has the pages of both go past the operating system's cache. See
 * {@link Arguments}; the peers are RocksDB unless others are named; {@code stall-closed.svg} and
 * {@code stall-open.svg} are written to {@code --plots}.
 */
final class StallFigures {
  private static final String WITH = "checkpoints and cleaning";
  private static final String WITHOUT = "neither";
  private static final int LOAD_BATCH = 1000;
  private static final double PAUSE_MILLIS = 10;

  /** Slices of wearing in at the most. */
  private static final int MOST_WEARING = 20;

  private final Arguments arguments;
  private final int clients;

  private StallFigures(Arguments arguments) {
    this.arguments = arguments;
    this.clients = arguments.clients().getFirst();
  }

  static void run(Arguments arguments) throws Exception {
    new StallFigures(arguments).run();
  }

  /** Makes what a client does, in its thread. */
  private interface Client {
    Operation make() throws Exception;
  }

  /** What is measured: one operation after another. */
  private interface Operation {
    void run(SplittableRandom random) throws Exception;
  }

  /** Has every client of a slice do its operation. */
  private interface Slice {
    void run(Map<String, LatencyTrace> traces, double rate, boolean counts) throws Exception;
  }

  private void run() throws Exception {
    Map<Peers, Peer.Setup> setups = new EnumMap<>(Peers.class);
    try (WorkDirectory work = arguments.directory()) {
      for (Peers each : arguments.peers(Peers.ROCKSDB)) {
        setups.put(
            each, new Peer.Setup(work.fresh(each.label()), true, arguments.cacheBytes(), false));
      }
      try (BareDisk bare = new BareDisk(work.fresh("bare").resolve("blocks"));
          StallStore with = new StallStore(arguments, work.fresh("with"), true);
          StallStore without = new StallStore(arguments, work.fresh("without"), false);
          OpenPeers peers = OpenPeers.open(setups)) {
        with.prepare();
        without.prepare();
        peers.each((name, peer) -> load(peer));
        for (int i = 0; i < MOST_WEARING && !with.isWornIn(); i++) {
          slice(with, WITH, Map.of(), 0, false);
        }
        with.countAnew();
        // A store just opened is young: each collection would copy its frames, for seconds.
        System.gc();
        measure(bare, with, without, peers);
      }
    }
  }

  private void measure(BareDisk bare, StallStore with, StallStore without, OpenPeers peers)
      throws Exception {
    Map<String, Slice> slices = new LinkedHashMap<>();
    slices.put(WITH, (traces, rate, counts) -> slice(with, WITH, traces, rate, counts));
    slices.put(WITHOUT, (traces, rate, counts) -> slice(without, WITHOUT, traces, rate, counts));
    peers.each(
        (name, peer) ->
            slices.put(
                name,
                (traces, rate, counts) -> slice(clients, rate, put(peer), traces, name, counts)));
    slices.put(
        BareDisk.LABEL,
        (traces, rate, counts) ->
            slice(1, 0, () -> random -> bare.writeAndForce(), traces, BareDisk.LABEL, counts));
    Map<String, LatencyTrace> closed = rounds(slices, 0);
    report("closed loop", closed);
    double rate =
        closed.entrySet().stream()
                .filter(each -> !each.getKey().equals(BareDisk.LABEL))
                .mapToDouble(each -> each.getValue().perSecond())
                .min()
                .orElseThrow()
            / 2;
    Map<String, LatencyTrace> open = rounds(slices, rate);
    report(String.format(Locale.ROOT, "open loop, %,.0f commits/s", rate), open);
    plot("stall-closed.svg", "Durable commits, closed loop", closed);
    System.out.println(with.report(WITH));
    System.out.println(without.report(WITHOUT));
  }

  private void load(Peer peer) throws Exception {
    for (int from = 0; from < arguments.entries(); from += LOAD_BATCH) {
      byte[][] keys = new byte[Math.min(LOAD_BATCH, arguments.entries() - from)][];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = Keys.key(from + i);
      }
      peer.load(keys);
    }
    peer.settle();
  }

  /** The first round warms up; those of even number go in the other direction. */
  private Map<String, LatencyTrace> rounds(Map<String, Slice> slices, double rate)
      throws Exception {
    Map<String, LatencyTrace> traces = new LinkedHashMap<>();
    slices.keySet().forEach(name -> traces.put(name, new LatencyTrace()));
    List<Slice> order = List.copyOf(slices.values());
    for (int round = 0; round <= arguments.rounds(); round++) {
      for (Slice each : round % 2 == 0 ? order : order.reversed()) {
        each.run(traces, rate, round > 0);
      }
    }
    return traces;
  }

  private void slice(
      StallStore store, String name, Map<String, LatencyTrace> traces, double rate, boolean counts)
      throws Exception {
    store.counted(-1, 0);
    slice(clients, rate, () -> store::put, traces, name, counts);
    store.counted(1, arguments.slice().toNanos() / 1e9);
  }

  private Client put(Peer peer) {
    return () -> {
      Peer.Session session = peer.session();
      return random ->
          session.put(Keys.key(random.nextInt(arguments.entries())), Keys.value(random));
    };
  }

  private void slice(
      int count,
      double rate,
      Client client,
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
                      slice.merge(client(client.make(), random, start, first, period));
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
