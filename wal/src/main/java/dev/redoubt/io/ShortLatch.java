package dev.redoubt.io;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for some hundred nanoseconds, as a rule. Whoever finds it taken looks again a
 * few times before it parks: to park and to be woken takes longer than most wait. It gives up soon,
 * since the holder may itself be waiting, for room in the log, say.
 */
@SuppressWarnings("serial") // nobody writes it out
public final class ShortLatch extends ReentrantLock {
  /** About a microsecond. */
  private static final int SPINS = 32;

  /** Makes a free one. */
  public ShortLatch() {}

  @Override
  public void lock() {
    for (int i = 0; i < SPINS; i++) {
      if (tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    super.lock();
  }
}
