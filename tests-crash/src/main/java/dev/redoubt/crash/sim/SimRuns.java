package dev.redoubt.crash.sim;

import dev.redoubt.crash.disk.SimDisk;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs of a subject, each decided by its seed: several lives on one disk, with faults, crashes at
 * any step, and restarts. Confined to one thread.
 */
public final class SimRuns {
  private static final long MAX_STEPS = 10_000_000;
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long MAX_LEAPT_NANOS = TimeUnit.DAYS.toNanos(3_650);

  private final LongFunction<SimSubject> subjects;
  private @Nullable String initialized;

  /** Runs of the subjects that are made for each seed. */
  public SimRuns(LongFunction<SimSubject> subjects) {
    this.subjects = subjects;
  }

  /**
   * Runs that seed once.
   *
   * @param lines whether the report has the lines of the trace; the run is the same either way
   */
  public SimReport run(long seed, boolean lines) {
    Simulation simulation = Simulation.of(seed, lines);
    SimSubject subject = subjects.apply(seed);
    initialize(subject.getClass().getPackageName());
    List<SimPlan.Life> lives = SimPlan.draw(simulation.random().split());
    SimDisk disk = SimDisk.create(simulation.random().nextInt(4) == 0 ? 4096 : 512);
    int crashes = 0;
    int struck = 0;
    int begun = 0;
    Throwable failure = null;
    for (SimPlan.Life life : lives) {
      simulation.note("life " + begun + ": " + life);
      try {
        crashes += live(simulation, subject, new Place(disk, life, begun++)) ? 1 : 0;
      } catch (Throwable t) {
        failure = t;
        break;
      } finally {
        struck += life.struck() ? 1 : 0;
      }
      simulation.crash();
      disk = disk.crash(life.choice());
    }
    return new SimReport(
        subject.getClass().getSimpleName(),
        seed,
        begun,
        crashes,
        struck,
        simulation.steps(),
        simulation.nanos(),
        simulation.traceHash(),
        disk,
        failure == null ? List.of() : subject.history(),
        failure,
        simulation.trace());
  }

  /** The subject's neighbours too: they would run initialisers in the first run of a JVM alone. */
  private void initialize(String pack) {
    if (!pack.equals(initialized)) {
      SimJvm.initialize(List.of(pack + "."));
      initialized = pack;
    }
  }

  private record Place(SimDisk disk, SimPlan.Life plan, int number) {}

  /** Whether it ended in a crash. */
  private static boolean live(Simulation simulation, SimSubject subject, Place place) {
    SimPlan.Life plan = place.plan();
    plan.faults().forEach(planned -> place.disk().inject(planned.fault()));
    SimLife life = new SimLife(simulation, plan, place.number(), simulation.slow(place.disk()));
    Thread main = simulation.spawn("main-" + place.number(), () -> subject.live(life));
    Simulation.Ending ending =
        simulation.run(main, Math.min(plan.crashStep(), MAX_STEPS), maxNanos(simulation));
    return switch (ending) {
      case FINISHED -> false;
      case OUT_OF_STEPS -> {
        if (plan.crashStep() > MAX_STEPS) {
          throw new AssertionError("no end after " + MAX_STEPS + " steps\n" + simulation.stacks());
        }
        yield true;
      }
      case STUCK -> throw new AssertionError("nothing can go on: all wait\n" + simulation.stacks());
      case OUT_OF_TIME ->
          throw new AssertionError(
              "no end in five minutes of virtual time\n" + simulation.stacks());
    };
  }

  /** A clock that leaps to the next timer while others could run says nothing of progress. */
  private static long maxNanos(Simulation simulation) {
    return simulation.timely() ? MAX_NANOS : MAX_LEAPT_NANOS;
  }

  /**
   * Runs seeds until the time is over or one fails.
   *
   * @param nanos real time, in nanoseconds
   */
  public SimSummary many(long firstSeed, long nanos) {
    long began = System.nanoTime();
    SplittableRandom seeds = new SplittableRandom(firstSeed);
    SimSummary summary = SimSummary.none(firstSeed);
    @Nullable SimReport failed = null;
    while (failed == null && System.nanoTime() - began < nanos) {
      SimReport report = run(seeds.nextLong() >>> 20, false);
      failed = report.failure() == null ? null : report;
      summary = summary.with(report, System.nanoTime() - began);
    }
    return summary;
  }
}
