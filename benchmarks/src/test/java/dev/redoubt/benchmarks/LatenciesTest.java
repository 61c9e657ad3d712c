package dev.redoubt.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LatenciesTest {
  @Test
  void smallDurationsAreExact() {
    Latencies latencies = new Latencies();
    for (int nanos = 1; nanos <= 20; nanos++) {
      latencies.add(nanos);
    }
    assertEquals(10, latencies.quantileNanos(0.5));
    assertEquals(20, latencies.quantileNanos(1));
  }

  @Test
  void largeOnesAreAtMostThreePercentTooLongAndNeverTooShort() {
    for (long nanos = 1; nanos < 1L << 50; nanos = nanos * 5 / 4 + 1) {
      Latencies latencies = new Latencies();
      latencies.add(nanos);
      long found = latencies.quantileNanos(0.5);
      assertTrue(found >= nanos && found <= nanos + nanos / 31, nanos + " became " + found);
    }
  }

  @Test
  void mergingCountsBoth() {
    Latencies one = new Latencies();
    one.add(5);
    Latencies other = new Latencies();
    other.add(7);
    other.add(9);
    one.merge(other);
    assertEquals(3, one.count());
    assertEquals(7, one.quantileNanos(0.5));
  }

  @Test
  void nothingTimedIsZero() {
    assertEquals(0, new Latencies().quantileNanos(0.99));
  }
}
