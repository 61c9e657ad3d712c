package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import dev.redoubt.io.OverlayDisk;
import dev.redoubt.recovery.EngineOptions;

/**
 * A store that is open for reading only: the same opening and the same restart as any other, over a
 * disk that keeps what they write in memory ({@link OverlayDisk}). Stateless.
 */
final class ReadOnlyMode {
  private ReadOnlyMode() {}

  /** The disk that the engine is given. */
  static Disk layered(Disk disk, StoreOptions options) {
    return options.readOnly()
        ? new OverlayDisk(disk, options.readOnlyMemoryBytes(), "readOnlyMemoryBytes")
        : disk;
  }

  /** The settings that it is given: nothing is created, and no page is copied before it goes. */
  static EngineOptions engine(StoreOptions options) {
    return options.readOnly()
        ? options.engine().withCreateIfMissing(false).withDoubleWrite(false)
        : options.engine();
  }

  /**
   * Returns if the store may be changed.
   *
   * @param what was asked for
   * @throws ReadOnlyStoreException if it is open for reading only
   */
  static void refuse(StoreOptions options, String what) {
    if (options.readOnly()) {
      throw new ReadOnlyStoreException(
          what + ": the store was opened read-only; open it for writing");
    }
  }
}
