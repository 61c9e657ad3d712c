package dev.redoubt.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * The program of this module: {@code java -jar benchmarks.jar WHAT [arguments]}, where WHAT is
 * {@code log}, {@code commits}, {@code reads}, {@code ycsb}, {@code size}, {@code restart}, {@code
 * instant}, {@code open}, {@code pool}, {@code hits}, {@code scans}, {@code stall}, {@code
 * bigdata}, {@code pagestores}, or {@code jmh} with JMH's own arguments.
 */
public final class Figures {
  private Figures() {}

  /**
   * Measures and prints tables.
   *
   * @param args what to measure, and the arguments of {@link Arguments}
   */
  public static void main(String[] args) throws Exception {
    String what = args.length == 0 ? "" : args[0];
    String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
    switch (what) {
      case "log" -> measured(rest, LogFigures::run);
      case "commits" -> measured(rest, CommitFigures::run);
      case "reads" -> measured(rest, ReadFigures::run);
      case "restart" -> measured(rest, RestartFigures::run);
      case "instant" -> measured(rest, InstantFigures::run);
      case "open" -> measured(rest, OpenFigures::run);
      case "pool" -> measured(rest, PoolFigures::run);
      case "hits" -> measured(rest, HitFigures::run);
      case "scans" -> measured(rest, ScanFigures::run);
      case "stall" -> measured(rest, StallFigures::run);
      case "ycsb" -> measured(rest, YcsbFigures::run);
      case "size" -> measured(rest, SizeFigures::run);
      case "bigdata" -> measured(rest, BigDataFigures::run);
      case "pagestores" -> measured(rest, PageStoreFigures::run);
      case "jmh" -> org.openjdk.jmh.Main.main(rest);
      default -> {
        System.err.println(
            "what to measure: log, commits, reads, ycsb, size, restart, instant, open, pool,"
                + " hits, scans, stall, bigdata, pagestores or jmh");
        System.exit(2);
      }
    }
  }

  /** One kind of figures. */
  private interface Kind {
    void run(Arguments arguments) throws Exception;
  }

  private static void measured(String[] args, Kind kind) throws Exception {
    System.out.printf(
        Locale.ROOT,
        "%d cores, %s %s, JDK %s%n%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Runtime.version());
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    double before = system.getSystemLoadAverage();
    kind.run(new Arguments(args));
    System.out.printf(
        Locale.ROOT,
        "load average %.1f before, %.1f after%n",
        before,
        system.getSystemLoadAverage());
    System.exit(0); // some peers leave threads behind
  }
}
