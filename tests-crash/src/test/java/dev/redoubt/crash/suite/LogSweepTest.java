package dev.redoubt.crash.suite;

import dev.redoubt.crash.sweep.CrashFailure;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.work.LogWorkload;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The log by itself, crashed at every call and in every recovery by {@link SweepsTest}. */
class LogSweepTest {
  static final LogWorkload LOG = new LogWorkload(150, 3000, UnaryOperator.identity());

  /**
   * A segment's first batch is there but its header is lost: recovery takes both for lost and
   * writes the header anew. A crash before the new batch must not bring the old one back behind it.
   */
  @Test
  void batchTakenForLostIsNotResurrectedByTheNewHeader() {
    holds("workload=log seed=1 crash=109@all/0=lost>9@all");
  }

  /**
   * Of the batch that fills a segment only the first sector is there: recovery takes it for lost,
   * and the segment behind it away. What it then writes in that place are the same records; a crash
   * that keeps all of them but the first sector makes the old batch whole.
   */
  @Test
  void batchTakenForLostIsNotResurrectedByTheSameRecords() {
    holds(
        "workload=log seed=576635002"
            + " crash=254@all/0=prefix:1>13@none/0=sectors:258808709520714");
  }

  private static void holds(String line) {
    CrashFailure failure = Sweep.replay(LOG, line, 512);
    if (failure != null) {
      throw failure;
    }
  }
}
