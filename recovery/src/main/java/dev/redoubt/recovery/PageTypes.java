package dev.redoubt.recovery;

/** Types and owners of the pages that this module formats; {@code docs/format-page.md}. */
final class PageTypes {
  /** Bitmap of the space map. */
  static final int SPACE_MAP = 1;

  /** Root directory, page 1. */
  static final int ROOT_DIRECTORY = 2;

  /** Bytes of a recoverable memory. */
  static final int MEMORY_DATA = 3;

  /** Page ids of a recoverable memory. */
  static final int MEMORY_INDEX = 4;

  /** Owner of pages that belong to the engine itself. */
  static final int OWNER_ENGINE = 0;

  private PageTypes() {}
}
