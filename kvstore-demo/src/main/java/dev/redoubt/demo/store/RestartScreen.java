package dev.redoubt.demo.store;

import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.output.ProgressBar;
import dev.redoubt.demo.output.Terminal;
import dev.redoubt.recovery.RecoveryListener;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Draws a bar for each phase of a restart while it runs. Used by the restarting thread. */
public final class RestartScreen implements RecoveryListener, AutoCloseable {
  private final Terminal terminal;
  private final PrintWriter err;
  private @Nullable Phase shown;
  private Progress bar = Progress.NONE;

  public RestartScreen(Terminal terminal, PrintWriter err) {
    this.terminal = terminal;
    this.err = err;
  }

  @Override
  public void progress(Phase phase, long lsn, long fromLsn, long toLsn, long count) {
    if (phase != shown) {
      bar.close();
      shown = phase;
      bar = ProgressBar.on(terminal, err, RestartText.name(phase), "records");
    }
    long length = Math.abs(toLsn - fromLsn);
    double fraction = length == 0 ? 1 : (double) Math.abs(lsn - fromLsn) / length;
    bar.update(Math.min(1, fraction), count);
  }

  /** Takes the last bar away. */
  @Override
  public void close() {
    bar.close();
    bar = Progress.NONE;
    shown = null;
  }
}
