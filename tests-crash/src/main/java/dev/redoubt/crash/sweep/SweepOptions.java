package dev.redoubt.crash.sweep;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How far a sweep goes. Immutable; the withers return changed copies.
 *
 * @param seed of the workload and of all sampling
 * @param sectorBytes sectors of the disk, 512 or 4096
 * @param depth crashes in a row at most: 1 crashes the run, 2 the recoveries from those crashes too
 * @param first what is tried at each point of the run
 * @param later what is tried at each point of a recovery, and at the points of the run whose
 *     recoveries are crashed
 * @param maxStates stop after so many crash states
 * @param maxTime stop after so long; checked between states
 * @param maxFailures stop after so many failures
 * @param rounds the points of the run are visited in so many rounds, a power of two, each spread
 *     over the whole run, so that a small budget still sees all of it; the run is made once a round
 * @param shrinks whether a failing schedule is made simpler, which runs it many times
 * @param deepOneIn of the calls of a recovery from a crash of a recovery, about one in so many is
 *     crashed, drawn by seed: matters from depth 3 on
 * @param sites whether coverage names the calling methods, which takes a look at the stack each
 */
public record SweepOptions(
    long seed,
    int sectorBytes,
    int depth,
    CrashPlan first,
    CrashPlan later,
    long maxStates,
    Duration maxTime,
    int maxFailures,
    int rounds,
    boolean shrinks,
    int deepOneIn,
    boolean sites) {
  public SweepOptions {
    if (Integer.bitCount(rounds) != 1) {
      throw new IllegalArgumentException("rounds must be a power of two: " + rounds);
    }
    if (deepOneIn < 1) {
      throw new IllegalArgumentException("one in how many? " + deepOneIn);
    }
  }

  /** Depth 2, sectors of 512 bytes, everything at the first crash, 100,000 states or a minute. */
  public static SweepOptions defaults(long seed) {
    return new SweepOptions(
        seed,
        512,
        2,
        CrashPlan.full(),
        CrashPlan.brief(),
        100_000,
        Duration.ofMinutes(1),
        1,
        64,
        true,
        1,
        false);
  }

  public SweepOptions withDepth(int crashes) {
    return with(draft -> draft.depth = crashes);
  }

  /** Crashes in a row up to {@code crashes}, but from the third on at few calls. */
  public SweepOptions withSampledDepth(int crashes, int oneIn) {
    return with(
        draft -> {
          draft.depth = crashes;
          draft.deepOneIn = oneIn;
        });
  }

  public SweepOptions withSectorBytes(int bytes) {
    return with(draft -> draft.sectorBytes = bytes);
  }

  public SweepOptions withBudget(long states, Duration time) {
    return with(
        draft -> {
          draft.maxStates = states;
          draft.maxTime = time;
        });
  }

  public SweepOptions withPlans(CrashPlan atRun, CrashPlan atRecovery) {
    return with(
        draft -> {
          draft.first = atRun;
          draft.later = atRecovery;
        });
  }

  /** How often the run is made; few where it is slow. */
  public SweepOptions withRounds(int count) {
    return with(draft -> draft.rounds = count);
  }

  public SweepOptions withMaxFailures(int failures) {
    return with(draft -> draft.maxFailures = failures);
  }

  /** Leaves failing schedules as they were found. */
  public SweepOptions withoutShrinking() {
    return with(draft -> draft.shrinks = false);
  }

  /** Has coverage name the calling methods. */
  public SweepOptions withSites() {
    return with(draft -> draft.sites = true);
  }

  private SweepOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new SweepOptions(
        seed,
        draft.sectorBytes,
        draft.depth,
        draft.first,
        draft.later,
        draft.maxStates,
        draft.maxTime,
        draft.maxFailures,
        draft.rounds,
        draft.shrinks,
        draft.deepOneIn,
        draft.sites);
  }

  /** The options while they are being changed. */
  private static final class Draft {
    int sectorBytes;
    int depth;
    CrashPlan first;
    CrashPlan later;
    long maxStates;
    Duration maxTime;
    int maxFailures;
    int rounds;
    boolean shrinks;
    int deepOneIn;
    boolean sites;

    Draft(SweepOptions from) {
      sectorBytes = from.sectorBytes;
      depth = from.depth;
      first = from.first;
      later = from.later;
      maxStates = from.maxStates;
      maxTime = from.maxTime;
      maxFailures = from.maxFailures;
      rounds = from.rounds;
      shrinks = from.shrinks;
      deepOneIn = from.deepOneIn;
      sites = from.sites;
    }
  }
}
