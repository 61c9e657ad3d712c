package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.process.RestartTimes;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After SIGKILL at a random moment restart keeps to 1.5 times the time wanted. */
class RestartTimeTest {
  @TempDir Path folder;

  @Test
  void restartAddsNoMoreToOpeningThanWanted() {
    // By the processor time of the opening thread, beside an opening with nothing to redo: what
    // else runs on the machine must not decide. The slow one goes by the clock.
    Duration target = Duration.ofMillis(500);
    RestartTimes times = new RestartTimes(folder.resolve("store"), target, Budget.seed());
    times.cycle(Duration.ofSeconds(1)); // measures how fast this machine redoes
    RestartTimes.Restart restart = times.cycle(Duration.ofSeconds(2));
    RestartTimes.Restart opening = times.open(Duration.ZERO);
    System.out.println("target " + target + " seed=" + Budget.seed() + ": " + restart);
    assertTrue(restart.redone() > 0, "nothing was left to redo: " + restart);
    assertEquals(0, opening.redone());
    Duration added = restart.processor().minus(opening.processor());
    assertTrue(added.compareTo(target) <= 0, () -> restart + ", bare " + opening);
  }

  @Test
  @Tag("slow")
  void restartIsNoLongerThanWantedByTheClock() {
    for (long millis : new long[] {500, 2_000, 10_000}) {
      Duration target = Duration.ofMillis(millis);
      RestartTimes times = new RestartTimes(folder.resolve("" + millis), target, Budget.seed());
      for (int i = 0; i < 3; i++) {
        RestartTimes.Restart restart = times.cycle(target.multipliedBy(2).plusSeconds(5));
        System.out.println("target " + target + ": " + restart);
        assertTrue(
            restart.wall().compareTo(target.multipliedBy(3).dividedBy(2)) <= 0, () -> "" + restart);
      }
    }
  }
}
