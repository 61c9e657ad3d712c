package dev.redoubt.crash.sim;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The store with all its threads, simulated. A failing run names its seed; {@code
 * -Dredoubt.sim.seed=N} runs that one alone and prints its trace.
 */
@Tag("simulation")
class StoreLivesTest {
  @BeforeAll
  static void prepare() {
    SimJvm.installForRedoubt();
  }

  @Test
  void keepsWhatItAcknowledgedUnderEverySeed() {
    SimSuite.run(new SimRuns(StoreLives::new), TimeUnit.SECONDS.toNanos(12));
  }

  @Test
  @Tag("slow")
  void keepsWhatItAcknowledgedForAsLongAsWanted() {
    SimSuite.run(
        new SimRuns(StoreLives::new),
        TimeUnit.MINUTES.toNanos(Long.getLong("redoubt.crash.minutes", 5)));
  }
}
