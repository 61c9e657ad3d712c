package dev.redoubt.benchmarks;

import dev.redoubt.recovery.RestartMode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Time to the first transaction after SIGKILL, by length of the log to redo and by size of the
 * transactions that had not ended, mostly one, with restart behind the open store and with full
 * restart, each in a JVM that has just been started; beside RocksDB, given the same updates, all of
 * them committed. Then draws what durable transactions go through while restart is at work.
 *
 * <pre>
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar instant
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar instant --rounds 1 --clients 4 \
 *       --plots benchmarks --drawn 1024:1000000 \
 *       --rows 64:0,64:100000,256:0,256:100000,1024:0,1024:1000000,1024:1000000/10000
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar instant --rounds 1 --rocks-mib 1024 \
 *       --drawn 0:0 --rows 4096:0,4096:1000000
 * </pre>
 *
 * <p>The second and third are the committed table and its picture: some six and four minutes on a
 * machine that does nothing else. Each row names what it took on standard error, so that rows can
 * be left out where time is short.
 *
 * <p>See {@link Arguments}. No page is written home before the crash, so all of the log is to be
 * redone. With {@code --checkpoints held} there is none either, and analysis reads all of it; with
 * {@code running} there is one every 64 MiB. The files are in the cache of the operating system.
 */
final class InstantFigures {
  private final Arguments arguments;
  private final List<List<String>> rows = new ArrayList<>();

  private InstantFigures(Arguments arguments) {
    this.arguments = arguments;
  }

  static void run(Arguments arguments) throws Exception {
    new InstantFigures(arguments).run();
  }

  private void run() throws Exception {
    try (WorkDirectory work = arguments.directory()) {
      for (Arguments.Row row : arguments.rows()) {
        long start = System.nanoTime();
        measure(work, row);
        System.err.printf(
            Locale.ROOT,
            "%d MiB, losers' updates %s done in %.0f s%n",
            row.mib(),
            losers(row),
            (System.nanoTime() - start) / 1e9);
      }
    }
    new Tables(System.out)
        .print(
            List.of(
                "log to redo",
                "updates",
                "losers'",
                "instant: open, s",
                "first transaction",
                "all done",
                "full: first transaction",
                "full to instant",
                "rocksdb",
                "rocksdb to instant",
                "rocksdb to full"),
            rows);
    System.out.println(
        "checkpoints before the crash: " + (arguments.checkpoints() ? "every 64 MiB" : "held off"));
  }

  private void measure(WorkDirectory work, Arguments.Row row) throws Exception {
    int mib = row.mib();
    int loser = row.updates();
    Path crashed = work.fresh("crashed");
    long updates =
        Long.parseLong(
            Children.untilFirstLine(
                CrashedStore.class,
                List.of(
                    crashed.toString(),
                    Long.toString(arguments.cacheBytes()),
                    Integer.toString(arguments.entries()),
                    Integer.toString(mib),
                    Integer.toString(loser),
                    Integer.toString(row.losers()),
                    Boolean.toString(arguments.checkpoints()))));
    List<double[]> instant = new ArrayList<>();
    List<double[]> full = new ArrayList<>();
    List<double[]> rocks = new ArrayList<>();
    boolean drawn = arguments.drawn().contains(row);
    for (int round = 1; round <= arguments.rounds(); round++) {
      boolean last = round == arguments.rounds() && !drawn;
      instant.add(open("redoubt", copied(crashed, work), RestartMode.INSTANT));
      full.add(open("redoubt", last ? crashed : copied(crashed, work), RestartMode.FULL));
    }
    if (drawn) {
      new RestartThroughput(arguments).draw(crashed, mib, loser);
    }
    WorkDirectory.delete(crashed);
    if (arguments.withRocks(row)) {
      Path theirs = work.fresh("rocksdb");
      Children.untilFirstLine(
          RestartChild.class,
          List.of(
              Peers.ROCKSDB.label(),
              theirs.toString(),
              Long.toString(arguments.cacheBytes()),
              Integer.toString(arguments.entries()),
              "0",
              Long.toString(updates + loser)));
      for (int round = 1; round <= arguments.rounds(); round++) {
        boolean last = round == arguments.rounds();
        rocks.add(open("rocksdb", last ? theirs : copied(theirs, work), RestartMode.FULL));
      }
      WorkDirectory.delete(theirs);
    }
    WorkDirectory.delete(work.fresh("copy"));
    double first = median(instant, 1);
    rows.add(
        List.of(
            String.format(Locale.ROOT, "%,d MiB", (long) median(instant, 3) >> 20),
            String.format(Locale.ROOT, "%,d", updates),
            losers(row),
            seconds(median(instant, 0)),
            seconds(first),
            seconds(median(instant, 2)),
            seconds(median(full, 1)),
            String.format(Locale.ROOT, "%.1f", median(full, 1) / first),
            rocks.isEmpty() ? "" : seconds(median(rocks, 1)),
            ratio(rocks, first),
            ratio(rocks, median(full, 1))));
  }

  private static String losers(Arguments.Row row) {
    return row.losers() == 1
        ? String.format(Locale.ROOT, "%,d", row.updates())
        : String.format(Locale.ROOT, "%,d of %,d", row.updates(), row.losers());
  }

  private static String ratio(List<double[]> rocks, double ours) {
    return rocks.isEmpty() ? "" : String.format(Locale.ROOT, "%.1f", median(rocks, 1) / ours);
  }

  private double[] open(String peer, Path dir, RestartMode mode) throws Exception {
    String line =
        Children.untilFirstLine(
            FirstTransaction.class,
            List.of(
                peer,
                dir.toString(),
                Long.toString(arguments.cacheBytes()),
                Boolean.toString(arguments.checkpoints()),
                mode.name()));
    String[] parts = line.split(" ", -1);
    double[] numbers = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = Double.parseDouble(parts[i]);
    }
    return numbers;
  }

  /** A copy whose bytes are on the disk, as those of a store are that was killed. */
  private static Path copied(Path from, WorkDirectory work) throws IOException {
    Path to = work.fresh("copy");
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path each : walk.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(each).toString());
        Files.createDirectories(target.getParent());
        Files.copy(each, target);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
          channel.force(true); // or the opening would pay for it
        }
      }
    }
    return to;
  }

  private static double median(List<double[]> rounds, int column) {
    double[] sorted = rounds.stream().mapToDouble(each -> each[column]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }
}
