package dev.redoubt.crash.sim;

import dev.redoubt.crash.sim.hook.SimHook;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs virtual threads one at a time in the thread that calls {@link #run}, in an order and on a
 * clock that follow from a seed alone. A ForkJoinPool in name only, because JDK 25 gives timed
 * waits to a scheduler of that type and to a real clock otherwise; no worker of it ever starts.
 * Confined to one platform thread and the virtual threads it carries.
 */
final class Scheduler extends ForkJoinPool {
  private static final long STEP_NANOS = 100;
  private static final long MONITOR_SECONDS = 60;
  private static final long FIRST_ID = 1L << 40;

  /** The one that runs; a JVM simulates one at a time. */
  private static volatile @Nullable Scheduler active;

  private final SplittableRandom random;
  private final Settings settings;
  private final Policy policy;
  private final Chance[] points;
  private final Chance early;
  private final Trace trace;
  private final List<SimThread> ready = new ArrayList<>();
  private final List<SimThread> threads = new ArrayList<>();
  private final IdentityHashMap<Runnable, SimThread> byContinuation = new IdentityHashMap<>();
  private final PriorityQueue<SimTimer> timers = new PriorityQueue<>();
  private final BlockingQueue<SimThread> handed = new LinkedBlockingQueue<>();
  private @Nullable SimThread running;
  private final Thread carrier = Thread.currentThread();
  private volatile @Nullable Throwable failure;
  private int spawned;

  /** Critical sections of maps that the running thread is in. */
  private int sections;

  private long timerNumber;
  private long nanos;
  private long steps;

  /**
   * How a scheduler interleaves.
   *
   * @param priorities whether threads have priorities, see {@link Policy}
   * @param lockPoints probability that a thread yields before a call into java.util.concurrent
   * @param fieldPoints probability that it yields before an access to a field
   * @param early probability that a timed wait ends while others could still run
   */
  record Settings(boolean priorities, double lockPoints, double fieldPoints, double early) {}

  Scheduler(SplittableRandom random, Settings settings, Trace trace) {
    super(1);
    this.random = random;
    this.settings = settings;
    this.trace = trace;
    this.policy = new Policy(random.split(), settings.priorities());
    this.points =
        new Chance[] {
          new Chance(random.split(), settings.lockPoints()),
          new Chance(random.split(), settings.fieldPoints()),
          new Chance(random.split(), 1)
        };
    this.early = new Chance(random.split(), settings.early());
  }

  /** The virtual clock as seen from a virtual thread; real for others. */
  static long clock() {
    Scheduler known = active;
    return known == null || !known.carries(Thread.currentThread()) ? SimHook.REAL : known.nanos;
  }

  /** A yield point in a virtual thread. */
  static void point(int kind) {
    Scheduler known = active;
    if (known == null) {
      return;
    }
    if (kind >= SimHook.ENTER) {
      known.section(kind == SimHook.ENTER ? 1 : -1);
    } else if (known.sections == 0 && known.points[kind].strikes()) {
      known.giveWay(kind);
    }
  }

  private void section(int change) {
    if (carries(Thread.currentThread())) {
      sections += change;
    }
  }

  private void giveWay(int kind) {
    if (carries(Thread.currentThread())) {
      SimThread current = running;
      if (kind == SimHook.SPIN && current != null) {
        policy.spins(current);
      }
      letOthersRun();
    }
  }

  /** The running thread goes to the end of nobody's queue: anybody may run next, it too. */
  @SuppressWarnings("ThreadPriorityCheck") // a simulated thread's yield asks our own scheduler
  static void letOthersRun() {
    Thread.yield();
  }

  private boolean carries(Thread thread) {
    return thread.isVirtual() && VirtualThreads.schedulerOf(thread) == this;
  }

  Settings settings() {
    return settings;
  }

  long nanos() {
    return nanos;
  }

  long steps() {
    return steps;
  }

  List<SimThread> threads() {
    return threads;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** A new, started thread. What it throws ends the run. */
  Thread spawn(String name, Runnable body) {
    int number = spawned++;
    Thread thread =
        VirtualThreads.create(
            this, name, FIRST_ID + number, random.nextLong(), () -> guarded(name, body));
    SimThread known = new SimThread(number, thread, policy.newcomer());
    threads.add(known);
    byContinuation.put(known.continuation, known);
    thread.start();
    return thread;
  }

  private void guarded(String name, Runnable body) {
    try {
      body.run();
    } catch (Throwable t) {
      if (failure == null) {
        failure = new AssertionError("thread " + name + " ended with " + t, t);
      }
    } finally {
      trace.note(this, "ends");
    }
  }

  @Override
  public void execute(Runnable continuation) {
    SimThread thread = byContinuation.get(continuation);
    if (thread == null || thread.ready) {
      return; // of a life that has crashed, or in the list already
    }
    Thread caller = Thread.currentThread();
    if (!caller.equals(carrier) && !carries(caller)) {
      handed.add(thread); // by the JVM, which passes monitors on in a thread of its own
      return;
    }
    thread.ready = true;
    ready.add(thread);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
    SimTimer timer = new SimTimer(action, this::nanos, nanos + unit.toNanos(delay), timerNumber++);
    timers.add(timer);
    return timer;
  }

  /** Lets so much virtual time pass at once. */
  void advance(long byNanos) {
    nanos += byNanos;
  }

  /**
   * Runs until {@code over} says so, a thread fails, or nothing can ever happen again.
   *
   * @return whether it was over
   */
  boolean run(java.util.function.BooleanSupplier over) {
    active = this;
    try {
      while (!over.getAsBoolean() && failure == null) {
        if (!step()) {
          return false;
        }
      }
      return true;
    } finally {
      active = null;
    }
  }

  private boolean step() {
    fireDue();
    if (ready.isEmpty() || early.strikes()) {
      SimTimer next = nextTimer();
      if (next != null) {
        nanos = Math.max(nanos, next.atNanos());
        fireDue();
      } else if (ready.isEmpty()) {
        return false;
      }
      if (ready.isEmpty()) {
        return true;
      }
    }
    int index = policy.pick(ready);
    SimThread next = ready.get(index);
    SimThread last = ready.removeLast();
    if (index < ready.size()) {
      ready.set(index, last);
    }
    next.ready = false;
    nanos += STEP_NANOS;
    steps++;
    trace.step(next.number);
    running = next;
    next.continuation.run();
    running = null;
    afterStep(next);
    return true;
  }

  private void afterStep(SimThread thread) {
    while (VirtualThreads.isAtMonitor(thread.thread) && failure == null) {
      passMonitor(thread);
    }
    if (sections != 0) {
      fail("a thread waits inside a map's compute, that is in a monitor\n" + stacks());
    }
    if (!thread.thread.isAlive()) {
      threads.remove(thread);
      byContinuation.remove(thread.continuation);
    }
  }

  /**
   * A real thread, such as the one that frees memory behind arenas, has a monitor of the JDK for a
   * moment. Nothing else runs until it is passed on, as if nothing had been in the way. One that a
   * simulated thread holds is never passed on.
   */
  private void passMonitor(SimThread thread) {
    try {
      if (thread.ready) {
        ready.remove(thread);
        thread.ready = false;
      } else if (handed.poll(MONITOR_SECONDS, TimeUnit.SECONDS) == null) {
        fail("waits for a monitor, which cannot be simulated\n" + stacks());
        return;
      }
      running = thread;
      thread.continuation.run();
      running = null;
    } catch (InterruptedException e) {
      carrier.interrupt();
      fail("interrupted");
    }
  }

  private void fail(String what) {
    if (failure == null) {
      failure = new AssertionError(what);
    }
  }

  /** All threads that have not ended, and where they are. */
  String stacks() {
    StringJoiner text = new StringJoiner("\n");
    for (SimThread thread : threads) {
      text.add(thread.thread.getName() + " " + thread.thread.getState());
      for (StackTraceElement frame : thread.thread.getStackTrace()) {
        text.add("    at " + frame);
      }
    }
    return text.toString();
  }

  private @Nullable SimTimer nextTimer() {
    while (!timers.isEmpty() && timers.peek().isCancelled()) {
      timers.remove();
    }
    return timers.peek();
  }

  private void fireDue() {
    for (SimTimer next = nextTimer(); next != null && next.atNanos() <= nanos; next = nextTimer()) {
      timers.remove();
      next.run();
    }
  }

  /** All threads are gone, wherever they were: none runs again, no {@code finally} of theirs. */
  void crash() {
    ready.clear();
    timers.clear();
    threads.clear();
    byContinuation.clear();
  }

  SplittableRandom random() {
    return random;
  }

  /** Name of the thread that runs, for traces. */
  String runningName() {
    SimThread current = running;
    return current == null ? "-" : current.thread.getName();
  }
}
