package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.DurabilityChecker;
import dev.redoubt.crash.check.SerializabilityChecker;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Registers whose value is their version: whoever writes one sets it to one above what it read.
 * Small values that are overwritten, where lists grow.
 */
final class NumberedWorkload implements Workload {
  private static final int MOST_KEYS = 3;

  private final Blocks blocks = new Blocks("numbered/", 8, 60);

  @Override
  public String name() {
    return "numbered-register";
  }

  @Override
  public Step next(RandomGenerator random) {
    Set<String> reads = keys(random);
    Set<String> writes = random.nextInt(3) == 0 ? Set.of() : keys(random);
    Set<String> all = new LinkedHashSet<>(reads);
    all.addAll(writes);
    blocks.number(); // moves on to other keys, now and then
    List<MicroOp> planned = all.stream().<MicroOp>map(MicroOp::read).toList();
    return new Step("txn", writes.isEmpty(), planned, tx -> run(tx, all, writes));
  }

  private Set<String> keys(RandomGenerator random) {
    Set<String> keys = new LinkedHashSet<>();
    for (int i = 1 + random.nextInt(MOST_KEYS); i > 0; i--) {
      keys.add(blocks.key(random));
    }
    return keys;
  }

  private static void run(Steps tx, Set<String> all, Set<String> writes) {
    for (String key : all) {
      long now = tx.read(key) instanceof Value.Single(long number) ? number : 0;
      if (writes.contains(key)) {
        tx.write(key, now + 1);
      }
    }
  }

  @Override
  public Checker checker(Consistency consistency) {
    return Checker.all(
        name(),
        List.of(
            SerializabilityChecker.ofListsAndNumberedRegisters(consistency),
            new DurabilityChecker()));
  }
}
