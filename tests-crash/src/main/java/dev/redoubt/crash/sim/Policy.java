package dev.redoubt.crash.sim;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Who runs next. Drawn by seed: either anybody is as likely, or threads have priorities that change
 * now and then, which finds bugs that need one thread to be very late or early (Burckhardt et al.,
 * "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", 2010, section 3).
 */
final class Policy {
  private static final double REORDERED = 1.0 / 64;

  private final SplittableRandom random;
  private final boolean priorities;
  private final Chance reorder;

  Policy(SplittableRandom random, boolean priorities) {
    this.random = random;
    this.priorities = priorities;
    this.reorder = new Chance(random, REORDERED);
  }

  /** Index of the one to run next among those that can. */
  int pick(List<SimThread> ready) {
    int count = ready.size();
    if (count == 1) {
      return 0;
    }
    if (!priorities) {
      return random.nextInt(count);
    }
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (ready.get(i).priority > ready.get(best).priority) {
        best = i;
      }
    }
    if (reorder.strikes()) {
      ready.get(best).priority = newcomer();
    }
    return best;
  }

  /** Priority of a new thread. */
  int newcomer() {
    return random.nextInt(1 << 20);
  }

  /** One that waits in a loop lets all others go first. */
  void spins(SimThread thread) {
    thread.priority = -1 - random.nextInt(1 << 20);
  }
}
