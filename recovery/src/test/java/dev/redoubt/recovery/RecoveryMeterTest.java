package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.recovery.RecoveryListener.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RecoveryMeterTest {
  private static final long MILLI = 1_000_000;

  private long nanos = 5_000;
  private long looks;
  private final List<RecoveryProgress> told = new ArrayList<>();

  private final Environment clock =
      new Environment() {
        @Override
        public Thread start(String name, Runnable body) {
          throw new IllegalStateException("a meter needs no thread");
        }

        @Override
        public long nanoTime() {
          looks++;
          return nanos;
        }

        @Override
        public Instant now() {
          return Instant.EPOCH;
        }

        @Override
        public RandomGenerator random() {
          throw new IllegalStateException("a meter needs no chance");
        }
      };

  private RecoveryMeter every(Duration interval) {
    return new RecoveryMeter(
        new RecoveryListener() {
          @Override
          public void progress(RecoveryProgress progress) {
            told.add(progress);
          }

          @Override
          public Duration interval() {
            return interval;
          }
        },
        clock);
  }

  @Test
  void ratesAndTimeLeftAreThoseOfThePhase() {
    RecoveryMeter meter = every(Duration.ofMillis(100));
    meter.progress(Phase.REDO, 1_000_000, 1_000_000, 9_000_000, 1);
    assertEquals(0, told.getFirst().bytesPerSecond());
    assertNull(told.getFirst().timeLeft());
    nanos += 500 * MILLI;
    meter.progress(Phase.REDO, 3_000_000, 1_000_000, 9_000_000, 10_000);
    assertEquals(
        new RecoveryProgress(
            Phase.REDO,
            3_000_000,
            1_000_000,
            9_000_000,
            10_000,
            Duration.ofMillis(500),
            4_000_000,
            20_000,
            Duration.ofMillis(1_500)),
        told.getLast());
    assertEquals(0.25, told.getLast().fraction());
  }

  @Test
  void undoGoesBackwards() {
    RecoveryMeter meter = every(Duration.ofMillis(100));
    meter.progress(Phase.UNDO, 9_000, 9_000, 1_000, 1);
    nanos += 200 * MILLI;
    meter.progress(Phase.UNDO, 3_000, 9_000, 1_000, 65);
    assertEquals(0.75, told.getLast().fraction());
    Duration left = Objects.requireNonNull(told.getLast().timeLeft());
    assertTrue(left.minusMillis(67).abs().toMillis() < 2, left.toString());
  }

  @Test
  void tellsTheFirstRecordOfEachPhaseAndThenAsOftenAsAsked() {
    RecoveryMeter meter = every(Duration.ofMillis(100));
    for (int i = 1; i <= 10_000; i++) {
      nanos += MILLI / 10;
      meter.progress(Phase.ANALYSIS, i, 0, 10_000, i);
    }
    assertTrue(looks <= 10_000 / 64 + 1, "looked at the clock " + looks + " times");
    // A second has passed: ten intervals and the first record, less what falls between two looks.
    assertTrue(told.size() >= 9 && told.size() <= 11, "told " + told.size() + " times");
    meter.progress(Phase.REDO, 1, 0, 10_000, 1);
    assertEquals(Phase.REDO, told.getLast().phase());
    meter.progress(Phase.REDO, 2, 0, 10_000, 2);
    assertEquals(1, told.getLast().count());
  }

  @Test
  void phasesMayAlternate() {
    RecoveryMeter meter = every(Duration.ofMillis(100));
    meter.progress(Phase.REDO, 0, 0, 1_000, 1);
    nanos += 100 * MILLI;
    meter.progress(Phase.UNDO, 900, 900, 100, 1);
    nanos += 100 * MILLI;
    meter.progress(Phase.REDO, 500, 0, 1_000, 70);
    assertEquals(Duration.ofMillis(200), told.getLast().elapsed());
    assertEquals(2_500, told.getLast().bytesPerSecond());
  }

  @Test
  void anIntervalOfZeroTellsOfEveryRecord() {
    RecoveryMeter meter = every(Duration.ZERO);
    for (int i = 1; i <= 100; i++) {
      meter.progress(Phase.UNDO, 200 - i, 200, 0, i);
    }
    assertEquals(100, told.size());
  }

  @Test
  void theClockIsNotLookedAtWhenNobodyListens() {
    RecoveryMeter meter = new RecoveryMeter(RecoveryListener.NONE, clock);
    meter.progress(Phase.REDO, 1, 0, 10, 1);
    assertEquals(0, looks);
  }
}
