package dev.redoubt.buffer;

/**
 * An entry of the dirty page table: the disk copy may lack changes from {@code recLsn} on.
 *
 * @param headLsn the page's last record, of those that were appended before the table was copied;
 *     one below {@code recLsn} says that there is none from there on; {@link #NO_HEAD} says nothing
 *     beyond other entries of the page; 0 if it is not known, since somebody was changing the page
 */
public record DirtyPage(long pageId, long recLsn, long headLsn) {
  /** Lower than any record. */
  public static final long NO_HEAD = 1;

  /** One whose last record is not known. */
  public DirtyPage(long pageId, long recLsn) {
    this(pageId, recLsn, 0);
  }

  /** What this and another entry of the same page say together: the smaller recLSN. */
  public DirtyPage and(DirtyPage other) {
    boolean known = headLsn != 0 && other.headLsn != 0;
    return new DirtyPage(
        pageId, Math.min(recLsn, other.recLsn), known ? Math.max(headLsn, other.headLsn) : 0);
  }
}
