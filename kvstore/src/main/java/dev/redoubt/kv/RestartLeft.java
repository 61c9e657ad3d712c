package dev.redoubt.kv;

import dev.redoubt.recovery.OngoingRestart;

/**
 * What restart has still to do behind the open store ({@link
 * dev.redoubt.recovery.RestartMode#INSTANT}); all zero when it is over.
 *
 * @param pages pages that are still to be redone
 * @param redoBytes log that background redo has still to go through
 * @param losers transactions cut off by the crash that are still to be undone
 * @param updates updates of theirs that are still to be undone; never too few
 */
public record RestartLeft(long pages, long redoBytes, int losers, long updates) {
  static RestartLeft of(OngoingRestart restart) {
    return new RestartLeft(
        restart.pagesOwed(), restart.redoBytesLeft(), restart.losersLeft(), restart.updatesLeft());
  }

  /** Whether nothing of it is left, but perhaps the checkpoint that ends it. */
  public boolean isNothing() {
    return pages == 0 && redoBytes == 0 && losers == 0;
  }
}
