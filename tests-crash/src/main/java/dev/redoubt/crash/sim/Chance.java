package dev.redoubt.crash.sim;

import java.util.SplittableRandom;

/** Says yes once in a while: like a coin for each question, at the price of a countdown. */
final class Chance {
  private final SplittableRandom random;
  private final double probability;
  private long left;

  /** A chance of so much for each question; 0 for never. */
  Chance(SplittableRandom random, double probability) {
    this.random = random;
    this.probability = probability;
    draw();
  }

  boolean strikes() {
    if (--left > 0) {
      return false;
    }
    draw();
    return true;
  }

  /** Questions until the next yes are distributed geometrically. */
  private void draw() {
    if (probability <= 0) {
      left = Long.MAX_VALUE;
    } else if (probability >= 1) {
      left = 1;
    } else {
      left = 1 + (long) (Math.log1p(-random.nextDouble()) / Math.log1p(-probability));
    }
  }
}
