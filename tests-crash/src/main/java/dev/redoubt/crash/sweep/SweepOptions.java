package dev.redoubt.crash.sweep;

import java.time.Duration;

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
    boolean sites) {
  public SweepOptions {
    if (Integer.bitCount(rounds) != 1) {
      throw new IllegalArgumentException("rounds must be a power of two: " + rounds);
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
        false);
  }

  public SweepOptions withDepth(int crashes) {
    return new SweepOptions(
        seed,
        sectorBytes,
        crashes,
        first,
        later,
        maxStates,
        maxTime,
        maxFailures,
        rounds,
        shrinks,
        sites);
  }

  public SweepOptions withSectorBytes(int bytes) {
    return new SweepOptions(
        seed, bytes, depth, first, later, maxStates, maxTime, maxFailures, rounds, shrinks, sites);
  }

  public SweepOptions withBudget(long states, Duration time) {
    return new SweepOptions(
        seed, sectorBytes, depth, first, later, states, time, maxFailures, rounds, shrinks, sites);
  }

  public SweepOptions withPlans(CrashPlan atRun, CrashPlan atRecovery) {
    return new SweepOptions(
        seed,
        sectorBytes,
        depth,
        atRun,
        atRecovery,
        maxStates,
        maxTime,
        maxFailures,
        rounds,
        shrinks,
        sites);
  }

  /** How often the run is made; few where it is slow. */
  public SweepOptions withRounds(int count) {
    return new SweepOptions(
        seed,
        sectorBytes,
        depth,
        first,
        later,
        maxStates,
        maxTime,
        maxFailures,
        count,
        shrinks,
        sites);
  }

  public SweepOptions withMaxFailures(int failures) {
    return new SweepOptions(
        seed,
        sectorBytes,
        depth,
        first,
        later,
        maxStates,
        maxTime,
        failures,
        rounds,
        shrinks,
        sites);
  }

  /** Leaves failing schedules as they were found. */
  public SweepOptions withoutShrinking() {
    return new SweepOptions(
        seed,
        sectorBytes,
        depth,
        first,
        later,
        maxStates,
        maxTime,
        maxFailures,
        rounds,
        false,
        sites);
  }

  /** Has coverage name the calling methods. */
  public SweepOptions withSites() {
    return new SweepOptions(
        seed,
        sectorBytes,
        depth,
        first,
        later,
        maxStates,
        maxTime,
        maxFailures,
        rounds,
        shrinks,
        true);
  }
}
