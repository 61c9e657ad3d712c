package dev.redoubt.benchmarks;

import dev.redoubt.kv.ConflictException;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.OngoingRestart;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What users get while restart goes on behind the open store: clients that each get one entry of
 * any kind and put one durably, among those that no loser owns, counted in slices of time from the
 * call of open on, with what is left of restart beside it.
 */
final class RestartThroughput {
  private static final int SLICE_MILLIS = 50;
  private static final int MOST_SLICES = 2_400;
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 300;
  private static final int LEFT = 70;
  private static final int TOP = 40;

  private final Arguments arguments;
  private final AtomicLongArray done = new AtomicLongArray(MOST_SLICES);
  private final List<double[]> left = new ArrayList<>();

  RestartThroughput(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Opens the crashed store and writes {@code restart-MIB-LOSER.svg}. */
  void draw(Path dir, int mib, int loser) throws Exception {
    long start = System.nanoTime();
    double overAt;
    double end;
    try (Store store =
        Store.open(
            dir,
            CrashedStore.options(
                arguments.cacheBytes(), arguments.checkpoints(), RestartMode.INSTANT))) {
      OngoingRestart restart = store.engine().restart();
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < arguments.clients().getFirst(); i++) {
        SplittableRandom random = new SplittableRandom(i);
        clients.add(Thread.ofPlatform().start(() -> client(store, random, start)));
      }
      overAt = 0;
      while (overAt == 0 || seconds(start) < overAt + arguments.slice().toNanos() / 1e9) {
        Thread.sleep(SLICE_MILLIS);
        left.add(new double[] {seconds(start), restart.pagesOwed(), restart.updatesLeft()});
        if (overAt == 0 && restart.isOver()) {
          overAt = seconds(start);
        }
      }
      end = seconds(start);
      stopping = true;
      for (Thread client : clients) {
        client.join();
      }
    }
    String title =
        String.format(
            Locale.ROOT,
            "%d clients from the call of open on: %d MiB of log to redo, a loser of %,d updates;"
                + " restart over at %.2f s",
            arguments.clients().getFirst(),
            mib,
            loser,
            overAt);
    Files.writeString(
        arguments.plots().resolve("restart-" + mib + "-" + loser + ".svg"),
        svg(title, overAt, end));
  }

  private volatile boolean stopping;

  private void client(Store store, SplittableRandom random, long start) {
    int half = arguments.entries() / 2;
    while (!stopping) {
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(CrashedStore.TREE).get(Keys.key(random.nextInt(2 * half)));
        tx.tree(CrashedStore.TREE).put(Keys.key(2L * random.nextInt(half)), Keys.value(random));
        tx.commit(Durability.SYNC);
        int slice = (int) (seconds(start) * 1000 / SLICE_MILLIS);
        if (slice < MOST_SLICES) {
          done.incrementAndGet(slice);
        }
      } catch (ConflictException again) {
        // Another client was there first: the next transaction is another one.
      }
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private String svg(String title, double overAt, double end) {
    int slices = (int) Math.min(MOST_SLICES, end * 1000 / SLICE_MILLIS);
    long most = 1;
    for (int i = 0; i < slices; i++) {
      most = Math.max(most, done.get(i));
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\""
                + " height=\"100%%\" fill=\"white\"/>%n<text x=\"%d\" y=\"18\""
                + " font-size=\"14\">%s</text>%n<text x=\"%d\" y=\"34\""
                + " fill=\"#2563a8\">transactions a second, up to %,d</text>%n<text x=\"%d\""
                + " y=\"34\" fill=\"#c33\">pages owed redo</text>%n<text x=\"%d\" y=\"34\""
                + " fill=\"#2a8a3a\">updates of losers left</text>%n",
            WIDTH,
            TOP + HEIGHT + 30,
            LEFT,
            title,
            LEFT,
            most * 1000 / SLICE_MILLIS,
            LEFT + 260,
            LEFT + 400));
    line(svg, "#c33", 1, end);
    line(svg, "#2a8a3a", 2, end);
    svg.append("<path stroke=\"#2563a8\" fill=\"none\" d=\"");
    for (int i = 0; i < slices; i++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "%s%.1f %.1f",
              i == 0 ? "M" : "L",
              x(i * SLICE_MILLIS / 1e3, end),
              y((double) done.get(i) / most)));
    }
    svg.append("\"/>\n");
    for (int second = 0; second <= end; second++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\">%d s</text>%n",
              x(second, end),
              TOP + HEIGHT + 18,
              second));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"#888\""
                + " stroke-dasharray=\"4\"/>%n</svg>%n",
            x(overAt, end),
            TOP,
            TOP + HEIGHT));
    return svg.toString();
  }

  /** What is left of restart, each as a share of its largest. */
  private void line(StringBuilder svg, String colour, int column, double end) {
    double most = left.stream().mapToDouble(each -> each[column]).max().orElse(0);
    if (most == 0) {
      return;
    }
    svg.append("<path stroke=\"").append(colour).append("\" fill=\"none\" d=\"");
    String move = "M";
    for (double[] each : left) {
      svg.append(
          String.format(Locale.ROOT, "%s%.1f %.1f", move, x(each[0], end), y(each[column] / most)));
      move = "L";
    }
    svg.append("\"/>\n");
  }

  private static double x(double second, double end) {
    return LEFT + second / end * (WIDTH - LEFT - 10);
  }

  private static double y(double share) {
    return TOP + HEIGHT * (1 - share);
  }
}
