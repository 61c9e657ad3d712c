package dev.redoubt.recovery;

/**
 * Where structure changes (splits, merges, purging, allocation) get log space and pages from (rule
 * 4): {@link Engine#structureSpace} for work forward, {@link UndoContext#structureSpace} for undo,
 * which may draw on what is kept for it alone. Both calls may make files longer and find the disk
 * full, and are made with no page latched; nothing after them can. Thread-safe.
 */
public interface StructureSpace {
  /**
   * Sets log space aside for {@code changes} structure changes, each of up to two pages of log.
   * Called with no latch held, before the first page is latched; to be closed after the last.
   *
   * @throws dev.redoubt.io.DiskFullException if there is none; nothing has changed
   * @throws WalCapException if the log would grow beyond its cap; nothing has changed. Never thrown
   *     to undo
   */
  ChangeRoom room(int changes);

  /**
   * Returns when the log has room for {@code changes} structure changes below where others wait for
   * room: for work of many steps, before each. A {@link #room} alone never waits, so that such work
   * would run into the cap before any checkpoint could move the log. Sets nothing aside. Called
   * with no latch held; at the cap it takes a checkpoint, and the oldest transaction may be rolled
   * back. Does nothing for undo.
   *
   * @throws dev.redoubt.io.DiskFullException if there is none; nothing has changed
   * @throws WalCapException if what pins the log could not be removed in time; nothing has changed
   */
  void awaitRoom(int changes);

  /**
   * Claims a free page, as {@link SpaceMap#reserve} does. Called with no latch held.
   *
   * @throws dev.redoubt.io.DiskFullException if the file cannot grow; nothing has changed
   */
  long reservePage();
}
