package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Locale;

/** A disk over an empty one keeps the contract, locks apart, and leaves the one below empty. */
final class OverlayDiskContractTest implements DiskContract {
  private final MemoryDisk base = new MemoryDisk();
  private final OverlayDisk overlay = new OverlayDisk(base, 1 << 24, "limit");
  private Trouble trouble = Trouble.NONE;
  private final Disk disk =
      new WatchedDisk(
          overlay,
          call -> {
            if (call.kind().equals(trouble.name().toLowerCase(Locale.ROOT))) {
              throw new StorageIoException(call.kind() + " failed for " + call.file() + ": EIO");
            }
            if (trouble == Trouble.FULL && call.kind().equals("write") && call.position() > 0) {
              throw new DiskFullException("no room for " + call.file());
            }
          });

  @Override
  public Disk disk() {
    return disk;
  }

  @Override
  public void trouble(Trouble next) {
    trouble = next;
  }

  /** Nothing is created below, so where there is no lock there is nobody to keep out. */
  @Override
  public void aLockExcludesUntilItIsClosed() {
    disk.lock("lock").close();
    assertEquals(List.of("lock"), disk.list());
    assertEquals(List.of(), base.list());
  }
}
