package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.UnsupportedFormatException;
import java.util.function.Supplier;

/**
 * Opens for inspection a log that another process may be writing, again and again if need be.
 *
 * <p>A look that takes time can see one part of the log before a change and another after it: a
 * block not yet written below a watermark that is; a segment that was recycled in between. The next
 * look finds what had been there by the end of this one: the block whole, or the log starting
 * behind the segment. So what is wrong in the same place twice running is wrong indeed.
 */
final class InspectionOpening {
  /** Each look fails only if a checkpoint or a force falls into the wrong moment of it. */
  private static final int ATTEMPTS = 20;

  private InspectionOpening() {}

  /**
   * What {@code attempt} gives.
   *
   * @throws LogInUseException if every look met something else
   * @throws StorageException what is wrong with the log
   */
  static <T> T open(Disk disk, Supplier<T> attempt) {
    String before = "";
    for (int i = 1; ; i++) {
      try {
        return attempt.get();
      } catch (NotAStoreException | UnsupportedFormatException e) {
        throw e;
      } catch (StorageException e) {
        String place = Corruptions.place(e);
        if (place.equals(before)) {
          throw e;
        }
        if (i == ATTEMPTS) {
          throw new LogInUseException(
              disk.description()
                  + " is being written by another process, and changed under each of "
                  + ATTEMPTS
                  + " looks at it, the last time so: "
                  + e.getMessage()
                  + ". Nothing is known to be wrong; try again",
              e);
        }
        before = place;
      }
    }
  }
}
