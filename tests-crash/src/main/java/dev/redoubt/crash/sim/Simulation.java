package dev.redoubt.crash.sim;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One scheduler with its threads and its clock, all decided by a seed. Threads of the engine come
 * from {@link #environment}, those of clients from {@link #spawn}; they run, one at a time, while
 * somebody is inside {@link #run}. The same seed and the same bodies give the same run, step by
 * step.
 *
 * <p>The JVM must have been prepared by {@link SimJvm}. Confined to the thread that made it and the
 * simulated ones; a JVM runs one simulation at a time.
 */
public final class Simulation {
  /** How a call of {@link #run} ended. */
  public enum Ending {
    /** The thread given has ended. */
    FINISHED,
    /** The steps are used up. */
    OUT_OF_STEPS,
    /** The virtual time is used up. */
    OUT_OF_TIME,
    /** Nothing can run and nothing waits for the clock: a deadlock, or a lost wake-up. */
    STUCK
  }

  /** A body of a thread that may throw. */
  @FunctionalInterface
  public interface Body {
    /** Runs in a simulated thread. */
    void run() throws Exception;
  }

  private final Scheduler scheduler;
  private final Trace trace;
  private final SplittableRandom random;
  private final SimClock environment;

  private Simulation(long seed, boolean lines) {
    this.random = new SplittableRandom(seed);
    this.trace = new Trace(lines);
    this.scheduler = new Scheduler(random.split(), settings(random.split()), trace);
    this.environment = new SimClock(scheduler, random.split());
  }

  /**
   * A simulation of that seed.
   *
   * @param lines whether {@link #trace} keeps lines; the run is the same either way
   */
  public static Simulation of(long seed, boolean lines) {
    return new Simulation(seed, lines);
  }

  /** Every way to interleave gets its share of seeds; the means are spread over magnitudes. */
  private static Scheduler.Settings settings(SplittableRandom random) {
    double locks = random.nextInt(4) == 0 ? 0 : Math.pow(2, -random.nextInt(1, 9));
    double fields = random.nextInt(3) != 0 ? 0 : Math.pow(2, -random.nextInt(2, 12));
    double early = random.nextInt(4) != 0 ? 0 : Math.pow(2, -random.nextInt(4, 10));
    return new Scheduler.Settings(random.nextInt(3) == 0, locks, fields, early);
  }

  /** Threads, clock and random numbers for an engine that is simulated. */
  public Environment environment() {
    return environment;
  }

  /** The disk with delays of the virtual clock before and after each call. */
  public Disk slow(SimDisk disk) {
    return new SlowDisk(disk, this, random.split());
  }

  /** A new, started thread. What its body throws ends the run: {@link #run} throws it. */
  public Thread spawn(String name, Body body) {
    return scheduler.spawn(
        name,
        () -> {
          try {
            body.run();
          } catch (RuntimeException | Error e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /**
   * Runs until {@code main} has ended, or one of the limits is reached.
   *
   * @param maxSteps steps from now
   * @param maxNanos virtual time from now
   * @throws AssertionError with what a thread threw
   */
  public Ending run(Thread main, long maxSteps, long maxNanos) {
    long lastStep = scheduler.steps() + maxSteps;
    long lastNano = scheduler.nanos() + maxNanos;
    boolean over =
        scheduler.run(
            () ->
                !main.isAlive() || scheduler.steps() >= lastStep || scheduler.nanos() >= lastNano);
    Throwable failure = scheduler.failure();
    if (failure != null) {
      throw new AssertionError(failure.getMessage(), failure);
    }
    if (!over) {
      return Ending.STUCK;
    }
    if (!main.isAlive()) {
      return Ending.FINISHED;
    }
    return scheduler.steps() >= lastStep ? Ending.OUT_OF_STEPS : Ending.OUT_OF_TIME;
  }

  /**
   * All threads are gone, wherever they were: none of them runs again, and no {@code finally} of
   * theirs. The clock goes on. Called outside {@link #run}.
   */
  public void crash() {
    trace.note(scheduler, "crash");
    scheduler.crash();
  }

  /** Random numbers that follow from the seed, for the caller's own decisions. */
  public SplittableRandom random() {
    return random;
  }

  /** Steps so far: a step runs one thread until it waits, yields or ends. */
  public long steps() {
    return scheduler.steps();
  }

  /** The virtual clock, in nanoseconds from the beginning. */
  public long nanos() {
    return scheduler.nanos();
  }

  /** Adds to the trace; from simulated threads, or outside {@link #run}. */
  public void note(String what) {
    trace.note(scheduler, what);
  }

  /** Equal for equal runs: over every step and every note. */
  public long traceHash() {
    return trace.hash();
  }

  /** Step, virtual nanoseconds, thread, what happened; empty unless lines were wanted. */
  public List<String> trace() {
    return trace.lines();
  }

  /** Whether timed waits end only when nothing else can run. */
  boolean timely() {
    return scheduler.settings().early() == 0;
  }

  /** How this seed interleaves, for reports. */
  public String settings() {
    return scheduler.settings().toString();
  }

  /** All threads that have not ended, and where they are. Outside {@link #run}. */
  public String stacks() {
    return scheduler.stacks();
  }

  /** Lets the running thread wait on the virtual clock, or only lets others run. */
  void pause(SplittableRandom delays, long upToNanos) {
    if (delays.nextInt(4) == 0) {
      java.util.concurrent.locks.LockSupport.parkNanos(this, 1 + delays.nextLong(upToNanos));
    } else {
      Scheduler.letOthersRun();
    }
  }
}
