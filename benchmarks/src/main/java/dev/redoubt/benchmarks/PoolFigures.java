package dev.redoubt.benchmarks;

import dev.redoubt.buffer.OpenTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What it costs to open a pool. */
final class PoolFigures {
  private PoolFigures() {}

  static void run(Arguments arguments) {
    List<List<String>> rows = new ArrayList<>();
    for (int mib : arguments.poolMiB()) {
      List<Double> opens = new ArrayList<>();
      List<Double> faults = new ArrayList<>();
      for (int round = 0; round <= arguments.rounds(); round++) {
        OpenTimes.Times times = OpenTimes.measure(mib * 128);
        System.gc(); // gives the memory of the pool back
        if (round > 0) {
          opens.add(times.openNanos() / 1e6);
          faults.add(times.faultsNanos() / 1e6);
        }
      }
      rows.add(List.of(mib + " MiB", millis(opens), millis(faults)));
    }
    new Tables(System.out).print(List.of("pool", "open, ms", "first 1000 faults, ms"), rows);
  }

  private static String millis(List<Double> times) {
    return String.format(
        Locale.ROOT, "%,.2f", times.stream().sorted().toList().get(times.size() / 2));
  }
}
