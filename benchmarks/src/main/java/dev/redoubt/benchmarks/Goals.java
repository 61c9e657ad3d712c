package dev.redoubt.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Figures found against figures wanted; printed as one table at the end of a run. */
final class Goals {
  private final List<List<String>> rows = new ArrayList<>();

  /** Operations a second of a peer in a row; not a number if it was not measured. */
  static double rate(Map<String, Map<String, Sample>> figures, String row, String peer) {
    Sample sample = figures.getOrDefault(row, Map.of()).get(peer);
    return sample == null ? Double.NaN : sample.perSecond();
  }

  /** At least {@code wanted} times {@code other}; left out if either was not measured. */
  void ratio(String what, double wanted, double figure, double other) {
    add(what, "at least", wanted, figure / other, figure / other >= wanted);
  }

  /** At least {@code wanted}; left out if it was not measured. */
  void atLeast(String what, double wanted, double figure) {
    add(what, "at least", wanted, figure, figure >= wanted);
  }

  /** At most {@code wanted}; left out if it was not measured. */
  void atMost(String what, double wanted, double figure) {
    add(what, "at most", wanted, figure, figure <= wanted);
  }

  private void add(String what, String bound, double wanted, double found, boolean reached) {
    if (Double.isFinite(found)) {
      rows.add(List.of(what, bound + " " + text(wanted), text(found), reached ? "yes" : "no"));
    }
  }

  private static String text(double number) {
    return String.format(Locale.ROOT, Math.abs(number) >= 1000 ? "%,.0f" : "%.2f", number);
  }

  void print(Tables tables) {
    tables.print(List.of("goal", "wanted", "found", "reached"), rows);
  }
}
