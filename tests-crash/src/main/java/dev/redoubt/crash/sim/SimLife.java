package dev.redoubt.crash.sim;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.util.List;
import java.util.SplittableRandom;

/** Surroundings of one life of an engine: from its opening to a crash or its end. */
public final class SimLife {
  private final Simulation simulation;
  private final SimPlan.Life plan;
  private final int number;
  private final Disk disk;
  private final SplittableRandom random;

  SimLife(Simulation simulation, SimPlan.Life plan, int number, Disk disk) {
    this.simulation = simulation;
    this.plan = plan;
    this.number = number;
    this.disk = disk;
    this.random = simulation.random().split();
  }

  /** 0 for the first. */
  public int number() {
    return number;
  }

  /** Whether nothing goes wrong any more. */
  public boolean last() {
    return plan.last();
  }

  /** Whether a failure of storage can come from a fault that has struck in this life. */
  public boolean excuses() {
    return plan.struck();
  }

  /**
   * Whether timed waits end only when nothing else can run: then who gives up after a long time was
   * forgotten by whom it waited for.
   */
  public boolean timely() {
    return simulation.timely();
  }

  /** The disk; its calls take virtual time. */
  public Disk disk() {
    return disk;
  }

  /** Threads, clock and random numbers for the engine. */
  public Environment environment() {
    return simulation.environment();
  }

  /** Decisions of the subject in this life. */
  public SplittableRandom random() {
    return random;
  }

  /** A new, started thread of a client. What its body throws fails the run. */
  public Thread spawn(String name, Simulation.Body body) {
    return simulation.spawn(name, body);
  }

  /** Waits for the threads to end. */
  public static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** A line of the trace. */
  public void note(String what) {
    simulation.note(what);
  }

  /** Steps of the run so far; grows with each step of any thread. */
  public long steps() {
    return simulation.steps();
  }
}
