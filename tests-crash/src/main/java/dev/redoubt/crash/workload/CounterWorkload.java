package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.CounterChecker;
import dev.redoubt.crash.history.MicroOp;
import java.util.List;
import java.util.random.RandomGenerator;

/** A few counters that are only ever increased, and read. */
final class CounterWorkload implements Workload {
  private static final int COUNTERS = 4;

  @Override
  public String name() {
    return "counter";
  }

  @Override
  public Step next(RandomGenerator random) {
    String key = "counter/" + random.nextInt(COUNTERS);
    return switch (random.nextInt(4)) {
      case 0 -> Step.of("read", List.of(MicroOp.read(key)));
      case 1 -> Step.of("read", List.of(MicroOp.scan("counter/", "counter/~")));
      default -> Step.of("add", List.of(new MicroOp.Add(key, 1 + random.nextInt(5))));
    };
  }

  @Override
  public Checker checker(Consistency consistency) {
    return new CounterChecker();
  }
}
