package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.StorageException;

/** Giving files their names so that a failure, a full disk for one, leaves none half given. */
final class FileNames {
  private FileNames() {}

  /**
   * Gives a complete, forced file its name; durable at return. After a failure neither name is
   * there, as far as the disk lets names be taken away.
   */
  static void give(Disk disk, String temporary, String name) {
    try {
      disk.rename(temporary, name);
      disk.forceDirectory();
    } catch (Throwable t) {
      discard(disk, temporary, t);
      discard(disk, name, t);
      throw t;
    }
  }

  /** Deletes what is of no use, if it is there and can be; the next opening tries again. */
  static void discard(Disk disk, String name, Throwable why) {
    try {
      if (disk.exists(name)) {
        disk.delete(name);
      }
    } catch (StorageException e) {
      why.addSuppressed(e);
    }
  }
}
