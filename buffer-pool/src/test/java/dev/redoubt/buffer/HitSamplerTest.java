package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HitSamplerTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 16, 64})
  void everyLevelOfADescentIsSampledAtItsRate(int rate) {
    HitSampler sampler = HitSampler.oneIn(rate);
    int[] sampled = new int[4];
    int descents = 64_000;
    for (int i = 0; i < descents; i++) {
      for (int level = 0; level < 4; level++) {
        if (sampler.next()) {
          sampled[level]++;
        }
      }
    }
    for (int level = 0; level < 4; level++) {
      assertEquals((double) descents / rate, sampled[level], descents / (rate * 10.0));
    }
  }

  @Test
  void twoSamplersPickTheSameHits() {
    HitSampler one = HitSampler.oneIn(16);
    HitSampler two = HitSampler.oneIn(16);
    for (int i = 0; i < 10_000; i++) {
      assertEquals(one.next(), two.next());
    }
  }

  @Test
  void everyFaultPaysForSomeHitsToBeTold() {
    HitSampler sampler = HitSampler.paidByFaults();
    int quiet = told(sampler, 64_000);
    assertEquals(1_000, quiet, 100);
    for (int round = 0; round < 1_000; round++) {
      sampler.fault();
      assertEquals(10, told(sampler, 10)); // nine hits in ten: all are told
    }
    assertTrue(told(sampler, 100_000) < 6_500, "what old faults paid for is bounded");
    assertEquals(quiet, told(sampler, 64_000), 100);
  }

  /** Formatting takes no read; and told hits take long beside that. */
  @Test
  void onlyPagesThatAreReadPay() {
    HitSampler sampler = HitSampler.paidByFaults();
    try (Fixture fixture = Fixture.of(64)) {
      try (BufferPool pool = poolOf(fixture, sampler)) {
        for (long pageId = 1; pageId <= 40; pageId++) {
          fixture.store.ensureCapacity(pageId);
          try (PageGuard guard = pool.fresh(pageId)) {
            guard.prepareChange();
            PageLayout.format(guard.page(), pageId, 1, 7);
            guard.changed(fixture.log.append());
          }
        }
        pool.flushAll();
        assertTrue(told(sampler, 400) < 40, "one in 64");
      }
      try (BufferPool pool = poolOf(fixture, sampler)) {
        for (long pageId = 1; pageId <= 40; pageId++) {
          pool.shared(pageId).close();
        }
        assertEquals(400, told(sampler, 400));
      }
    }
  }

  private static BufferPool poolOf(Fixture fixture, HitSampler sampler) {
    return new BufferPool(
        fixture.store,
        fixture.log,
        Environment.system(),
        new BufferPoolOptions(64, false),
        ClockPolicy::new,
        sampler);
  }

  private static int told(HitSampler sampler, int hits) {
    int told = 0;
    for (int i = 0; i < hits; i++) {
      told += sampler.next() ? 1 : 0;
    }
    return told;
  }

  @Test
  void aRateIsAPowerOfTwo() {
    assertThrows(IllegalArgumentException.class, () -> HitSampler.oneIn(0));
    assertThrows(IllegalArgumentException.class, () -> HitSampler.oneIn(12));
  }
}
