package dev.redoubt.demo.show;

import dev.redoubt.demo.show.Announcement.What;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RecoveryProgress;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A restart that stands still in the middle of its undo, so that it can be killed there. */
public final class StoppingRestart implements RecoveryListener {
  private final PrintWriter out;
  private final long stopAfter;

  /**
   * A restart to be killed.
   *
   * @param out takes the announcements
   * @param stopAfter records undone
   */
  public StoppingRestart(PrintWriter out, long stopAfter) {
    this.out = out;
    this.stopAfter = stopAfter;
  }

  /** Opens the store; returns only if there were fewer records to undo. */
  public void open(Path directory) {
    try (Store store = DemoStore.open(directory, this)) {
      announce(What.DONE, store.lastRecovery().clrsWritten());
    }
  }

  @Override
  public Duration interval() {
    return Duration.ZERO; // to stop at the very record
  }

  @Override
  public void progress(RecoveryProgress progress) {
    if (progress.phase() == Phase.UNDO && progress.count() >= stopAfter) {
      announce(What.UNDOING, progress.count());
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void announce(What what, long number) {
    out.println(new Announcement(what, number).line());
    out.flush();
  }
}
