package dev.redoubt.crash.suite;

import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.TransactionWorkload;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The recovery engine under recoverable memory, crashed at every call and in every recovery. In the
 * default build {@link SweepsTest} sweeps it.
 */
class MemorySweepTest {
  static final TransactionWorkload MEMORY = memory(300, 160);

  private static TransactionWorkload memory(int steps, int keys) {
    return new TransactionWorkload(
        "memory",
        MemorySubject.factory(MemorySubject.tiny(), keys + 1),
        new ScriptOptions(steps, keys, 3, 600, 0, 20),
        UnaryOperator.identity());
  }

  @Test
  @Tag("slow")
  void memoryHoldsAPrefixOfTheCommitsForManySeeds() {
    Budget.sweepManySeeds(seeds -> memory(100 + seeds.nextInt(500), 20 + seeds.nextInt(300)));
  }
}
