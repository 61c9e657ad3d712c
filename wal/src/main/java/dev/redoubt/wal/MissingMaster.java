package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.NotAStoreException;
import java.util.List;

/**
 * What a folder without a master file is: no store, a creation that was cut off, or a store that
 * has lost it. Changes nothing.
 *
 * <p>Creation makes an empty first segment, then the master file, and gives its name durably before
 * there are records or pages. So where there are any, a master file was there.
 */
final class MissingMaster {
  /** Files of the page store, which is above us. */
  private static final List<String> PAGE_FILES = List.of("pages", "doublewrite");

  private MissingMaster() {}

  /**
   * Returns if there is a master file.
   *
   * @throws CorruptionException if there is a store without it
   * @throws NotAStoreException if there is no store
   */
  static void check(Disk disk) {
    if (!disk.exists(LogLayout.MASTER_FILE)) {
      try {
        checkNothingIsLost(disk);
      } catch (CorruptionException lost) {
        if (disk.exists(LogLayout.MASTER_FILE)) {
          return; // somebody was creating the store meanwhile
        }
        throw lost;
      }
      throw new NotAStoreException(
          disk.description()
              + " holds no store: it has no file \""
              + LogLayout.MASTER_FILE
              + "\" and nothing else of one; name the folder of a store, or create one");
    }
  }

  /**
   * Returns if there is nothing of a store, or what is left of a creation that was cut off.
   *
   * @throws CorruptionException if a store was there
   */
  static void checkNothingIsLost(Disk disk) {
    List<String> names = disk.list();
    for (String name : names) {
      if (LogLayout.segmentIndex(name) >= 0 && wasUsed(disk, name)) {
        throw lost(
            disk,
            "master record is missing: it has log segments with records (" + name + ")",
            "put the master file back from a backup, "
                + CorruptionException.SALVAGE
                + ", or move the files away to create a new store here");
      }
    }
    for (String name : PAGE_FILES) {
      if (names.contains(name)) {
        throw lost(
            disk,
            "master record and log are missing: it has a file \"" + name + "\"",
            "put the master file and the log back, restore the store from a backup, or move the"
                + " files away to create a new store here");
      }
    }
  }

  /** An unfinished creation leaves an empty first segment at most. */
  private static boolean wasUsed(Disk disk, String name) {
    Block block = new Block();
    try (DiskFile file = disk.open(name, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      block.read(file, LogLayout.BLOCK_BYTES);
    }
    int magic = LogLayout.getInt(block.memory, BatchLayout.MAGIC);
    return LogLayout.segmentIndex(name) != 0 || magic == BatchLayout.MAGIC_VALUE;
  }

  private static CorruptionException lost(Disk disk, String what, String remedy) {
    return new CorruptionException(
        disk.description()
            + " holds a store whose "
            + what
            + " but no file \""
            + LogLayout.MASTER_FILE
            + "\". Nothing was changed; "
            + remedy);
  }
}
