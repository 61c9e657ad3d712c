package dev.redoubt.crash.suite;

import dev.redoubt.crash.sweep.ShortTransfers;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What the sweeps of the default build try, and how much of it. */
final class Shares {
  /** Crash states of all sweeps together; the shares come to a little more. */
  static final long WHOLE = 120_000;

  /** Longer than any takes on a machine that does anything else at all. */
  private static final Duration LONGEST = Duration.ofMinutes(4);

  /** From the third crash in a row on, one call in so many. */
  private static final int DEEP_ONE_IN = 8;

  private static final int DRAWN = 6;

  private Shares() {}

  /** A workload and the number of crash states it is swept with. */
  record Share<S>(int thousandths, Workload<S> workload, SweepOptions options) {
    SweepReport sweep() {
      long states = Budget.states(WHOLE) * thousandths / 1000;
      return Budget.sweep(workload, options.withBudget(states, LONGEST));
    }
  }

  /** Together a bit more than the whole; what takes long comes first. */
  static List<Share<?>> all() {
    SweepOptions two = SweepOptions.defaults(Budget.seed());
    SweepOptions three = two.withSampledDepth(3, DEEP_ONE_IN);
    List<Share<?>> all = new ArrayList<>();
    all.add(new Share<>(140, InstantRestartSweepTest.restart(300, 300, 400), two));
    all.add(new Share<>(120, StoreSweepTest.store(400, 600, 500), two));
    all.add(new Share<>(60, StoreSweepTest.store(300, 300, 400), three));
    all.add(new Share<>(60, DrawnSweepTest.prepared(), two));
    for (RestartMode mode : List.of(RestartMode.FULL, RestartMode.INSTANT)) {
      all.add(new Share<>(30, CounterSweepTest.counters(mode, 200, 100, 100), two));
      all.add(new Share<>(30, DropSweepTest.drops(mode, 6), two));
      all.add(new Share<>(20, LoadSweepTest.loads(mode, 4), two));
    }
    SplittableRandom seeds = new SplittableRandom(Budget.seed());
    for (int i = 0; i < DRAWN; i++) {
      DrawnSweepTest.Drawn drawn = DrawnSweepTest.drawn(seeds.split(), i % 2 == 0);
      SweepOptions options = drawn.on(SweepOptions.defaults(seeds.nextLong() >>> 32));
      all.add(new Share<>(15, drawn.workload(), options.withRounds(16)));
    }
    all.add(new Share<>(160, MemorySweepTest.MEMORY, two));
    all.add(new Share<>(60, MemorySweepTest.MEMORY, three));
    all.add(new Share<>(140, LogSweepTest.LOG, three));
    all.add(new Share<>(20, new ShortTransfers<>(LogSweepTest.LOG), two));
    all.add(new Share<>(20, new ShortTransfers<>(StoreSweepTest.store(200, 300, 400)), two));
    return all;
  }
}
