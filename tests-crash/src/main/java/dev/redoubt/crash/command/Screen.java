package dev.redoubt.crash.command;

import dev.redoubt.demo.output.Progress;
import java.util.concurrent.TimeUnit;

/** The progress of a hunt: one line that is drawn over on a terminal, nothing elsewhere. */
final class Screen {
  private final Progress bar;
  private final long began = System.nanoTime();
  private final long nanos;

  Screen(Progress bar, double minutes) {
    this.bar = bar;
    this.nanos = Math.max(1, (long) (minutes * TimeUnit.MINUTES.toNanos(1)));
  }

  boolean timeIsOver() {
    return System.nanoTime() - began >= nanos;
  }

  /** Nanoseconds until then. */
  long left() {
    return nanos - (System.nanoTime() - began);
  }

  void show(String words) {
    bar.show(Math.min(1, (double) (System.nanoTime() - began) / nanos), words);
  }

  /** Takes the line away, for what is printed next; {@link #show} brings it back. */
  void clear() {
    bar.close();
  }
}
