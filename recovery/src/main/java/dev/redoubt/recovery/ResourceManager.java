package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;

/**
 * The seam that makes recovery independent of what is recovered: whoever keeps data in pages
 * registers one and gets atomicity and durability (ARIES §1, "operation logging"; DESIGN 4).
 */
public interface ResourceManager {
  /** Stored in every record: 1 to 255, never reused. */
  int id();

  String name();

  /**
   * Applies one change to one page. Deterministic, page-oriented, and the same code forward, in
   * rollback and at restart: it reads nothing but its arguments. The page is latched exclusively
   * and is exactly the version the change was made against (or, for a format change, anything at
   * all). Must not fail for a body that this manager built.
   *
   * @param page the whole page; everything but checksum and pageLSN may be changed
   * @param pageId its id (a format change writes the header)
   * @param body as it was put into the {@link AtomicChange}; read-only
   */
  void redo(MemorySegment page, long pageId, MemorySegment body);

  /**
   * The same with a body that is part of a segment: forward work comes this way, for managers that
   * can do without a slice for each change.
   */
  default void redo(
      MemorySegment page, long pageId, MemorySegment bytes, long start, long lengthBytes) {
    redo(page, pageId, bytes.asSlice(start, lengthBytes));
  }

  /**
   * Undoes one update of a transaction that rolls back, logically: the change may be made on other
   * pages than the update touched. Calls {@link UndoContext#compensate} exactly once (a change with
   * no pages when there is nothing to do). Structure changes needed on the way are logged by {@link
   * Engine#change} before.
   */
  void undo(UndoContext context, LogRecord.Update update);

  /**
   * A number of what undo of an update would change, the same for the same thing: kept in the log
   * by long transactions ({@link LogRecord.UndoIndex}), so that a restart knows what a loser owns
   * without reading its updates. Must not fail for a body that this manager built.
   *
   * @param body of the update's first change by this manager
   * @return 0 if nobody needs to know
   */
  default long undoTag(MemorySegment body) {
    return 0;
  }

  /** One line for people: what the body does. */
  String describe(MemorySegment body);
}
