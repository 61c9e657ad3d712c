package dev.redoubt.recovery;

/**
 * What restart takes on this machine, as this store's own restarts have measured it: a moving
 * estimate that each checkpoint carries along in its end record. Immutable.
 *
 * @param openNanos everything that does not grow with the log: files, memory, last checkpoint
 * @param scanNanosPerMiB reading one MiB of log
 * @param scanNanosPerRecord reading one record of it
 * @param applyNanosPerRecord redoing one, its page at hand
 * @param pageReadNanos bringing one page in: what redo waits for it, mostly read ahead
 * @param undoNanosPerRecord undoing one
 */
public record RestartRates(
    long openNanos,
    long scanNanosPerMiB,
    long scanNanosPerRecord,
    long applyNanosPerRecord,
    long pageReadNanos,
    long undoNanosPerRecord) {
  /**
   * For a store that has never restarted: slower than any processor tried so far, pages as from a
   * solid-state disk with a few reads under way. A guess too slow has a new store write pages that
   * nobody needs written, a guess too fast lets its first restart take longer.
   */
  public static final RestartRates DEFAULTS =
      new RestartRates(200_000_000, 1_000_000, 400, 1_500, 30_000, 20_000);

  /** Fewer would measure the clock and the first calls of a cold program. */
  private static final long FEWEST_RECORDS = 1_000;

  private static final long FEWEST_PAGES = 32;

  /**
   * One restart may move an estimate by this factor at most, and only half of that counts, but for
   * the first that measures it: there is no reason to stand by a guess.
   */
  private static final double WILDEST = 8;

  /** Rates are not negative. */
  public RestartRates {
    if (openNanos < 0
        || scanNanosPerMiB < 0
        || scanNanosPerRecord < 0
        || applyNanosPerRecord < 0
        || pageReadNanos < 0
        || undoNanosPerRecord < 0) {
      throw new IllegalArgumentException("a rate below 0");
    }
  }

  /**
   * What one restart took. Times are in nanoseconds.
   *
   * @param otherNanos what is neither analysis nor redo nor undo
   * @param analysisBytes log that analysis scanned
   * @param analysisRecords records in it
   * @param redoBytes log that redo scanned
   * @param applied changes that redo applied
   * @param pagesRead pages that came in for redo, read ahead or not
   * @param pageReadNanos what redo waited until pages were at hand, part of {@code redoNanos}
   * @param undone records that undo compensated
   */
  record Measured(
      long otherNanos,
      long analysisNanos,
      long analysisBytes,
      long analysisRecords,
      long redoNanos,
      long redoBytes,
      long applied,
      long pagesRead,
      long pageReadNanos,
      long undoNanos,
      long undone) {}

  /** Nanoseconds for scanning so much log, with so many records in it. */
  double scanNanos(double bytes, double records) {
    return bytes / (1 << 20) * scanNanosPerMiB + records * scanNanosPerRecord;
  }

  /**
   * The estimate moved half way to what a restart measured, or all the way from {@link #DEFAULTS}.
   * What was too little to measure leaves its rate as it is.
   */
  RestartRates after(Measured m) {
    double scan = 1;
    if (m.analysisRecords >= FEWEST_RECORDS) {
      scan =
          step(
              (double) m.analysisNanos,
              scanNanos((double) m.analysisBytes, (double) m.analysisRecords),
              scanNanosPerMiB == DEFAULTS.scanNanosPerMiB
                  && scanNanosPerRecord == DEFAULTS.scanNanosPerRecord);
    }
    double apply = 1;
    if (m.applied >= FEWEST_RECORDS) {
      // Redo scans what it applies and what it skips; only the first costs more than the scan.
      double records = (double) m.redoBytes / Math.max(1, m.analysisBytes) * m.analysisRecords;
      double applying =
          m.redoNanos - m.pageReadNanos - scan * scanNanos((double) m.redoBytes, records);
      apply =
          step(
              applying,
              (double) m.applied * applyNanosPerRecord,
              applyNanosPerRecord == DEFAULTS.applyNanosPerRecord);
    }
    double read = 1;
    if (m.pagesRead >= FEWEST_PAGES) {
      read =
          step(
              (double) m.pageReadNanos,
              (double) m.pagesRead * pageReadNanos,
              pageReadNanos == DEFAULTS.pageReadNanos);
    }
    double undo = 1;
    if (m.undone >= FEWEST_RECORDS) {
      undo =
          step(
              (double) m.undoNanos,
              (double) m.undone * undoNanosPerRecord,
              undoNanosPerRecord == DEFAULTS.undoNanosPerRecord);
    }
    return new RestartRates(
        times(
            openNanos,
            step((double) m.otherNanos, (double) openNanos, openNanos == DEFAULTS.openNanos)),
        times(scanNanosPerMiB, scan),
        times(scanNanosPerRecord, scan),
        times(applyNanosPerRecord, apply),
        times(pageReadNanos, read),
        times(undoNanosPerRecord, undo));
  }

  private static double step(double measured, double expected, boolean guessed) {
    double ratio = Math.clamp(measured / Math.max(1, expected), 1 / WILDEST, WILDEST);
    return guessed ? ratio : (1 + ratio) / 2;
  }

  private static long times(long rate, double factor) {
    return Math.max(1, Math.round(rate * factor));
  }
}
