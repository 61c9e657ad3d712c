package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.HaltGate;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The master record of an open log. Thread-safe: writers take turns, readers see the last forced.
 */
final class Masters {
  private final Disk disk;
  private final HaltGate gate;
  private final LogGeometry geometry;

  /** Held over I/O: slots are written one after the other. */
  private final ReentrantLock masterLatch = new ReentrantLock();

  private volatile MasterFile.Slot forced;

  Masters(Disk disk, HaltGate gate, LogGeometry geometry, MasterFile.Slot forced) {
    this.disk = disk;
    this.gate = gate;
    this.geometry = geometry;
    this.forced = forced;
  }

  /** What the last forced slot says; truncation goes by it and by nothing else (rule 12). */
  MasterRecord forced() {
    return forced.record();
  }

  /** A new opening: everything below {@code watermark} has just been read from the device. */
  void beginEpoch(int epoch, long watermark, long ringBytes, int batchBytes) {
    MasterRecord old = forced();
    write(
        new MasterFile.Slot(
            new MasterRecord(
                old.sequence() + 1, old.checkpointLsn(), old.boundLsn(), watermark, epoch, false),
            ringBytes,
            batchBytes));
  }

  /** Writes and forces the next slot. A failure halts: nobody knows what the slot now says. */
  void write(long checkpointLsn, long boundLsn, long watermark, boolean clean) {
    masterLatch.lock();
    try {
      MasterFile.Slot old = forced;
      write(
          new MasterFile.Slot(
              new MasterRecord(
                  old.record().sequence() + 1,
                  checkpointLsn,
                  boundLsn,
                  watermark,
                  old.record().epoch(),
                  clean),
              old.ringBytes(),
              old.batchBytes()));
    } finally {
      masterLatch.unlock();
    }
  }

  private void write(MasterFile.Slot slot) {
    masterLatch.lock();
    try {
      gate.check();
      MasterFile.write(disk, slot, geometry);
      forced = slot;
    } catch (Throwable t) {
      throw gate.halt(t);
    } finally {
      masterLatch.unlock();
    }
  }
}
