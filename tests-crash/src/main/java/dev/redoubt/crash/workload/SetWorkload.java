package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.DurabilityChecker;
import dev.redoubt.crash.check.SetChecker;
import dev.redoubt.crash.history.MicroOp;
import java.util.List;
import java.util.random.RandomGenerator;

/** A set: each element is a key of its own, added once, in any order; now and then all are read. */
final class SetWorkload implements Workload {
  private static final String FROM = "set/";
  private static final String TO = "set/~";
  private static final int READ_ONE_IN = 12;

  private final Blocks blocks = new Blocks(FROM, 1, 1);

  @Override
  public String name() {
    return "set";
  }

  @Override
  public Step next(RandomGenerator random) {
    if (random.nextInt(READ_ONE_IN) == 0) {
      return Step.of("read", List.of(MicroOp.scan(FROM, TO)));
    }
    long number = blocks.number();
    String key = String.format("%s%02x.%08d", FROM, random.nextInt(256), number);
    return Step.of("add", List.of(new MicroOp.Write(key, number)));
  }

  @Override
  public Checker checker(Consistency consistency) {
    return Checker.all(name(), List.of(new SetChecker(FROM, TO), new DurabilityChecker()));
  }
}
