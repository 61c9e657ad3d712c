package dev.redoubt.benchmarks;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Records that nobody waits for: how many a second from one and two threads with the heap bytes of
 * each; the same with a future of each; and how long the background force leaves a record unforced.
 */
final class LogNotWaiting {
  private static final int APPENDS_TIMED_TOGETHER = 64;
  private static final int FUTURES_OUTSTANDING = 1024;
  private static final long STEADY_PAUSE_NANOS = 200_000;
  private static final long LONE_PAUSE_NANOS = 25_000_000;
  private static final long POLL_NANOS = 50_000;

  /** The clients' own set-up, shared out over all appends, comes to less. */
  private static final double HEAP_BYTES_OF_NONE = 0.5;

  private static final String APPENDS = "appends";
  private static final String FUTURES = "appends + futures";
  private static final String OURS = Peers.REDOUBT.label();

  private final int rounds;
  private final Duration slice;
  private final Log log;

  LogNotWaiting(Arguments arguments, Log log) {
    this.rounds = arguments.rounds();
    this.slice = arguments.slice();
    this.log = log;
  }

  void run(Tables tables, Goals goals) throws Exception {
    Rounds all = new Rounds(rounds);
    for (int threads = 1; threads <= 2; threads++) {
      int clients = threads;
      all.add(row(APPENDS, threads), OURS, () -> appends(clients));
      all.add(row(FUTURES, threads), OURS, () -> futures(clients));
    }
    Map<String, Map<String, Sample>> figures = all.run();
    Rounds alone = new Rounds(rounds);
    alone.add("records in a stream", OURS, () -> lag(STEADY_PAUSE_NANOS));
    alone.add("single records", OURS, () -> lag(LONE_PAUSE_NANOS));
    Map<String, Latencies> lags = new LinkedHashMap<>();
    alone
        .run()
        .forEach((row, ours) -> ours.values().forEach(each -> lags.put(row, each.latencies())));
    tables.rates("not waiting, a second", figures);
    tables.costs("not waiting", figures);
    lags(tables, lags);
    double two = Goals.rate(figures, row(APPENDS, 2), OURS);
    goals.atLeast("appends/s of each of 2 threads", 1e6, two / 2);
    figures
        .getOrDefault(row(APPENDS, 2), Map.of())
        .values()
        .forEach(
            ours ->
                goals.atMost(
                    "heap bytes an append",
                    HEAP_BYTES_OF_NONE,
                    Math.max(0, ours.bytesPerOperation())));
    double bound = LogOptions.defaults().asyncForceInterval().toNanos() / 1e6;
    lags.forEach(
        (row, lag) ->
            goals.atMost("ms until durable, p99, " + row, bound, lag.quantileNanos(0.99) / 1e6));
  }

  private static String row(String what, int threads) {
    return what + ", " + (threads == 1 ? "1 thread" : threads + " threads");
  }

  private Sample appends(int clients) throws Exception {
    Sample sample =
        Clients.platform(
            clients,
            slice,
            () -> {
              LogRecords records = new LogRecords(log);
              return random -> {
                for (int i = 0; i < APPENDS_TIMED_TOGETHER; i++) {
                  records.append();
                }
              };
            });
    LogRecords.recycle(log);
    return sample.times(APPENDS_TIMED_TOGETHER);
  }

  /** Each client has so many futures open at most, and counts those that are complete. */
  private Sample futures(int clients) throws Exception {
    Sample sample =
        Clients.platform(
            clients,
            slice,
            () -> {
              LogRecords records = new LogRecords(log);
              ArrayDeque<CompletableFuture<Void>> open = new ArrayDeque<>();
              return random -> {
                if (open.size() == FUTURES_OUTSTANDING) {
                  open.removeFirst().join();
                }
                open.addLast(log.forceAsync(records.append()));
              };
            });
    LogRecords.recycle(log);
    return sample;
  }

  /** One thread appends after each pause, and looks all the time what has become durable. */
  private Sample lag(long pauseNanos) throws Exception {
    Lag lag = new Lag(log, pauseNanos);
    Sample sample = Clients.platform(1, slice, () -> lag);
    LogRecords.recycle(log);
    return new Sample(sample.perSecond(), lag.lags, -1, -1);
  }

  private static void lags(Tables tables, Map<String, Latencies> figures) {
    tables.print(
        List.of("appended until durable, nobody waiting: ms", "records", "p50", "p99", "most"),
        figures.entrySet().stream()
            .map(
                row -> {
                  Latencies lags = row.getValue();
                  return List.of(
                      row.getKey(),
                      String.format(Locale.ROOT, "%,d", lags.count()),
                      millis(lags, 0.5),
                      millis(lags, 0.99),
                      millis(lags, 1));
                })
            .toList());
  }

  private static String millis(Latencies lags, double quantile) {
    return String.format(Locale.ROOT, "%.2f", lags.quantileNanos(quantile) / 1e6);
  }

  /** Appends, and times each record until it is below the durable end. */
  private static final class Lag implements Clients.Client {
    private record Pending(long lsn, long nanos) {}

    private final Log log;
    private final LogRecords records;
    private final long pauseNanos;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final Latencies lags = new Latencies();
    private long nextNanos = System.nanoTime();

    Lag(Log log, long pauseNanos) {
      this.log = log;
      this.records = new LogRecords(log);
      this.pauseNanos = pauseNanos;
    }

    @Override
    public void operation(SplittableRandom random) {
      long now = System.nanoTime();
      if (now - nextNanos >= 0) {
        nextNanos = now + pauseNanos;
        pending.addLast(new Pending(records.append(), now));
      }
      LockSupport.parkNanos(POLL_NANOS);
      long durableEnd = log.durableEndLsn();
      long seen = System.nanoTime();
      for (Pending first = pending.peekFirst();
          first != null && first.lsn() < durableEnd;
          first = pending.peekFirst()) {
        pending.removeFirst();
        lags.add(seen - first.nanos());
      }
    }
  }
}
