package dev.redoubt.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Data ten times as large as memory: point reads and updates, uniform and by Zipf's law, every peer
 * in a process of its own with equal memory.
 *
 * <p><b>Equal memory.</b> Every peer has {@code --cache-mib} for its data, wherever it keeps them.
 * A control group bounds what its process may hold besides what it holds anyhow (heap, code):
 * Redoubt and RocksDB have it all as their own cache and go past the operating system's. LMDB has
 * it all as the operating system's cache, SQLite all but 2 MiB a connection. JE and MVStore, which
 * read through that cache, have three quarters themselves and a quarter there. Where no control
 * group can be made the first line says so: then whoever reads through the operating system's cache
 * has all of the machine's memory.
 *
 * <pre>
 *   java -Xmx1g -jar benchmarks/target/benchmarks.jar bigdata
 *   java -Xmx1g -jar benchmarks/target/benchmarks.jar bigdata \
 *       --cache-mib 16 --data-mib 160 --seconds 2 --rounds 3 --clients 1,4
 * </pre>
 *
 * <p>See {@link Arguments}. Data are loaded in key order. Commits do not wait.
 */
final class BigDataFigures {
  /** Room of those who go past the operating system's cache, for their other files. */
  private static final long SLACK_BYTES = 16L << 20;

  /** Heap of every process, besides a cache that lies on it. */
  private static final int HEAP_MIB = 256;

  private final Arguments arguments;
  private final long cacheBytes;
  private final int entries;
  private final Map<Peers, BigDataProcess> processes = new EnumMap<>(Peers.class);

  private BigDataFigures(Arguments arguments) {
    this.arguments = arguments;
    this.cacheBytes = arguments.cacheBytes(64);
    this.entries = Math.toIntExact(arguments.dataBytes(640) / (Keys.KEY_BYTES + Keys.VALUE_BYTES));
  }

  static void run(Arguments arguments) throws Exception {
    BigDataFigures figures = new BigDataFigures(arguments);
    try (WorkDirectory work = arguments.directory()) {
      try {
        figures.measure(work);
      } finally {
        figures.processes.values().forEach(BigDataProcess::close);
      }
    }
  }

  private void measure(WorkDirectory work) throws Exception {
    for (Peers each :
        arguments.peers(
            Peers.REDOUBT, Peers.LMDB, Peers.MVSTORE, Peers.JE, Peers.SQLITE, Peers.ROCKSDB)) {
      BigDataProcess process = start(work, each);
      processes.put(each, process);
      System.err.printf("%s: loaded in %s s%n", each.label(), process.read());
    }
    System.out.printf(
        Locale.ROOT,
        "%,d entries, %d MiB; %d MiB of cache each; %s%n%n",
        entries,
        arguments.dataBytes(640) >> 20,
        cacheBytes >> 20,
        processes.values().stream().allMatch(BigDataProcess::isBounded)
            ? "memory bounded by control groups"
            : "MEMORY NOT BOUNDED: no control group can be made here");
    print(rounds());
  }

  private BigDataProcess start(WorkDirectory work, Peers peer) throws IOException {
    boolean onHeap = peer == Peers.JE || peer == Peers.MVSTORE;
    long quarter = Math.max(SLACK_BYTES, cacheBytes / 4);
    long own = onHeap ? Math.max(cacheBytes - quarter, cacheBytes / 4) : cacheBytes;
    long system =
        switch (peer) {
          case REDOUBT, ROCKSDB, ROCKSDB_BATCH -> SLACK_BYTES;
          case LMDB, SQLITE -> cacheBytes;
          case JE, MVSTORE -> quarter;
        };
    return BigDataProcess.start(
        peer,
        HEAP_MIB + (onHeap ? (int) (own >> 20) : 0),
        system,
        List.of(
            peer.label(),
            work.fresh("bigdata-" + peer.label()).toString(),
            Long.toString(own),
            Integer.toString(entries)));
  }

