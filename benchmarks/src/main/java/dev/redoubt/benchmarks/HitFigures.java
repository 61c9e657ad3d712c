package dev.redoubt.benchmarks;

import dev.redoubt.buffer.HitRates;
import dev.redoubt.buffer.HitRates.Policy;
import dev.redoubt.buffer.HitRates.Trace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;

/** How many accesses find their page in memory, policy by policy. The same seed, the same table. */
final class HitFigures {
  private static final int PAGES = 100_000;
  private static final int ACCESSES = 600_000;

  private HitFigures() {}

  static void run(Arguments arguments) throws Exception {
    List<String> head = new ArrayList<>(List.of("hits, %", "frames"));
    for (Policy policy : Policy.values()) {
      head.add(policy.label());
    }
    List<List<String>> rows = new ArrayList<>();
    for (int frames : new int[] {PAGES / 100, PAGES / 10, PAGES / 2}) {
      for (Map.Entry<String, LongFunction<Trace>> each : traces(frames).entrySet()) {
        List<String> row = new ArrayList<>(List.of(each.getKey(), String.valueOf(frames)));
        for (Policy policy : Policy.values()) {
          SeededThreadRandom.seed(arguments.seed());
          double share =
              HitRates.measure(
                  policy,
                  frames,
                  PAGES,
                  each.getValue().apply(arguments.seed()),
                  ACCESSES / 2,
                  ACCESSES);
          row.add(String.format(Locale.ROOT, "%.2f", 100 * share));
        }
        rows.add(row);
        System.err.println(String.join(" | ", row));
      }
    }
    new Tables(System.out).print(head, rows);
  }

  private static Map<String, LongFunction<Trace>> traces(int frames) {
    Map<String, LongFunction<Trace>> traces = new LinkedHashMap<>();
    traces.put("Zipf 0.99", seed -> new Traces.Zipf(PAGES, 0.99, seed));
    traces.put("Zipf 0.7", seed -> new Traces.Zipf(PAGES, 0.7, seed));
    traces.put(
        "hot set, moved in 100 accesses a frame",
        seed -> new Traces.Moving(PAGES, frames / 2, 100 * frames, seed));
    traces.put(
        "Zipf 0.99 and a scan",
        seed -> new Traces.Polluted(new Traces.Zipf(PAGES, 0.99, seed), PAGES));
    traces.put(
        "hot set, moved in 20 accesses a frame",
        seed -> new Traces.Moving(PAGES, frames / 2, 20 * frames, seed));
    return traces;
  }
}
