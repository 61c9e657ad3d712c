package dev.redoubt.benchmarks;

import java.util.Arrays;

/** Latencies and when they ended, in the order they came; slices follow each other without gaps. */
final class LatencyTrace {
  private long[] endNanos = new long[1024];
  private long[] latencyNanos = new long[1024];
  private int count;
  private long sliceStart;
  private double seconds;

  /** A slice of so many seconds follows what is there. */
  synchronized void addSlice(LatencyTrace slice, double sliceSeconds) {
    for (int i = 0; i < slice.count; i++) {
      add(sliceStart + slice.endNanos[i], slice.latencyNanos[i]);
    }
    sliceStart += (long) (sliceSeconds * 1e9);
    seconds += sliceSeconds;
  }

  /** Adds what another client of the same slice saw. */
  synchronized void merge(LatencyTrace other) {
    for (int i = 0; i < other.count; i++) {
      add(other.endNanos[i], other.latencyNanos[i]);
    }
  }

  void add(long end, long latency) {
    if (count == endNanos.length) {
      endNanos = Arrays.copyOf(endNanos, 2 * count);
      latencyNanos = Arrays.copyOf(latencyNanos, 2 * count);
    }
    endNanos[count] = end;
    latencyNanos[count++] = latency;
  }

  double seconds() {
    return seconds;
  }

  double perSecond() {
    return count / seconds;
  }

  double quantileMillis(double share) {
    long[] sorted = Arrays.copyOf(latencyNanos, count);
    Arrays.sort(sorted);
    return count == 0 ? 0 : sorted[(int) Math.min(count - 1L, (long) (share * count))] / 1e6;
  }

  /** How many took longer than this. */
  long longerThanMillis(double millis) {
    return Arrays.stream(latencyNanos, 0, count).filter(nanos -> nanos > millis * 1e6).count();
  }

  /** The longest latency that ended in each bucket of this length, in milliseconds; 0 for none. */
  double[] longestMillis(double bucketSeconds) {
    double[] longest = new double[(int) Math.ceil(seconds / bucketSeconds) + 1];
    for (int i = 0; i < count; i++) {
      int bucket = (int) Math.min(longest.length - 1, endNanos[i] / 1e9 / bucketSeconds);
      longest[bucket] = Math.max(longest[bucket], latencyNanos[i] / 1e6);
    }
    return longest;
  }
}
