package dev.redoubt.benchmarks;

import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Restart after SIGKILL. A child process loads entries, takes a checkpoint, updates them at random
 * in transactions of ten until the log has grown by so much, forces it and is killed; then the
 * store is opened and one entry read. RocksDB is given the same updates beside it, all still in its
 * log, and is opened with its own write buffers: with the one large memtable that kept them in the
 * log it takes longer.
 *
 * <pre>
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar restart
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar restart --log-mib 16 --entries 100000 --rounds 1
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar restart --system-cache kept,dropped
 * </pre>
 *
 * <p>See {@link Arguments}. The files are in the cache of the operating system when the store is
 * opened, for both alike, or in nobody's, as after a power cut. Ours reads its log past it.
 */
final class RestartFigures {
  private final Arguments arguments;
  private final List<List<String>> rows = new ArrayList<>();

  private RestartFigures(Arguments arguments) {
    this.arguments = arguments;
  }

  static void run(Arguments arguments) throws Exception {
    new RestartFigures(arguments).run();
  }

  private void run() throws Exception {
    try (WorkDirectory work = arguments.directory()) {
      for (int mib : arguments.logMiB()) {
        for (int round = 0; round < arguments.rounds(); round++) {
          for (boolean dropped : arguments.dropped()) {
            measure(work, mib, dropped);
          }
          System.err.printf("%d MiB, round %d done%n", mib, round + 1);
        }
      }
    }
    new Tables(System.out)
        .print(
            List.of(
                "log",
                "system's cache",
                "updates",
                "redoubt, s",
                "analysis",
                "redo",
                "undo",
                "redo MB/s",
                "us an update",
                "rocksdb, s",
                "us an update",
                "rocksdb to ours"),
            rows);
  }

  private void measure(WorkDirectory work, int mib, boolean dropped) throws Exception {
    Path ours = work.fresh("restart-redoubt");
    long updates = crash(Peers.REDOUBT, ours, mib, 0);
    Path theirs = work.fresh("restart-rocksdb");
    crash(Peers.ROCKSDB, theirs, mib, updates);

    if (dropped) {
      SystemCache.drop();
    }
    long start = System.nanoTime();
    Peer.Setup setup = setup(ours);
    RedoubtPeer redoubt =
        new RedoubtPeer(setup, RedoubtPeer.engine(setup).withRestart(RestartMode.FULL));
    double seconds = firstRead(redoubt, start);
    RecoveryReport report = redoubt.store().lastRecovery();
    redoubt.close();

    if (dropped) {
      SystemCache.drop();
    }
    start = System.nanoTime();
    Peer rocks = Peers.ROCKSDB.open(new Peer.Setup(theirs, false, arguments.cacheBytes(), false));
    double rocksSeconds = firstRead(rocks, start);
    rocks.close();
    row(report, dropped, updates, seconds, rocksSeconds);
  }

  private void row(
      RecoveryReport report, boolean dropped, long updates, double seconds, double rocksSeconds) {
    long logBytes = report.endLsn() - report.redoLsn();
    double redo = seconds(report.redoTime());
    rows.add(
        List.of(
            String.format(Locale.ROOT, "%,d MiB", logBytes >> 20),
            dropped ? "dropped" : "kept",
            String.format(Locale.ROOT, "%,d", updates),
            String.format(Locale.ROOT, "%.2f", seconds),
            String.format(Locale.ROOT, "%.2f", seconds(report.analysisTime())),
            String.format(Locale.ROOT, "%.2f", redo),
            String.format(Locale.ROOT, "%.2f", seconds(report.undoTime())),
            String.format(Locale.ROOT, "%,.0f", logBytes / 1e6 / redo),
            String.format(Locale.ROOT, "%.2f", seconds * 1e6 / updates),
            String.format(Locale.ROOT, "%.2f", rocksSeconds),
            String.format(Locale.ROOT, "%.2f", rocksSeconds * 1e6 / updates),
            String.format(Locale.ROOT, "%.2f", rocksSeconds / seconds)));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static double firstRead(Peer peer, long start) throws Exception {
    try (Peer.Session session = peer.session()) {
      if (session.get(Keys.key(0)) == null) {
        throw new AssertionError("an entry that was loaded is missing");
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private Peer.Setup setup(Path dir) {
    return new Peer.Setup(dir, false, arguments.cacheBytes(), true);
  }

  /** Lets a child write and kills it; the number of updates it had made durable. */
  private long crash(Peers peer, Path dir, int mib, long updates) throws Exception {
    return Long.parseLong(
        Children.untilFirstLine(
            RestartChild.class,
            List.of(
                peer.label(),
                dir.toString(),
                Long.toString(arguments.cacheBytes()),
                Integer.toString(arguments.entries()),
                Integer.toString(mib),
                Long.toString(updates))));
  }
}
