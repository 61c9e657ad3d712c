package dev.redoubt.crash.sim;

import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * Simulates an engine with a planted bug, inside the loader that planted it, until something is
 * found wrong. Takes a subject, a first seed and a number of seeds; gives the number tried and, if
 * something was wrong, the seed and what it was.
 */
public final class SimHunt implements Function<String, String> {
  /** For the loader. */
  public SimHunt() {}

  @Override
  public String apply(String order) {
    String[] words = order.split(" ", -1);
    SimJvm.installForRedoubt();
    SimRuns runs = new SimRuns(subject(words[0]));
    SplittableRandom seeds = new SplittableRandom(Long.parseLong(words[1]));
    int most = Integer.parseInt(words[2]);
    for (int tried = 1; tried <= most; tried++) {
      SimReport report = runs.run(seeds.nextLong() >>> 20, false);
      Throwable failure = report.failure();
      if (failure != null) {
        return tried + " " + String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
      }
    }
    return Integer.toString(most);
  }

  private static LongFunction<SimSubject> subject(String name) {
    return switch (name) {
      case "log" -> LogLives::new;
      case "memory" -> MemoryLives::new;
      case "history" -> HistoryLives::new;
      case "store" -> StoreLives::new;
      default -> throw new IllegalArgumentException(name);
    };
  }
}
