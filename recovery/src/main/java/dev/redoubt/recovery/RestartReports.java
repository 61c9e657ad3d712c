package dev.redoubt.recovery;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What restarts did: the one of this opening, and the last one after a crash, which each checkpoint
 * carries along in its end record, so that it outlives later openings and orderly closes.
 * Thread-safe.
 */
public final class RestartReports {
  private volatile @Nullable RecoveryReport ofOpening;
  private volatile @Nullable RecoveryReport afterCrash;

  RestartReports() {}

  /** Before restart: what the last checkpoint says of those before. */
  void startFrom(AnalysisResult analysis) {
    afterCrash = analysis.lastRestart();
  }

  /** Restart has come so far that this can be said of it; again when more can be said. */
  void restarted(RecoveryReport report, boolean isNewStore) {
    ofOpening = report;
    if (!report.clean() && !isNewStore) {
      afterCrash = report;
    }
  }

  /** What went on behind the open engine has come to its end. */
  void completed(RecoveryReport report) {
    if (Objects.equals(afterCrash, ofOpening)) {
      afterCrash = report;
    }
    ofOpening = report;
  }

  /** The restart of this opening. */
  public RecoveryReport ofOpening() {
    return Objects.requireNonNull(ofOpening, "restart has not begun");
  }

  /**
   * The last restart of a store that had not been closed in order, in this opening or an earlier
   * one; null if there was none. One from an earlier opening names 16 pages and losers at most, and
   * its checkpoint time is missing if the process died before the next checkpoint.
   */
  public @Nullable RecoveryReport afterCrash() {
    return afterCrash;
  }
}