  private Map<String, Map<Peers, List<Slice>>> rounds() throws IOException {
    Map<String, Map<Peers, List<Slice>>> figures = new LinkedHashMap<>();
    double seconds = arguments.slice().toNanos() / 1e9;
    for (int round = 0; round <= arguments.rounds(); round++) {
      for (String kind : List.of("reads", "updates")) {
        for (String law : List.of("uniform", "Zipf")) {
          for (int clients : arguments.clients("1,4")) {
            String work =
                kind + ", " + law + ", " + clients + (clients == 1 ? " thread" : " threads");
            for (Map.Entry<Peers, BigDataProcess> each : processes.entrySet()) {
              settleDisk();
              Slice slice =
                  Slice.of(
                      each.getValue()
                          .ask(kind + " " + law + " " + clients + " " + seconds, round == 0));
              if (round > 0) {
                figures
                    .computeIfAbsent(work, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
                    .add(slice);
              }
            }
          }
        }
      }
      System.err.printf("round %d of %d done%n", round, arguments.rounds());
    }
    return figures;
  }

  /** What the peer before has left in the operating system's cache is on the disk at return. */
  private static void settleDisk() throws IOException {
    try {
      new ProcessBuilder("sync").inheritIO().start().waitFor();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  /** What one slice gave. */
  private record Slice(double rate, String percentiles, double cpu, double read, double written) {
    static Slice of(String line) {
      String[] parts = line.split(" ", -1);
      return new Slice(
          Double.parseDouble(parts[0]),
          String.format(
              Locale.ROOT,
              "%,.0f / %,.0f / %,.0f",
              Long.parseLong(parts[1]) / 1e3,
              Long.parseLong(parts[2]) / 1e3,
              Long.parseLong(parts[3]) / 1e3),
          Double.parseDouble(parts[4]) / 1e3,
          Double.parseDouble(parts[5]) / 1e3,
          Double.parseDouble(parts[6]) / 1e3);
    }
  }

  private void print(Map<String, Map<Peers, List<Slice>>> figures) throws IOException {
    Tables tables = new Tables(System.out);
    rates(tables, figures);
    table(tables, "p50 / p99 / p99.9 us", figures, Slice::percentiles);
    table(
        tables,
        "CPU us / KB read / KB written each",
        figures,
        s -> String.format(Locale.ROOT, "%.1f / %.1f / %.1f", s.cpu(), s.read(), s.written()));
    List<String> head = new ArrayList<>(List.of("MiB held at the end"));
    List<String> row = new ArrayList<>(List.of("by the process / in the system's cache for it"));
    for (Map.Entry<Peers, BigDataProcess> each : processes.entrySet()) {
      head.add(each.getKey().label());
      row.add(each.getValue().memory());
    }
    tables.print(head, List.of(row));
  }

  private void rates(Tables tables, Map<String, Map<Peers, List<Slice>>> figures) {
    List<String> head = new ArrayList<>(List.of("operations/s, data of ten times the memory"));
    processes.keySet().forEach(p -> head.add(p.label()));
    head.addAll(List.of("to best B-tree peer", "to RocksDB"));
    List<List<String>> rows = new ArrayList<>();
    figures.forEach(
        (work, row) -> {
          List<String> cells = new ArrayList<>(List.of(work));
          row.values()
              .forEach(s -> cells.add(String.format(Locale.ROOT, "%,.0f", median(s).rate())));
          double ours = rate(row, Peers.REDOUBT);
          double best =
              row.keySet().stream()
                  .filter(p -> p != Peers.REDOUBT && p != Peers.ROCKSDB)
                  .mapToDouble(p -> rate(row, p))
                  .max()
                  .orElse(Double.NaN);
          cells.add(ratio(ours / best));
          cells.add(ratio(ours / rate(row, Peers.ROCKSDB)));
          rows.add(cells);
        });
    tables.print(head, rows);
  }

  private static double rate(Map<Peers, List<Slice>> row, Peers peer) {
    List<Slice> slices = row.get(peer);
    return slices == null ? Double.NaN : median(slices).rate();
  }

  private static String ratio(double ratio) {
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "";
  }

  private void table(
      Tables tables,
      String title,
      Map<String, Map<Peers, List<Slice>>> figures,
      Function<Slice, String> cell) {
    List<String> head = new ArrayList<>(List.of(title));
    processes.keySet().forEach(p -> head.add(p.label()));
    List<List<String>> rows = new ArrayList<>();
    figures.forEach(
        (work, row) -> {
          List<String> cells = new ArrayList<>(List.of(work));
          row.values().forEach(s -> cells.add(cell.apply(median(s))));
          rows.add(cells);
        });
    tables.print(head, rows);
  }

  private static Slice median(List<Slice> slices) {
    return slices.stream()
        .sorted((a, b) -> Double.compare(a.rate(), b.rate()))
        .toList()
        .get(slices.size() / 2);
  }
}
