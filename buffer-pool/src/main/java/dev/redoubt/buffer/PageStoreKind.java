package dev.redoubt.buffer;

import dev.redoubt.io.Disk;
import java.util.UUID;

/**
 * A way of keeping pages: opens the page store that belongs to a log. Which one a store uses is
 * chosen when it is created and kept in its identity. Immutable, safe from any thread.
 */
public interface PageStoreKind {
  /** One file, {@link FilePageStore}: what a store has unless told otherwise. */
  PageStoreKind FILE = new FilePages();

  /** Kept in the identity of a store: 0 for {@link #FILE}, 1 to 255 for others; never reused. */
  int id();

  /** For people: what the pages are kept in. */
  String name();

  /** Whether there are pages of this kind on the disk, whole or damaged. */
  boolean exists(Disk disk);

  /**
   * Opens the pages and makes them if there are none. Nothing else is written before {@link
   * PageStore#restoreTorn} (I-10).
   *
   * @throws dev.redoubt.io.StorageException if they cannot be opened; nothing is held
   * @throws IllegalArgumentException if pages of this kind cannot be kept there
   */
  PageStore open(Place place);

  /** Opens the pages for reading only: nothing is written, ever. If there are none: no page. */
  PageStore openReadOnly(Place place);

  /**
   * Where and how.
   *
   * @param disk of the log, behind its gate; stays the caller's
   * @param storeId seeds every checksum
   * @param pageSize a power of two from 4096 to 65536, the one the store was created with
   * @param doubleWrite whether to protect pages against torn writes, where that has to be done
   * @param caching whether page transfers go past the operating system's cache
   */
  record Place(Disk disk, UUID storeId, int pageSize, boolean doubleWrite, Disk.Caching caching) {}
}
