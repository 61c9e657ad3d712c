package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.CrashFailure;
import dev.redoubt.crash.sweep.SweepReport;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * All sweeps of the default build, two at a time, and what they come to: more than a hundred
 * thousand crash states. Each tries a number of states, whatever time that takes: the same seed
 * tries the same ones on any machine. Only a machine that gives them next to no time is let off
 * ({@link #GIVEN}).
 */
class SweepsTest {
  private static final int THREADS = 2;

  /** Of the processor, all threads together: who had that and tried fewer is too slow. */
  private static final Duration GIVEN = Duration.ofMinutes(4);

  private record Done(SweepReport report, Duration processor) {}

  @Test
  void everySweepIsCleanAndTogetherTheyTryTheCrashStatesThatArePromised()
      throws InterruptedException {
    List<Done> done = sweepAll(Shares.all());
    long states = done.stream().mapToLong(each -> each.report().states()).sum();
    long inRecovery = done.stream().mapToLong(each -> each.report().statesInRecovery()).sum();
    long judged = done.stream().mapToLong(each -> each.report().recoveries()).sum();
    Duration processor = done.stream().map(Done::processor).reduce(Duration.ZERO, Duration::plus);
    System.out.printf(
        "all sweeps: %,d crash states (%,d in a recovery), %,d distinct ones recovered and judged,"
            + " %d s of the processor%n",
        states, inRecovery, judged, processor.toSeconds());
    long promised = Budget.states(Shares.WHOLE);
    if (processor.compareTo(GIVEN) < 0 && states < promised) {
      System.out.printf("fewer than the %,d promised: the machine had no time%n", promised);
      return;
    }
    assertTrue(states >= promised, "crash states: " + states);
    if (promised >= Shares.WHOLE) {
      assertEquals(Set.of(), missing(done), "phases of life that were never crashed");
    }
  }

  /** What the sweeps must have come to, by the number of the crash and the phase of life. */
  private static Set<String> missing(List<Done> done) {
    Set<String> seen =
        done.stream()
            .flatMap(each -> each.report().coverage().states().keySet().stream())
            .map(place -> place.substring(0, place.indexOf(" | ")))
            .collect(Collectors.toSet());
    Set<String> missing =
        Set.of("create", "work", "work again", "recovery 1", "recovery 2", "recovery 1: decision");
    return missing.stream().filter(each -> !seen.contains(each)).collect(Collectors.toSet());
  }

  private static List<Done> sweepAll(List<Shares.Share<?>> shares) throws InterruptedException {
    List<Done> done = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Done>> futures =
          shares.stream().map(share -> threads.submit(() -> sweep(share))).toList();
      for (Future<Done> future : futures) {
        done.add(future.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CrashFailure failure) {
        throw failure;
      }
      throw new AssertionError(e.getCause());
    }
    return done;
  }

  private static Done sweep(Shares.Share<?> share) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    SweepReport report = share.sweep();
    long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    System.out.printf(
        "  %s: %.2f ms of the processor a recovery%n",
        report.workload(), nanos / 1e6 / Math.max(1, report.recoveries()));
    return new Done(report, Duration.ofNanos(nanos));
  }
}
