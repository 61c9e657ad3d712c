package dev.redoubt.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * How much disk the same entries take in every peer: loaded in key order, loaded in random order,
 * and after churn, which gives every entry another value of 50 to 150 bytes, in random order, three
 * times over, 1000 a transaction. Sizes are taken after the peer has settled and has been closed.
 *
 * <pre>
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar size --entries 300000
 * </pre>
 *
 * <p>See {@link Arguments}. What Redoubt keeps besides its pages, mostly segments of the log that
 * are used again and again, is counted, and shown on its own.
 */
final class SizeFigures {
  private static final int BATCH = 1000;
  private static final int CHURNS = 3;

  private final Arguments arguments;
  private final int entries;
  private final byte[][] sorted;

  private SizeFigures(Arguments arguments) {
    this.arguments = arguments;
    this.entries = arguments.entries(300_000);
    this.sorted = Keys.sorted(entries);
  }

  static void run(Arguments arguments) throws Exception {
    SizeFigures figures = new SizeFigures(arguments);
    try (WorkDirectory work = arguments.directory()) {
      figures.measure(work, new Tables(System.out));
    }
  }

  private void measure(WorkDirectory work, Tables tables) throws Exception {
    List<Peers> chosen = arguments.peers(Peers.values());
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> head = new ArrayList<>(List.of("MB on disk"));
    for (Peers each : chosen) {
      head.add(each.label());
      Path inOrder = work.fresh(each.label() + "-in-order");
      fill(each, inOrder, false, 0);
      note(rows, "loaded in key order", inOrder);
      WorkDirectory.delete(inOrder);
      Path random = work.fresh(each.label() + "-random");
      fill(each, random, true, 0);
      note(rows, "loaded in random order", random);
      fill(each, random, true, CHURNS);
      note(rows, "after churn", random);
      if (each == Peers.REDOUBT) {
        head.add("redoubt, pages alone");
        rows.forEach((_, row) -> row.add(""));
        List<String> churned = Objects.requireNonNull(rows.get("after churn"));
        churned.set(churned.size() - 1, megabytes(pageBytes(random)));
      }
      WorkDirectory.delete(random);
      System.err.println(each.label() + " done");
    }
    long data = (long) entries * (Keys.KEY_BYTES + Keys.VALUE_BYTES);
    tables.print(
        head,
        rows.entrySet().stream()
            .map(
                row -> {
                  List<String> cells = new ArrayList<>(List.of(row.getKey()));
                  cells.addAll(row.getValue());
                  return cells;
                })
            .toList());
    System.out.printf(Locale.ROOT, "keys and values: %s MB%n", megabytes(data));
  }

  /** Loads, or, with {@code churns}, gives every entry another value that often. */
  private void fill(Peers which, Path dir, boolean shuffled, int churns) throws Exception {
    SplittableRandom random = new SplittableRandom(11 + churns);
    try (Peer peer = which.open(new Peer.Setup(dir, false, arguments.cacheBytes(), false))) {
      for (int pass = 0; pass < Math.max(1, churns); pass++) {
        byte[][] keys = sorted;
        if (shuffled) {
          int[] order = Keys.shuffled(entries, random);
          keys = new byte[entries][];
          Arrays.setAll(keys, i -> sorted[order[i]]);
        }
        for (int i = 0; i < entries; i += BATCH) {
          byte[][] some = Arrays.copyOfRange(keys, i, Math.min(entries, i + BATCH));
          byte[][] values = new byte[some.length][];
          Arrays.setAll(values, v -> value(random, churns > 0));
          peer.load(some, values);
        }
      }
      peer.settle();
    }
  }

  private static byte[] value(SplittableRandom random, boolean anyLength) {
    byte[] value = new byte[anyLength ? random.nextInt(50, 151) : Keys.VALUE_BYTES];
    random.nextBytes(value);
    return value;
  }

  private static void note(Map<String, List<String>> rows, String what, Path dir) throws Exception {
    rows.computeIfAbsent(what, _ -> new ArrayList<>()).add(megabytes(WorkDirectory.bytes(dir)));
  }

  private static long pageBytes(Path dir) throws Exception {
    long sum = 0;
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        sum += each.getFileName().toString().contains("pages") ? Files.size(each) : 0;
      }
    }
    return sum;
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.0f", bytes / 1e6);
  }
}
