package dev.redoubt.crash.store;

import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.history.History;
import dev.redoubt.kv.Isolation;
import dev.redoubt.recovery.RestartMode;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Records and judges histories, to be run where a bug is planted: the text in is {@code workload
 * isolation crashes histories}, the text out how many were tried and the anomalies of the first bad
 * one, by code.
 */
public final class HistoryHunt implements Function<String, String> {
  private static final int CLIENTS = 6;
  private static final int STEPS = 80;

  /** Made by the loader. */
  public HistoryHunt() {}

  @Override
  public String apply(String what) {
    String[] words = what.split(" ", -1);
    Isolation isolation = Isolation.valueOf(words[1]);
    int crashes = Integer.parseInt(words[2]);
    int most = Integer.parseInt(words[3]);
    for (int seed = 1; seed <= most; seed++) {
      StoreRun.Plan plan =
          new StoreRun.Plan(
              words[0],
              RealHistoriesTest.options(isolation, RestartMode.INSTANT),
              CLIENTS,
              STEPS,
              crashes,
              seed);
      StoreRun run = new StoreRun(plan);
      try {
        History history = run.run();
        Verdict verdict = run.judge(history, plan.promised());
        if (!verdict.ok()) {
          return seed
              + verdict.anomalies().stream()
                  .map(a -> " " + a.kind().code())
                  .distinct()
                  .collect(Collectors.joining());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return seed + " interrupted";
      }
    }
    return most + " nothing";
  }

  /** Where a planted bug sends a call to: the last commit that was published, durable or not. */
  public static long published(long acknowledged, long published) {
    return published;
  }
}
