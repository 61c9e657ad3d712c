package dev.redoubt.crash.sim;

import dev.redoubt.crash.suite.Budget;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The real engine with all its threads, simulated. A failing run names its seed; {@code
 * -Dredoubt.sim.seed=N} runs that one alone and prints its trace.
 */
@Tag("simulation")
class LivesTest {
  @BeforeAll
  static void prepare() {
    SimSuite.prepare();
  }

  @Test
  void storeKeepsWhatItAcknowledged() {
    SimSuite.run(new SimRuns(StoreLives::new), TimeUnit.SECONDS.toNanos(4));
  }

  @Test
  void historiesOfTheStoreAreStrictlySerializable() {
    SimSuite.run(new SimRuns(HistoryLives::new), TimeUnit.SECONDS.toNanos(3));
  }

  @Test
  void memoryKeepsWhatItAcknowledged() {
    SimSuite.run(new SimRuns(MemoryLives::new), TimeUnit.SECONDS.toNanos(2));
  }

  @Test
  void logKeepsWhatItAcknowledged() {
    SimSuite.run(new SimRuns(LogLives::new), TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  @Tag("slow")
  void storeKeepsItForAsLongAsWanted() {
    SimSuite.run(new SimRuns(StoreLives::new), slow() / 2);
  }

  @Test
  @Tag("slow")
  void historiesAreStrictlySerializableForAsLongAsWanted() {
    SimSuite.run(new SimRuns(HistoryLives::new), slow() * 3 / 10);
  }

  @Test
  @Tag("slow")
  void memoryKeepsItForAsLongAsWanted() {
    SimSuite.run(new SimRuns(MemoryLives::new), slow() / 10);
  }

  @Test
  @Tag("slow")
  void logKeepsItForAsLongAsWanted() {
    SimSuite.run(new SimRuns(LogLives::new), slow() / 10);
  }

  private static long slow() {
    return Budget.slow().toNanos();
  }
}
