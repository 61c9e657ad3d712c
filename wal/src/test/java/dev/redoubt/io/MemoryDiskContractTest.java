package dev.redoubt.io;

import java.util.Locale;

/** The disk in memory of the unit tests keeps the contract, bare and behind gate and watcher. */
final class MemoryDiskContractTest implements DiskContract {
  private final MemoryDisk memory = new MemoryDisk();

  @Override
  public Disk disk() {
    return memory;
  }

  @Override
  public void trouble(Trouble trouble) {
    cause(memory, trouble);
  }

  static void cause(MemoryDisk disk, Trouble trouble) {
    disk.capacity(trouble == Trouble.FULL ? disk.usedBytes() : Long.MAX_VALUE);
    disk.onCall(
        call -> {
          if (call.kind().equals(trouble.name().toLowerCase(Locale.ROOT))) {
            throw new StorageIoException(call.kind() + " failed for " + call.file() + ": EIO");
          }
        });
  }
}
