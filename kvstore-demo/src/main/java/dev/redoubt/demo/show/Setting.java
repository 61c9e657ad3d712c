package dev.redoubt.demo.show;

import dev.redoubt.demo.output.InputException;

/**
 * What a demonstration works with.
 *
 * @param cities entries to write, at least 100
 * @param threads that write
 * @param seed of the plan
 */
public record Setting(int cities, int threads, long seed) {
  public Setting {
    if (cities < 100 || threads < 1 || threads > 64) {
      throw new InputException(
          "usage", "the demonstration takes 100 cities or more and 1 to 64 threads");
    }
  }

  /** The plan; the same in every process. */
  public Plan plan() {
    return Plan.of(Cities.read(cities), seed);
  }
}
