package dev.redoubt.demo.output;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * One line of a terminal, drawn over and over: label, bar, percent, count, rate, time left. Drawn
 * ten times a second at most. Thread-safe: an update that meets another one drawing is left out.
 */
public final class ProgressBar implements Progress {
  private static final long REDRAW_NANOS = 100_000_000;
  private static final int BAR_CELLS = 16;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintWriter writer;
  private final int columns;
  private final String label;
  private final String unit;
  private final LongSupplier nanoClock;
  private final long startNanos;
  private final ReentrantLock drawLatch = new ReentrantLock();
  private long drawnNanos;
  private boolean drawn;

  private ProgressBar(
      PrintWriter writer, int columns, String label, String unit, LongSupplier nanoClock) {
    this.writer = writer;
    this.columns = columns;
    this.label = label;
    this.unit = unit;
    this.nanoClock = nanoClock;
    startNanos = nanoClock.getAsLong();
    drawnNanos = startNanos - REDRAW_NANOS;
  }

  /**
   * A bar on standard error if that is a terminal, else {@link Progress#NONE}.
   *
   * @param label what is being done, one word
   * @param unit what is counted, in the plural
   */
  public static Progress on(Terminal terminal, PrintWriter err, String label, String unit) {
    return terminal.err()
        ? new ProgressBar(err, terminal.columns(), label, unit, System::nanoTime)
        : NONE;
  }

  /** The same with a clock of the caller's. */
  static Progress on(
      Terminal terminal, PrintWriter err, String label, String unit, LongSupplier nanoClock) {
    return new ProgressBar(err, terminal.columns(), label, unit, nanoClock);
  }

  @Override
  public void update(double fraction, long count) {
    draw(fraction, elapsed -> counted(fraction, count, elapsed));
  }

  @Override
  public void show(double fraction, String words) {
    draw(fraction, elapsed -> words);
  }

  private void draw(double fraction, Function<Duration, String> words) {
    if (!drawLatch.tryLock()) {
      return;
    }
    try {
      long now = nanoClock.getAsLong();
      if (now - drawnNanos >= REDRAW_NANOS) {
        drawnNanos = now;
        drawn = true;
        String line = line(fraction, words.apply(Duration.ofNanos(now - startNanos)));
        writer.print(ERASE_LINE + line.substring(0, Math.min(line.length(), columns - 1)));
        writer.flush();
      }
    } finally {
      drawLatch.unlock();
    }
  }

  @Override
  public void close() {
    drawLatch.lock();
    try {
      if (drawn) {
        writer.print(ERASE_LINE);
        writer.flush();
        drawn = false;
      }
    } finally {
      drawLatch.unlock();
    }
  }

  private String line(double fraction, String words) {
    StringBuilder line = new StringBuilder("  ").append(Text.left(label, 8)).append(' ');
    if (fraction >= 0) {
      double part = Math.min(1, fraction);
      int full = (int) Math.round(part * BAR_CELLS);
      line.append("█".repeat(full)).append("░".repeat(BAR_CELLS - full));
      line.append(Text.right(Math.round(part * 100) + " %", 6)).append("  ");
    }
    return line.append(words).toString();
  }

  private String counted(double fraction, long count, Duration elapsed) {
    String words = Text.count(count) + " " + unit + "  " + Text.rate(count, elapsed);
    if (fraction > 0.01 && fraction < 1) {
      return words + left(Duration.ofNanos((long) (elapsed.toNanos() * (1 - fraction) / fraction)));
    }
    return words;
  }

  /** {@code 12 s left}, as it stands behind what is counted. */
  public static String left(Duration left) {
    Duration rounded = Duration.ofSeconds(Math.max(1, Math.round(left.toMillis() / 1000.0)));
    return "  " + Text.seconds(rounded) + " left";
  }
}
