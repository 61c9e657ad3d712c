package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.IoEvent;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Crashes a workload at every mutating call of its run, in many ways each, recovers every survivor
 * and judges it; then crashes those recoveries at each of their own calls, and so on to the wanted
 * depth.
 *
 * <p>The workload runs only a few times: an image of the disk is taken while the run stands just
 * before a call, recovered and judged on the spot, and the run goes on. Survivors equal to one that
 * was judged already (same bytes, same demands) count as tried and are not opened again.
 *
 * <p>Order of work: the points of the run with {@link SweepOptions#first}, for at most half of the
 * budget; then with {@link SweepOptions#later}, and the recoveries are crashed in turn (at once, if
 * that is the same plan). Both in rounds, each spread over the whole run, so that a budget cut
 * short has still seen all of it. Confined to one thread.
 *
 * @param <S> state of the workload
 */
public final class Sweep<S> {
  private final Workload<S> workload;
  private final SweepOptions options;
  private final Environment clock;
  private final long startNanos;
  private final Coverage coverage = new Coverage();
  private final Map<Long, Integer> judged = new HashMap<>();
  private final List<CrashFailure> failures = new ArrayList<>();
  private long points;
  private long states;
  private long statesInRecovery;
  private long recoveries;
  private long runCalls;
  private boolean cutShort;
  private long maxStates;
  private long maxNanos;

  private Sweep(Workload<S> workload, SweepOptions options, Environment clock) {
    this.workload = workload;
    this.options = options;
    this.clock = clock;
    this.startNanos = clock.nanoTime();
  }

  /** Sweeps; {@code clock} only limits the time. The report holds what was found wrong. */
  public static <S> SweepReport run(Workload<S> workload, SweepOptions options, Environment clock) {
    return new Sweep<>(workload, options, clock).sweep();
  }

  /**
   * Runs the schedule that a failure printed.
   *
   * @return the failure, with the trace of every stage; null if nothing goes wrong
   */
  public static <S> @Nullable CrashFailure replay(
      Workload<S> workload, String line, int sectorBytes) {
    CrashSchedule schedule = CrashSchedule.parse(line);
    if (!schedule.workload().equals(workload.name())) {
      throw new IllegalArgumentException("the line is of " + schedule.workload());
    }
    Replay<S> replay = new Replay<>(workload, schedule, sectorBytes);
    Throwable wrong = replay.run();
    return wrong == null
        ? null
        : new CrashFailure(schedule, wrong, replay.traces(), replay.evidence());
  }

  private SweepReport sweep() {
    boolean deeper = options.depth() > 1;
    if (!deeper || !options.first().equals(options.later())) {
      rounds(options.first(), 1, deeper ? 2 : 1);
    }
    if (deeper) {
      rounds(options.later(), options.depth(), 1);
    }
    return new SweepReport(
        workload.name(),
        options.seed(),
        runCalls,
        points,
        states,
        statesInRecovery,
        recoveries,
        !cutShort,
        Duration.ofNanos(clock.nanoTime() - startNanos),
        failures,
        coverage);
  }

  /** Visits the run's points, spread over the run in each round, with a share of the budget. */
  private void rounds(CrashPlan plan, int depth, int share) {
    maxStates = options.maxStates() / share;
    maxNanos = options.maxTime().toNanos() / share;
    for (int round = 0; round < options.rounds() && !done(); round++) {
      int offset = bitReversed(round, options.rounds());
      pass(plan, depth, ordinal -> ordinal % options.rounds() == offset);
    }
  }

  /** Of numbers below a power of two: neighbours in time become far apart in the run. */
  private static int bitReversed(int number, int modulus) {
    return modulus == 1 ? 0 : Integer.reverse(number) >>> Integer.numberOfLeadingZeros(modulus - 1);
  }

  private void pass(CrashPlan plan, int depth, LongPredicate wanted) {
    SimDisk disk = SimDisk.create(options.sectorBytes());
    disk.nameSites(options.sites());
    PrefixOracle<S> oracle = PrefixOracle.startingWith(workload.emptyState());
    CrashSchedule none = new CrashSchedule(workload.name(), options.seed(), List.of());
    Point<S> at = new Point<>(disk, none, oracle, plan, depth);
    disk.listen(
        (_, event) -> {
          if (wanted.test(event.ordinal())) {
            visit(at, event);
          }
        });
    try {
      workload.run(disk, options.seed(), oracle);
    } catch (VirtualMachineError fatal) {
      throw fatal;
    } catch (Throwable wrong) {
      disk.listen(null);
      fail(none, wrong);
      return;
    }
    disk.listen(null);
    runCalls = disk.ordinal();
    if (wanted.test(runCalls)) {
      visitEnd(at);
    }
  }

  /** A disk being crashed, how it came to be, what is known of it, and what is tried on it. */
  private record Point<S>(
      SimDisk disk, CrashSchedule soFar, PrefixOracle<S> oracle, CrashPlan plan, int depth) {}

  /** A crash after the last call: what was acknowledged last must be found. */
  private void visitEnd(Point<S> at) {
    visit(at, new IoEvent(at.disk().ordinal(), IoKind.FORCE, "(end)", 0, 0, false, "end", ""));
  }

  private void visit(Point<S> at, IoEvent event) {
    if (done()) {
      return;
    }
    long seed = mix(options.seed() + 31 * event.ordinal() + at.soFar().hashCode());
    if (at.soFar().depth() > 1 && (seed >>> 1) % options.deepOneIn() != 0) {
      return;
    }
    points++;
    for (CrashChoice choice : at.plan().choices(at.disk().pending(), options.sectorBytes(), seed)) {
      if (done()) {
        return;
      }
      coverage.count(at.soFar().depth(), event);
      CrashSchedule schedule = at.soFar().then(new CrashPoint(event.ordinal(), choice));
      judge(at.disk().crash(choice), schedule, at.oracle().fork(), at.depth());
    }
  }

  private void judge(SimDisk image, CrashSchedule schedule, PrefixOracle<S> oracle, int depth) {
    states++;
    statesInRecovery += schedule.depth() > 1 ? 1 : 0;
    int left = depth - schedule.depth();
    long key = image.fingerprint() * 31 + oracle.acknowledged() * 1_000_003L + oracle.attempted();
    Integer before = judged.get(key);
    if (before != null && before >= left) {
      return;
    }
    judged.put(key, left);
    recoveries++;
    Point<S> next = new Point<>(image, schedule, oracle, options.later(), depth);
    if (left > 0) {
      image.nameSites(options.sites());
      image.listen((_, event) -> visit(next, event));
    }
    try {
      workload.recover(image, options.seed(), oracle);
    } catch (VirtualMachineError fatal) {
      throw fatal;
    } catch (Throwable wrong) {
      fail(schedule, wrong);
      return;
    } finally {
      image.listen(null);
    }
    if (left > 0) {
      visitEnd(next);
    }
  }

  private void fail(CrashSchedule schedule, Throwable wrong) {
    if (failures.size() >= options.maxFailures()) {
      return;
    }
    if (!options.shrinks()) {
      failures.add(new CrashFailure(schedule, wrong, List.of(), null));
      return;
    }
    CrashSchedule simple = Shrink.shrink(workload, schedule, options.sectorBytes());
    Replay<S> replay = new Replay<>(workload, simple, options.sectorBytes());
    Throwable again = replay.run();
    failures.add(
        new CrashFailure(
            simple, again == null ? wrong : again, replay.traces(), replay.evidence()));
  }

  private boolean done() {
    boolean spent =
        states >= maxStates
            || clock.nanoTime() - startNanos > maxNanos
            || failures.size() >= options.maxFailures();
    cutShort |= spent;
    return spent;
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    return (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
  }
}
