package dev.redoubt.crash.work;

import dev.redoubt.buffer.BufferPool;

/** Writes pages home as whoever needs room does, and as the cleaner does, in turn. Confined. */
final class TwoWaysOfCleaning {
  private static final int PAGES = 2;

  private boolean gently = true;

  void clean(BufferPool pool) {
    if (gently) {
      pool.cleanGently(PAGES);
    } else {
      pool.cleanSome(PAGES);
    }
    gently = !gently;
  }
}
