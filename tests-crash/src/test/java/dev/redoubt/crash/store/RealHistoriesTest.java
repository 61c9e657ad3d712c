package dev.redoubt.crash.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.suite.Budget;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.kv.Isolation;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Many threads on the real store, with and without crashes; the history is judged. */
class RealHistoriesTest {
  private static final int CLIENTS = 6;

  static List<Arguments> everyWorkload() {
    List<Arguments> all = new ArrayList<>();
    for (String workload : Workloads.names()) {
      for (Isolation isolation : Isolation.values()) {
        all.add(Arguments.of(workload, isolation));
      }
    }
    return all;
  }

  /** Small pages, segments and pool, and all background threads: much happens. */
  static StoreOptions options(Isolation isolation, RestartMode restart) {
    EngineOptions engine = MemorySubject.tiny().withFrames(64).withBackground(true);
    return StoreOptions.defaults().withEngine(engine).withIsolation(isolation).withRestart(restart);
  }

  @ParameterizedTest
  @MethodSource("everyWorkload")
  void storeKeepsWhatItPromises(String workload, Isolation isolation) throws InterruptedException {
    judge(plan(workload, isolation, 0, 80, seed()));
  }

  @ParameterizedTest
  @MethodSource("everyWorkload")
  void storeKeepsWhatItPromisesOverCrashes(String workload, Isolation isolation)
      throws InterruptedException {
    judge(plan(workload, isolation, 4, 40, seed()));
  }

  private static StoreRun.Plan plan(
      String workload, Isolation isolation, int crashes, int steps, long seed) {
    RestartMode restart = seed % 4 == 0 ? RestartMode.FULL : RestartMode.INSTANT;
    return new StoreRun.Plan(workload, options(isolation, restart), CLIENTS, steps, crashes, seed);
  }

  private static long seed() {
    return Long.getLong("redoubt.crash.seed", 1);
  }

  private static int judge(StoreRun.Plan plan) throws InterruptedException {
    StoreRun run = new StoreRun(plan);
    History history = run.run();
    Verdict verdict = run.judge(history, plan.promised());
    assertTrue(verdict.ok(), () -> plan + "\n" + verdict);
    long done = history.operations().stream().filter(o -> o.type() == Operation.Type.OK).count();
    assertTrue(done > 20, plan + ": only " + done + " transactions were acknowledged");
    return history.operations().size();
  }

  @Test
  @Tag("slow")
  void storeKeepsWhatItPromisesForLong() throws InterruptedException {
    SplittableRandom seeds = new SplittableRandom(seed());
    long until = System.nanoTime() + Budget.slow().toNanos();
    long histories = 0;
    long operations = 0;
    while (System.nanoTime() < until) {
      for (String workload : Workloads.names()) {
        for (Isolation isolation : Isolation.values()) {
          int crashes = seeds.nextInt(8);
          long seed = seeds.nextLong() >>> 1;
          operations += judge(plan(workload, isolation, crashes, 20 + seeds.nextInt(300), seed));
          histories++;
        }
      }
    }
    System.out.println(histories + " histories of " + operations + " operations, nothing wrong");
  }
}
