package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PacerTest {
  /** 1 s to open, 1 ns a byte, 1 us to apply a record, 10 us a page, 100 us to undo. */
  private static final RestartRates RATES =
      new RestartRates(1_000_000_000, 1 << 20, 0, 1_000, 10_000, 100_000);

  private final Load load = new Load();

  private static final class Load implements Pacer.View {
    private long endLsn = 1 << 20;
    private double records;
    private double dirtied;
    private long checkpointLsn = 1 << 20;
    private long checkpointRedoLsn = 1 << 20;
    private int checkpointPages;
    private long owedUndo;

    /** A record for every 100 bytes, a page turned dirty for every {@code bytesAPage}. */
    void log(long bytes, double bytesAPage) {
      endLsn += bytes;
      records += bytes / 100.0;
      dirtied += bytes / bytesAPage;
    }

    @Override
    public Pacer.Mark now() {
      return new Pacer.Mark(endLsn, records, dirtied);
    }

    @Override
    public long checkpointLsn() {
      return checkpointLsn;
    }

    @Override
    public long checkpointRedoLsn() {
      return checkpointRedoLsn;
    }

    @Override
    public int checkpointPages() {
      return checkpointPages;
    }

    @Override
    public long owedUndo() {
      return owedUndo;
    }
  }

  private Pacer pacer(Duration target) {
    Pacer pacer = new Pacer(load, RATES, target, Long.MAX_VALUE);
    pacer.mark(load.now());
    return pacer;
  }

  private static void settle(Pacer pacer) {
    for (int i = 0; i < 60; i++) {
      pacer.update();
    }
  }

  @Test
  void distanceIsWhatTheTargetLeavesForTheLog() {
    // A byte costs 1.125 ns of scanning, 10 ns of applying, and 10 ns of page reads: 21.125 ns.
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(1_000_000_000, 1_000);
    settle(pacer);
    assertEquals((0.7 * 10e9 - 1e9) / 21.125, (double) pacer.distanceBytes(), 1e6);
    assertEquals((double) pacer.distanceBytes() / 8, (double) pacer.checkpointBytes(), 1);
    assertEquals(0.8125 * (double) pacer.distanceBytes(), (double) pacer.cleanerBytes(), 1);
  }

  @Test
  void scatteredPagesAndOwedUndoShortenTheDistance() {
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(1_000_000_000, 100);
    settle(pacer);
    assertEquals(6e9 / 111.125, (double) pacer.distanceBytes(), 1e6);
    load.owedUndo = 30_000;
    settle(pacer);
    assertEquals(3e9 / 111.125, (double) pacer.distanceBytes(), 1e6);
  }

  @Test
  void targetThatOpeningAloneExceedsLeavesAQuarterOfItForTheLog() {
    Pacer pacer = pacer(Duration.ofSeconds(1));
    load.log(1_000_000_000, 1_000);
    settle(pacer);
    assertEquals(0.25e9 / 21.125, (double) pacer.distanceBytes(), 1e6);
    assertTrue(pacer.estimate().canBeHeld(), "just so: opening takes all of it");
    load.owedUndo = 1;
    assertFalse(pacer.estimate().canBeHeld());
    assertEquals(Duration.ofSeconds(1), pacer.estimate().wanted());
  }

  @Test
  void boundOnTheLogIsNeverExceeded() {
    Pacer pacer = new Pacer(load, RATES, Duration.ofDays(1), 64 << 20);
    pacer.mark(load.now());
    load.log(1_000_000_000, 1_000);
    settle(pacer);
    assertTrue((double) pacer.distanceBytes() <= 64 << 20);
    assertEquals(64 << 20, (double) pacer.distanceBytes(), 1e6);
  }

  @Test
  void estimateAddsUpWhatRestartFromTheLastCheckpointDoes() {
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(100_000_000, 1_000);
    pacer.mark(load.now());
    load.checkpointLsn = load.endLsn;
    load.checkpointRedoLsn = load.endLsn - 50_000_000;
    load.checkpointPages = 7_000;
    load.log(20_000_000, 10_000);
    load.owedUndo = 5;
    RestartEstimate estimate = pacer.estimate();
    assertEquals(Duration.ofSeconds(1), estimate.opening());
    assertEquals(20e6, (double) estimate.analysis().toNanos(), 1e3);
    // Half of the hundred, by the marks, and the twenty: 70 MB, 700,000 records.
    assertEquals(70e6 + 700_000 * 1e3, (double) estimate.redo().toNanos(), 1e3);
    assertEquals(70_000_000, estimate.redoBytes());
    assertEquals(9_000, estimate.redoPages());
    assertEquals(9_000 * 10_000, estimate.pageReads().toNanos());
    assertEquals(500_000, estimate.undo().toNanos());
    assertEquals(
        1_000_000_000 + 20_000_000 + 770_000_000 + 90_000_000 + 500_000,
        (double) estimate.total().toNanos(),
        1e4);
  }

  @Test
  void ratesMoveHalfWayToWhatARestartMeasured() {
    RestartRates after =
        RATES.after(
            new RestartRates.Measured(
                2_000_000_000L, // opening: twice
                3_000_000, // analysis of a MB: three times
                1_000_000,
                10_000,
                // redo of 10 MB: scan at three times, page reads, and 4 us a record
                10 * 3_000_000 + 1_000 * 30_000 + 100_000L * 4_000,
                10_000_000,
                100_000,
                1_000,
                1_000L * 30_000,
                0,
                0));
    assertEquals(1_500_000_000, after.openNanos());
    assertEquals(2 << 20, (double) after.scanNanosPerMiB(), 2e4);
    assertEquals(20_000, after.pageReadNanos());
    assertEquals(2_500, (double) after.applyNanosPerRecord(), 150);
    assertEquals(100_000, after.undoNanosPerRecord());
  }

  @Test
  void firstMeasurementTakesThePlaceOfTheGuess() {
    RestartRates.Measured restart =
        new RestartRates.Measured(
            80_000_000, // opening
            10_000_000, // analysis of 10 MiB
            10 << 20,
            0,
            1_000 * 6_000, // redo: nothing but page reads
            0,
            0,
            1_000,
            1_000 * 6_000,
            0,
            0);
    RestartRates first = RestartRates.DEFAULTS.after(restart);
    assertEquals(80_000_000, first.openNanos());
    assertEquals(6_000, first.pageReadNanos());
    assertEquals(RestartRates.DEFAULTS.applyNanosPerRecord(), first.applyNanosPerRecord());
    RestartRates.Measured slower =
        new RestartRates.Measured(
            160_000_000, 1, 0, 0, 1_000 * 12_000, 0, 0, 1_000, 1_000 * 12_000, 0, 0);
    assertEquals(120_000_000, first.after(slower).openNanos());
    assertEquals(9_000, first.after(slower).pageReadNanos());
  }

  @Test
  void whatWasTooLittleToMeasureLeavesTheRatesAlone() {
    RestartRates after =
        RATES.after(
            new RestartRates.Measured(
                1_000_000_000, 500_000_000, 4096, 10, 500_000_000, 4096, 3, 2, 99_000_000, 1, 1));
    assertEquals(RATES.scanNanosPerMiB(), after.scanNanosPerMiB());
    assertEquals(RATES.applyNanosPerRecord(), after.applyNanosPerRecord());
    assertEquals(RATES.pageReadNanos(), after.pageReadNanos());
  }
}
