package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.disk.SimDisk;

/**
 * A workload on disks that never move all they are asked to at once: each transfer takes several
 * calls, and a crash may come between any two of them.
 *
 * @param <S> a state of the data
 * @param workload that is run
 */
public record ShortTransfers<S>(Workload<S> workload) implements Workload<S> {
  @Override
  public String name() {
    return workload.name() + "-short";
  }

  @Override
  public S emptyState() {
    return workload.emptyState();
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<S> oracle) {
    shorten(disk);
    workload.run(disk, seed, oracle);
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<S> oracle) {
    shorten(disk);
    workload.recover(disk, seed, oracle);
  }

  /** Every transfer on this disk is short from now on. */
  public static void shorten(SimDisk disk) {
    disk.inject(Fault.forEver(IoKind.READ, "", 0, Fault.Action.SHORT));
    disk.inject(Fault.forEver(IoKind.WRITE, "", 0, Fault.Action.SHORT));
  }
}
