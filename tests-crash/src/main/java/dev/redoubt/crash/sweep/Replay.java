package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.IoEvent;
import dev.redoubt.crash.disk.SimDisk;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs one crash schedule again, recording the calls of each stage. */
final class Replay<S> {
  private final Workload<S> workload;
  private final CrashSchedule schedule;
  private final int sectorBytes;
  private final List<List<IoEvent>> traces = new ArrayList<>();
  private @Nullable Evidence evidence;

  Replay(Workload<S> workload, CrashSchedule schedule, int sectorBytes) {
    this.workload = workload;
    this.schedule = schedule;
    this.sectorBytes = sectorBytes;
  }

  private record Survivor<S>(SimDisk disk, PrefixOracle<S> oracle) {}

  /** Mutating calls of each stage, up to its crash. */
  List<List<IoEvent>> traces() {
    return traces;
  }

  /** What the last stage began with; null before {@link #run}. */
  @Nullable Evidence evidence() {
    return evidence;
  }

  /** What goes wrong; null if all is right or the schedule does not fit the run. */
  @Nullable Throwable run() {
    SimDisk disk = SimDisk.create(sectorBytes);
    PrefixOracle<S> oracle = PrefixOracle.startingWith(workload.emptyState());
    for (int stage = 0; stage <= schedule.depth(); stage++) {
      Survivor<S> survivor = null;
      Throwable wrong = null;
      Stage capture = new Stage(stage, oracle);
      evidence = Evidence.of(disk, oracle);
      disk.listen(capture::before);
      try {
        if (stage == 0) {
          workload.run(disk, schedule.seed(), oracle);
        } else {
          workload.recover(disk, schedule.seed(), oracle);
        }
      } catch (Throwable t) {
        wrong = t;
      }
      disk.listen(null);
      if (stage == 0) {
        evidence = Evidence.of(disk, oracle);
      }
      survivor = capture.survivor(disk);
      traces.add(capture.calls);
      if (survivor == null) {
        return wrong;
      }
      disk = survivor.disk();
      oracle = survivor.oracle();
    }
    return null;
  }

  /** Lives through one stage and keeps what survives its crash. */
  private final class Stage {
    private final @Nullable CrashPoint point;
    private final PrefixOracle<S> oracle;
    private final List<IoEvent> calls = new ArrayList<>();
    private @Nullable Survivor<S> survivor;

    Stage(int stage, PrefixOracle<S> oracle) {
      this.point = stage < schedule.depth() ? schedule.points().get(stage) : null;
      this.oracle = oracle;
    }

    void before(SimDisk disk, IoEvent event) {
      if (survivor == null) {
        if (point != null && event.ordinal() == point.ordinal()) {
          survivor = new Survivor<>(disk.crash(point.choice()), oracle.fork());
        } else {
          calls.add(event);
        }
      }
    }

    @Nullable Survivor<S> survivor(SimDisk disk) {
      if (survivor == null && point != null && disk.ordinal() == point.ordinal()) {
        survivor = new Survivor<>(disk.crash(point.choice()), oracle.fork());
      }
      return survivor;
    }
  }
}
