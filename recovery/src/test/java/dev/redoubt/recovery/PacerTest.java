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

  /** A store whose last checkpoint was long ago: nothing is cleaned. */
  private static final class Load implements Pacer.View {
    private long endLsn = 1 << 20;
    private double records;
    private double changes;
    private double dirtied;
    private Pacer.Start start = new Pacer.Start(1 << 20, 1 << 20, 1 << 20, 0);
    private long pages = 1_000_000_000;
    private long owedUndo;

    /** A record for every 100 bytes, a page turned dirty for every {@code bytesAPage}. */
    void log(long bytes, double bytesAPage) {
      endLsn += bytes;
      records += bytes / 100.0;
      changes += bytes / 100.0;
      dirtied += bytes / bytesAPage;
    }

    @Override
    public Pacer.Mark now() {
      return new Pacer.Mark(endLsn, records, changes, dirtied);
    }

    @Override
    public Pacer.Start start() {
      return start;
    }

    @Override
    public long pages() {
      return pages;
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
  void distanceIsToTheLogAsTheTimeAllowedIsToTheTimeItTakes() {
    // A byte costs 2 ns of scanning, 10 ns of applying, and 10 ns of page reads: 22 ns.
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(100_000_000, 1_000);
    settle(pacer);
    assertEquals((0.85 * 10e9 - 1e9) / 22, (double) pacer.distanceBytes(), 1e6);
    assertEquals((double) pacer.distanceBytes() / 8, (double) pacer.checkpointBytes(), 1);
    assertEquals(0.8125 * (double) pacer.distanceBytes(), (double) pacer.cleanerBytes(), 1);
  }

  @Test
  void scatteredPagesAndOwedUndoShortenTheDistance() {
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(100_000_000, 100);
    settle(pacer);
    assertEquals(7.5e9 / 112, (double) pacer.distanceBytes(), 1e6);
    load.owedUndo = 30_000;
    settle(pacer);
    assertEquals(4.5e9 / 112, (double) pacer.distanceBytes(), 1e6);
  }

  @Test
  void pagesAreNoMoreThanThereAre() {
    load.pages = 50_000;
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(100_000_000, 100);
    settle(pacer);
    assertEquals(50_000, pacer.estimate().redoPages());
    // 1.2 s for the log, 0.5 s for the pages; ten times as much log would need no more of these.
    assertEquals(7.5e9 / 17, (double) pacer.distanceBytes(), 1e6);
    load.log(400_000_000, 100);
    settle(pacer);
    assertEquals(7.5e9 / 13, (double) pacer.distanceBytes(), 1e6);
  }

  @Test
  void targetThatOpeningAloneExceedsLeavesAQuarterOfItForTheLog() {
    Pacer pacer = pacer(Duration.ofSeconds(1));
    load.log(100_000_000, 1_000);
    settle(pacer);
    assertEquals(0.25e9 / 22, (double) pacer.distanceBytes(), 1e6);
    assertTrue(pacer.estimate().canBeHeld(), "just so: opening takes all of it");
    load.owedUndo = 1;
    assertFalse(pacer.estimate().canBeHeld());
    assertEquals(Duration.ofSeconds(1), pacer.estimate().wanted());
  }

  @Test
  void shortLogSaysLittleOfALongOne() {
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(500_000, 1_000);
    settle(pacer);
    assertEquals(16 << 20, (double) pacer.distanceBytes(), 1e6);
    load.log(8_000_000, 1_000);
    settle(pacer);
    assertTrue((double) pacer.distanceBytes() > 100e6, "it grows with the log");
  }

  @Test
  void boundOnTheLogIsNeverExceeded() {
    Pacer pacer = new Pacer(load, RATES, Duration.ofDays(1), 64 << 20);
    pacer.mark(load.now());
    load.log(100_000_000, 1_000);
    settle(pacer);
    assertTrue((double) pacer.distanceBytes() <= 64 << 20);
    assertEquals(64 << 20, (double) pacer.distanceBytes(), 1e6);
  }

  @Test
  void estimateAddsUpWhatRestartFromTheLastCheckpointDoes() {
    Pacer pacer = pacer(Duration.ofSeconds(10));
    load.log(100_000_000, 1_000);
    pacer.mark(load.now());
    long begin = load.endLsn;
    load.start = new Pacer.Start(begin, begin - 50_000_000, begin - 30_000_000, 7_000);
    load.log(20_000_000, 10_000);
    load.owedUndo = 5;
    RestartEstimate estimate = pacer.estimate();
    assertEquals(Duration.ofSeconds(1), estimate.opening());
    assertEquals(20e6, (double) estimate.analysis().toNanos(), 1e3);
    // Half of the hundred, by the marks, and the twenty: 70 MB. Of their 700,000 records those are
    // applied that follow the mean recLSN.
    assertEquals(70e6 + 500_000 * 1e3, (double) estimate.redo().toNanos(), 1e3);
    assertEquals(70_000_000, estimate.redoBytes());
    assertEquals(9_000, estimate.redoPages());
    assertEquals(9_000 * 10_000, estimate.pageReads().toNanos());
    assertEquals(500_000, estimate.undo().toNanos());
    assertEquals(
        1_000_000_000 + 20_000_000 + 570_000_000 + 90_000_000 + 500_000,
        (double) estimate.total().toNanos(),
        1e4);
  }

  /** Analysis of a tenth of what redo reads; a record for every hundred bytes. */
  private static RestartRates.Measured restart(
      long bytes, long applied, long pages, long nanos, long pageNanos) {
    return new RestartRates.Measured(
        0, 0, bytes / 10, bytes / 1000, nanos, bytes, bytes / 100, applied, pages, pageNanos, 0, 0);
  }

  private static double expected(RestartRates rates, RestartRates.Measured m) {
    return (double) rates.openNanos()
        + rates.scanNanos((double) (m.analysisBytes() + m.redoBytes()), 0)
        + rates.scanNanos(0, (double) (m.analysisRecords() + m.redoRecords()))
        + (double) (m.applied() * rates.applyNanosPerRecord());
  }

  @Test
  void ratesMoveHalfWayToWhatARestartMeasured() {
    RestartRates.Measured restart =
        restart(100 << 20, 500_000, 1_000, 3_000_000_000L + 1_000 * 30_000, 1_000 * 30_000);
    RestartRates after = RATES.after(restart);
    double before = expected(RATES, restart);
    assertEquals((before + 3e9) / 2, expected(after, restart), 2e6);
    assertTrue(after.openNanos() > RATES.openNanos(), "each has its share");
    assertTrue(after.applyNanosPerRecord() > RATES.applyNanosPerRecord());
    assertEquals(20_000, after.pageReadNanos());
    assertEquals(100_000, after.undoNanosPerRecord());
  }

  @Test
  void shortLogThatTookLongIsLaidToTheStartOfTheProgram() {
    RestartRates.Measured restart = restart(1 << 20, 5_000, 0, 3_000_000_000L, 0);
    RestartRates after = RATES.after(restart);
    assertEquals(2e9, (double) after.openNanos(), 2e7);
    assertEquals(1e6, (double) after.scanNanosPerMiB(), 1e5);
    assertEquals(1_000, (double) after.applyNanosPerRecord(), 100);
  }

  @Test
  void longLogThatTookLongSaysLittleOfOpening() {
    RestartRates.Measured restart = restart(1L << 30, 9_000_000, 0, 20_000_000_000L, 0);
    RestartRates after = RATES.after(restart);
    assertEquals(1e9, (double) after.openNanos(), 1e8);
    assertEquals(1_500, (double) after.applyNanosPerRecord(), 50);
  }

  @Test
  void firstMeasurementTakesThePlaceOfTheGuess() {
    RestartRates.Measured restart = restart(100 << 20, 500_000, 1_000, 2_000_000_000L, 6_000_000);
    RestartRates first = RestartRates.DEFAULTS.after(restart);
    assertEquals(1.994e9, expected(first, restart), 1e6);
    assertEquals(6_000, first.pageReadNanos());
    RestartRates second =
        first.after(restart(100 << 20, 500_000, 1_000, 3_000_000_000L, 12_000_000));
    assertEquals((1.994e9 + 2.988e9) / 2, expected(second, restart), 1e6);
    assertEquals(9_000, second.pageReadNanos());
  }

  @Test
  void openingWithNothingToRedoSaysNothingButThatItTookLonger() {
    RestartRates.Measured clean =
        new RestartRates.Measured(600_000_000, 0, 4096, 10, 0, 0, 0, 0, 0, 0, 0, 0);
    assertEquals(RATES, RATES.after(clean));
    RestartRates.Measured slow =
        new RestartRates.Measured(3_000_000_000L, 0, 4096, 10, 0, 0, 0, 0, 0, 0, 0, 0);
    assertEquals(2e9, (double) RATES.after(slow).openNanos(), 1e6);
  }

  @Test
  void whatWasTooLittleToMeasureLeavesTheRatesAlone() {
    RestartRates after =
        RATES.after(
            new RestartRates.Measured(
                900_000_000, 50_000_000, 4096, 10, 149_000_000, 4096, 10, 3, 2, 99_000_000, 1, 1));
    assertEquals((double) RATES.openNanos(), (double) after.openNanos(), 1e4);
    assertEquals(RATES.scanNanosPerMiB(), after.scanNanosPerMiB());
    assertEquals(RATES.applyNanosPerRecord(), after.applyNanosPerRecord());
    assertEquals(RATES.pageReadNanos(), after.pageReadNanos());
    assertEquals(RATES.undoNanosPerRecord(), after.undoNanosPerRecord());
  }
}
