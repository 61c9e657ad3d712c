package dev.redoubt.crash.plant;

import org.jspecify.annotations.Nullable;

/**
 * What another thread would do between two steps of an engine with a planted race, done by the same
 * thread, so that it happens every time. One of each for each planted bug; confined to one thread.
 */
public final class Meanwhile {
  /** Of so many times one: a checkpoint each time would be too slow. */
  private static final int SELDOM = 5;

  private static @Nullable Runnable action;
  private static int count;
  private static boolean inside;

  private Meanwhile() {}

  /** What is to be done; null for nothing. */
  public static void set(@Nullable Runnable newAction) {
    action = newAction;
  }

  static void run() {
    Runnable now = action;
    if (now != null && !inside && ++count % SELDOM == 0) {
      inside = true;
      try {
        now.run();
      } finally {
        inside = false;
      }
    }
  }
}
