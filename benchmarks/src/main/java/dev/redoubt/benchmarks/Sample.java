package dev.redoubt.benchmarks;

/**
 * What one slice of measuring gave.
 *
 * @param perSecond operations a second
 * @param latencies of the single operations; empty if they were not timed
 * @param bytesPerOperation heap bytes the measured threads allocated; negative if not known
 *     (virtual threads are not counted)
 * @param cpuNanosPerOperation processor time of the whole process; negative if not known. On a busy
 *     machine it is the steadiest of the figures
 */
record Sample(
    double perSecond, Latencies latencies, double bytesPerOperation, double cpuNanosPerOperation) {
  static Sample ofRate(double perSecond) {
    return new Sample(perSecond, new Latencies(), -1, -1);
  }

  /** The same, when each operation stands for several. */
  Sample times(double factor) {
    return new Sample(
        perSecond * factor,
        latencies,
        bytesPerOperation < 0 ? -1 : bytesPerOperation / factor,
        cpuNanosPerOperation / factor);
  }
}
