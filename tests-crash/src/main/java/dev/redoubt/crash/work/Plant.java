package dev.redoubt.crash.work;

/** A mistake of an engine, made on its behalf by {@link PlantedDisk}. */
public enum Plant {
  /** Segments of the log are never forced: commits are acknowledged early (I-2). */
  LOG_NOT_FORCED,
  /** The page file is never forced: pages leave the dirty page table too early (I-4). */
  PAGES_NOT_FORCED,
  /** The double-write file is never forced: a torn page has no copy. */
  DOUBLE_WRITE_NOT_FORCED,
  /** The double-write file is never written: a torn page has no copy. */
  DOUBLE_WRITE_NOT_WRITTEN,
  /** The master file is never forced: truncation goes by what may not be there (rule 12). */
  MASTER_NOT_FORCED,
  /** The directory is never forced: new files may have no name. */
  DIRECTORY_NOT_FORCED,
  /** Forces of the log wait for the next force of pages: pages come before the log (I-1). */
  PAGE_BEFORE_LOG,
  /** The last block of each log write of several blocks is not written. */
  LOG_WRITE_CUT_SHORT
}
