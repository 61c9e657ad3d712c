package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.DurabilityChecker;
import dev.redoubt.crash.check.LinearizabilityChecker;
import dev.redoubt.crash.history.MicroOp;
import java.util.List;
import java.util.random.RandomGenerator;

/** Registers read and set one at a time, each a linearizable object of its own. */
final class RegisterWorkload implements Workload {
  private final Blocks blocks = new Blocks("register/", 4, 50);

  @Override
  public String name() {
    return "register";
  }

  @Override
  public Step next(RandomGenerator random) {
    String key = blocks.key(random);
    return random.nextBoolean()
        ? Step.of("read", List.of(MicroOp.read(key)))
        : Step.of("write", List.of(new MicroOp.Write(key, blocks.number())));
  }

  @Override
  public Checker checker(Consistency consistency) {
    return Checker.all(name(), List.of(new LinearizabilityChecker(), new DurabilityChecker()));
  }
}
