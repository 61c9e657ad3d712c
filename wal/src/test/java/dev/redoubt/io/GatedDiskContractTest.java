package dev.redoubt.io;

/** A disk behind its gate keeps the contract as long as the gate is open. */
final class GatedDiskContractTest implements DiskContract {
  private final MemoryDisk memory = new MemoryDisk();
  private Disk disk = open();

  private Disk open() {
    return new WatchedDisk(new GatedDisk(memory, new HaltGate()), call -> {});
  }

  @Override
  public void goOn() {
    disk = open();
  }

  @Override
  public Disk disk() {
    return disk;
  }

  @Override
  public void trouble(Trouble trouble) {
    MemoryDiskContractTest.cause(memory, trouble);
  }
}
