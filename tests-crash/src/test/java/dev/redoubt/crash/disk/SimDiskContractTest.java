package dev.redoubt.crash.disk;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskContract;

/** The simulated disk keeps the contract that the real one keeps. */
final class SimDiskContractTest implements DiskContract {
  private final SimDisk disk = SimDisk.create();

  @Override
  public Disk disk() {
    return disk;
  }

  @Override
  public void trouble(Trouble trouble) {
    disk.heal();
    switch (trouble) {
      case NONE -> {}
      case FULL -> disk.limitBytes(disk.allocatedBytes());
      case READ -> fail(IoKind.READ);
      case WRITE -> fail(IoKind.WRITE);
      case FORCE -> fail(IoKind.FORCE);
    }
  }

  private void fail(IoKind kind) {
    disk.inject(Fault.forEver(kind, "", 0, Fault.Action.EIO));
  }
}
