package dev.redoubt.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Measures several works of several peers in interleaved rounds: whatever disturbs the machine for
 * a while disturbs them all alike. Every other round takes the peers the other way round, so that
 * nobody always comes after one that goes on in the background. The first round warms up and is not
 * counted; the figure of a work is the median of the others.
 */
final class Rounds {
  private record Case(String work, String peer, Callable<Sample> measure) {}

  private final int rounds;
  private final Predicate<String> wanted;
  private final List<Case> cases = new ArrayList<>();

  Rounds(int rounds) {
    this(rounds, _ -> true);
  }

  /** Of what is added only the works that are wanted. */
  Rounds(int rounds, Predicate<String> wanted) {
    this.rounds = rounds;
    this.wanted = wanted;
  }

  void add(String work, String peer, Callable<Sample> measure) {
    if (wanted.test(work)) {
      cases.add(new Case(work, peer, measure));
    }
  }

  /** Runs all rounds; medians by work and then by peer, both in the order they were added. */
  Map<String, Map<String, Sample>> run() throws Exception {
    Map<Case, List<Sample>> samples = new LinkedHashMap<>();
    cases.forEach(each -> samples.put(each, new ArrayList<>()));
    for (int round = 0; round <= rounds; round++) {
      for (Case each : order(round)) {
        Sample sample = each.measure().call();
        if (round > 0) {
          Objects.requireNonNull(samples.get(each)).add(sample);
        }
      }
      System.err.printf("round %d of %d done%s%n", round, rounds, round == 0 ? " (warm-up)" : "");
    }
    Map<String, Map<String, Sample>> medians = new LinkedHashMap<>();
    samples.forEach(
        (key, list) ->
            medians
                .computeIfAbsent(key.work(), _ -> new LinkedHashMap<>())
                .put(key.peer(), median(list)));
    return medians;
  }

  /** The works in their order; every other round with their peers the other way round. */
  private List<Case> order(int round) {
    Map<String, List<Case>> byWork = new LinkedHashMap<>();
    for (Case each : cases) {
      List<Case> ofWork = byWork.computeIfAbsent(each.work(), _ -> new ArrayList<>());
      ofWork.add(round % 2 == 0 ? ofWork.size() : 0, each);
    }
    return byWork.values().stream().flatMap(List::stream).toList();
  }

  /** The sample with the median rate, with the latencies of all of them. */
  static Sample median(List<Sample> samples) {
    List<Sample> sorted =
        samples.stream().sorted(Comparator.comparingDouble(Sample::perSecond)).toList();
    Sample middle = sorted.get(sorted.size() / 2);
    Latencies all = new Latencies();
    samples.forEach(s -> all.merge(s.latencies()));
    double cpu =
        samples.stream()
            .mapToDouble(Sample::cpuNanosPerOperation)
            .sorted()
            .toArray()[samples.size() / 2];
    return new Sample(middle.perSecond(), all, middle.bytesPerOperation(), cpu);
  }
}
