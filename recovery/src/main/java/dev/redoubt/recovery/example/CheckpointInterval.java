package dev.redoubt.recovery.example;

/**
 * How often a long computation should make its state durable, if that takes a cost of {@code c}
 * seconds and failures come every {@code m} seconds on average. All times are in seconds.
 *
 * <p>J. W. Young, <i>A first order approximation to the optimum checkpoint interval</i>, CACM
 * 17(9), 1974. J. T. Daly, <i>A higher order estimate of the optimum checkpoint interval for
 * restart dumps</i>, FGCS 22(3), 2006, equation 37.
 */
public final class CheckpointInterval {
  private CheckpointInterval() {}

  /** Young's interval of computing between two checkpoints: the root of 2 c m. */
  public static double young(double c, double m) {
    check(c, m);
    return Math.sqrt(2 * c * m);
  }

  /**
   * Daly's interval: also right when a checkpoint is not cheap beside the time between failures.
   */
  public static double daly(double c, double m) {
    check(c, m);
    if (c >= 2 * m) {
      return m;
    }
    double x = c / (2 * m);
    return Math.sqrt(2 * c * m) * (1 + Math.sqrt(x) / 3 + x / 9) - c;
  }

  /**
   * Share of the time that is lost, to first order: checkpoints, and half an interval a failure.
   */
  public static double lost(double interval, double c, double m) {
    check(c, m);
    if (interval <= 0) {
      throw new IllegalArgumentException("an interval of " + interval + " s");
    }
    return c / interval + interval / (2 * m);
  }

  private static void check(double c, double m) {
    if (!(c > 0) || !(m > 0)) {
      throw new IllegalArgumentException(
          "a cost of " + c + " s and a failure every " + m + " s: both are above 0");
    }
  }
}
