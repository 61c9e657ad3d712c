package dev.redoubt.demo.store;

import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.output.ProgressBar;
import dev.redoubt.demo.output.Terminal;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RecoveryProgress;
import java.io.PrintWriter;
import java.time.Duration;
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
  public void progress(RecoveryProgress progress) {
    if (progress.phase() != shown) {
      bar.close();
      shown = progress.phase();
      bar = ProgressBar.on(terminal, err, RestartText.name(progress.phase()), "records");
    }
    bar.show(progress.fraction(), words(progress));
  }

  /** Oftener than a bar is drawn, or two clocks would leave out every other picture. */
  @Override
  public Duration interval() {
    return Duration.ofMillis(25);
  }

  static String words(RecoveryProgress progress) {
    String rate =
        progress.phase() == Phase.UNDO
            ? Text.count(progress.recordsPerSecond()) + "/s"
            : Text.bytes(progress.bytesPerSecond()) + "/s";
    Duration left = progress.timeLeft();
    return Text.count(progress.count(), "record")
        + "  "
        + rate
        + (left == null || left.isZero() ? "" : ProgressBar.left(left));
  }

  /** Takes the last bar away. */
  @Override
  public void close() {
    bar.close();
    bar = Progress.NONE;
    shown = null;
  }
}
