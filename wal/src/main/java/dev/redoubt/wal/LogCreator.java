package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import java.util.List;
import java.util.UUID;

/**
 * Makes a new log: the first segment, then the master file, whose name is what makes it a store. A
 * crash before that leaves leftovers that the next creation clears.
 */
final class LogCreator {
  private final Disk disk;
  private final LogOptions options;
  private final LogGeometry geometry;

  private LogCreator(Disk disk, LogOptions options, LogGeometry geometry) {
    this.disk = disk;
    this.options = options;
    this.geometry = geometry;
  }

  /** At return the new log is complete and durable. */
  static void create(Disk disk, Environment environment, LogOptions options, byte[] attributes) {
    if (attributes.length > MasterLayout.MAX_ATTRIBUTE_BYTES) {
      throw new IllegalArgumentException(
          "attributes are longer than "
              + MasterLayout.MAX_ATTRIBUTE_BYTES
              + " bytes: "
              + attributes.length);
    }
    if (disk.exists(LogLayout.MASTER_FILE)) {
      throw new IllegalStateException(
          disk.description() + " holds a store already; open it instead");
    }
    UUID id = new UUID(environment.random().nextLong(), environment.random().nextLong());
    LogGeometry geometry = new LogGeometry(id, options.segmentBytes());
    new LogCreator(disk, options, geometry).create(attributes);
  }

  private void create(byte[] attributes) {
    clearLeftovers();
    Disk.Caching caching = options.caching();
    Tail empty = Tail.ofEmptyLog(geometry);
    new SegmentMaker(disk, geometry, caching, -1)
        .makeFirst(SegmentHeader.begun(0, empty.endLsn(), empty, 0));
    int batchBytes = options.bufferBytesFor(geometry);
    MasterFile.Slot slot =
        new MasterFile.Slot(
            new MasterRecord(1, 0, 0, empty.endLsn(), 0, true),
            (long) batchBytes * options.bufferCount(),
            batchBytes);
    MasterFile.create(disk, new MasterFile.Identity(geometry, attributes), slot);
  }

  private void clearLeftovers() {
    MissingMaster.checkNothingIsLost(disk);
    List<String> names = disk.list();
    for (String name : names) {
      if (!isOurs(name) && !name.equals(LogLayout.LOCK_FILE)) {
        throw new NotAStoreException(
            disk.description()
                + " holds files that are no part of a store, such as \""
                + name
                + "\"; create the store in an empty directory");
      }
    }
    for (String name : names) {
      if (isOurs(name)) {
        disk.delete(name);
      }
    }
  }

  private static boolean isOurs(String name) {
    return LogLayout.segmentIndex(name) >= 0
        || LogLayout.spareNumber(name) >= 0
        || name.equals(LogLayout.MASTER_TEMPORARY);
  }
}
