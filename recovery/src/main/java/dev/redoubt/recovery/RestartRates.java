package dev.redoubt.recovery;

/**
 * What restart takes on this machine, as this store's own restarts have measured it: a moving
 * estimate that each checkpoint carries along in its end record. Immutable.
 *
 * @param openNanos everything that does not grow with the log: files, memory, last checkpoint, and
 *     what the first records take in a program that has just started
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
      new RestartRates(400_000_000, 1_000_000, 800, 2_000, 40_000, 20_000);

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
   * @param redoRecords records in it
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
      long redoRecords,
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
   * Waiting for pages and undo are measured by themselves; what was too little to measure leaves
   * its rate as it is.
   *
   * <p><b>All the rest is one time, of opening, scanning and applying.</b> What it exceeds their
   * estimates by is laid to each of them by the square of its estimate, as if each was as uncertain
   * as it is large. So a short log that took long, in a program that had just started, says little
   * of what a long one takes, where the same rate times a hundred would be far off; and a long log
   * says little of opening.
   */
  RestartRates after(Measured m) {
    double[] expected = {
      (double) openNanos,
      scanNanos((double) (m.analysisBytes + m.redoBytes), 0),
      scanNanos(0, (double) (m.analysisRecords + m.redoRecords)),
      (double) m.applied * applyNanosPerRecord
    };
    double found =
        (double) (m.otherNanos + m.analysisNanos + Math.max(0, m.redoNanos - m.pageReadNanos));
    if (m.redoRecords == 0 && found < openNanos) {
      return this; // a store closed in order is open sooner than one with anything to redo
    }
    double[] factors = blame(expected, found, isGuess());
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
        times(openNanos, factors[0]),
        times(scanNanosPerMiB, factors[1]),
        times(scanNanosPerRecord, factors[2]),
        times(applyNanosPerRecord, factors[3]),
        times(pageReadNanos, read),
        times(undoNanosPerRecord, undo));
  }

  private boolean isGuess() {
    return openNanos == DEFAULTS.openNanos
        && scanNanosPerMiB == DEFAULTS.scanNanosPerMiB
        && scanNanosPerRecord == DEFAULTS.scanNanosPerRecord
        && applyNanosPerRecord == DEFAULTS.applyNanosPerRecord;
  }

  /** By what to multiply each of the expected times, so that their sum comes to what was found. */
  private static double[] blame(double[] expected, double found, boolean guessed) {
    double sum = 0;
    double squares = 0;
    for (double each : expected) {
      sum += each;
      squares += each * each;
    }
    double[] factors = new double[expected.length];
    for (int i = 0; i < expected.length; i++) {
      double all = 1 + (found - sum) * expected[i] / Math.max(1, squares);
      factors[i] = bounded(all, guessed);
    }
    return factors;
  }

  private static double step(double measured, double expected, boolean guessed) {
    return bounded(measured / Math.max(1, expected), guessed);
  }

  private static double bounded(double factor, boolean guessed) {
    double all = Math.clamp(factor, 1 / WILDEST, WILDEST);
    return guessed ? all : (1 + all) / 2;
  }

  private static long times(long rate, double factor) {
    return Math.max(1, Math.round(rate * factor));
  }
}
