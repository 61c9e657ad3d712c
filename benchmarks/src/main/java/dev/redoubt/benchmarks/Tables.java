package dev.redoubt.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Prints figures as tables that read well on a terminal and are Markdown: one row for each work,
 * one column for each peer, and the ratios of Redoubt to the best of the others and to the limit.
 */
final class Tables {
  private static final String OURS = Peers.REDOUBT.label();

  private final PrintStream out;

  Tables(PrintStream out) {
    this.out = out;
  }

  /** Operations a second, with ratios to the best peer of each row. */
  void rates(String title, Map<String, Map<String, Sample>> figures) {
    rates(title, figures, Tables::bestPeer);
  }

  /** The same, for rows that are one work of different clients: ratios to a peer's best row. */
  void ratesToBestOfAll(String title, Map<String, Map<String, Sample>> figures) {
    double best = figures.values().stream().mapToDouble(Tables::bestPeer).max().orElse(0);
    rates(title + " (best of all rows)", figures, row -> best);
  }

  private void rates(
      String title,
      Map<String, Map<String, Sample>> figures,
      ToDoubleFunction<Map<String, Sample>> best) {
    Set<String> peers = peers(figures);
    List<String> head = new ArrayList<>(List.of(title));
    head.addAll(peers);
    head.addAll(List.of("to best peer", "to bare disk"));
    double limit = limit(figures.values());
    List<List<String>> rows = new ArrayList<>();
    figures.forEach(
        (work, row) -> {
          List<String> cells = new ArrayList<>(List.of(work));
          peers.forEach(p -> cells.add(row.containsKey(p) ? rate(row.get(p).perSecond()) : ""));
          cells.add(ratio(ours(row), best.applyAsDouble(row)));
          cells.add(ratio(ours(row), limit));
          rows.add(cells);
        });
    print(head, rows);
  }

  /** Percentiles of the single operations in microseconds: p50, p99, p99.9. */
  void latencies(String title, Map<String, Map<String, Sample>> figures) {
    Set<String> peers = peers(figures);
    List<String> head = new ArrayList<>(List.of(title + ": p50 / p99 / p99.9 us"));
    head.addAll(peers);
    List<List<String>> rows = new ArrayList<>();
    figures.forEach(
        (work, row) -> {
          List<String> cells = new ArrayList<>(List.of(work));
          peers.forEach(p -> cells.add(row.containsKey(p) ? percentiles(row.get(p)) : ""));
          rows.add(cells);
        });
    print(head, rows);
  }

  /** Processor time of the process and heap bytes allocated by the clients, for an operation. */
  void costs(String title, Map<String, Map<String, Sample>> figures) {
    Set<String> peers = peers(figures);
    List<String> head = new ArrayList<>(List.of(title + ": CPU us / heap bytes each"));
    head.addAll(peers);
    List<List<String>> rows = new ArrayList<>();
    figures.forEach(
        (work, row) -> {
          List<String> cells = new ArrayList<>(List.of(work));
          peers.forEach(p -> cells.add(row.containsKey(p) ? cost(row.get(p)) : ""));
          rows.add(cells);
        });
    print(head, rows);
  }

  /** Any table; every row as long as the head. Columns with nothing in them are left out. */
  void print(List<String> head, List<List<String>> rows) {
    List<Integer> used =
        IntStream.range(0, head.size())
            .filter(i -> rows.stream().anyMatch(row -> !row.get(i).isEmpty()))
            .boxed()
            .toList();
    List<String> shownHead = used.stream().map(head::get).toList();
    printAll(shownHead, rows.stream().map(row -> used.stream().map(row::get).toList()).toList());
  }

  private void printAll(List<String> head, List<List<String>> rows) {
    int[] widths = new int[head.size()];
    List<List<String>> all = new ArrayList<>(List.of(head));
    all.addAll(rows);
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    out.println(line(head, widths));
    StringBuilder rule = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      rule.append("-".repeat(widths[i] + 1)).append(i == 0 ? "-|" : ":|");
    }
    out.println(rule);
    rows.forEach(row -> out.println(line(row, widths)));
    out.println();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      String pad = " ".repeat(widths[i] - row.get(i).length());
      line.append(' ').append(i == 0 ? row.get(i) + pad : pad + row.get(i)).append(" |");
    }
    return line.toString();
  }

  private static Set<String> peers(Map<String, Map<String, Sample>> figures) {
    Set<String> peers = new LinkedHashSet<>();
    figures.values().forEach(row -> peers.addAll(row.keySet()));
    return peers;
  }

  private static double limit(Collection<Map<String, Sample>> rows) {
    return rows.stream()
        .filter(row -> row.containsKey(BareDisk.LABEL))
        .mapToDouble(row -> row.get(BareDisk.LABEL).perSecond())
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double ours(Map<String, Sample> row) {
    Sample sample = row.get(OURS);
    return sample == null ? Double.NaN : sample.perSecond();
  }

  private static double bestPeer(Map<String, Sample> row) {
    return row.entrySet().stream()
        .filter(e -> !e.getKey().equals(OURS) && !e.getKey().equals(BareDisk.LABEL))
        .mapToDouble(e -> e.getValue().perSecond())
        .max()
        .orElse(0);
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, "%,.0f", perSecond);
  }

  private static String ratio(double figure, double other) {
    double ratio = figure / other;
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "";
  }

  private static String cost(Sample sample) {
    String cpu = String.format(Locale.ROOT, "%.2f", sample.cpuNanosPerOperation() / 1e3);
    return sample.bytesPerOperation() < 0
        ? cpu
        : String.format(Locale.ROOT, "%s / %,.0f", cpu, sample.bytesPerOperation());
  }

  private static String percentiles(Sample sample) {
    Latencies l = sample.latencies();
    return String.format(
        Locale.ROOT,
        "%,.1f / %,.1f / %,.1f",
        l.quantileNanos(0.5) / 1e3,
        l.quantileNanos(0.99) / 1e3,
        l.quantileNanos(0.999) / 1e3);
  }
}
