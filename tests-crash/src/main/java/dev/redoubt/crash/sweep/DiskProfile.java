package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.disk.SimDisk;

/** Kinds of disks that a workload may be swept on. */
@SuppressWarnings("ImmutableEnumChecker") // a CrashPlan is
public enum DiskProfile {
  /** No more than POSIX promises: unforced operations survive each for itself, writes are torn. */
  POSIX_MINIMAL(CrashPlan.full(), CrashPlan.brief()),
  /** Keeps order: what survives of the unforced is a prefix of it. */
  ORDERED(CrashPlan.orderKeeping(), CrashPlan.orderKeeping()),
  /**
   * Reports every force of the run as done and does nothing: no engine can keep what it has
   * acknowledged, and a suite that does not notice is worth nothing. Recoveries are on an honest
   * disk.
   */
  LYING(CrashPlan.full(), CrashPlan.brief());

  private final CrashPlan first;
  private final CrashPlan later;

  DiskProfile(CrashPlan first, CrashPlan later) {
    this.first = first;
    this.later = later;
  }

  /** What a crash of the run may leave. */
  public CrashPlan plan() {
    return first;
  }

  /** The options with what crashes may leave on such a disk. */
  public SweepOptions on(SweepOptions options) {
    return options.withPlans(first, later);
  }

  /** Makes an empty disk one of this kind, as far as that is not for crashes to decide. */
  public void prepare(SimDisk disk) {
    if (this == LYING) {
      disk.inject(Fault.forEver(IoKind.FORCE, "", 0, Fault.Action.LIE));
      disk.inject(Fault.forEver(IoKind.FORCE_DIRECTORY, "", 0, Fault.Action.LIE));
    }
  }

  /** The workload, run on such a disk; its name, and so the lines of its failures, stay. */
  public <S> Workload<S> on(Workload<S> workload) {
    return new Workload<>() {
      @Override
      public String name() {
        return workload.name();
      }

      @Override
      public S emptyState() {
        return workload.emptyState();
      }

      @Override
      public void run(SimDisk disk, long seed, PrefixOracle<S> oracle) {
        prepare(disk);
        workload.run(disk, seed, oracle);
      }

      @Override
      public void recover(SimDisk disk, long seed, PrefixOracle<S> oracle) {
        workload.recover(disk, seed, oracle);
      }
    };
  }
}
