package dev.redoubt.demo.output;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. The same everywhere: no locale, no time zone. */
public final class Text {
  private static final String[] BYTE_UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  private Text() {}

  /** 171075 as {@code 171,075}. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number and its noun: {@code 1 page}, {@code 2 pages}. */
  public static String count(long number, String singular) {
    return count(number, singular, singular + "s");
  }

  /** The same for nouns whose plural needs more than an s. */
  public static String count(long number, String singular, String plural) {
    return count(number) + " " + (number == 1 ? singular : plural);
  }

  /** Bytes in the largest unit that keeps a digit before the point: {@code 2.1 MiB}. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? count(bytes, "byte")
        : String.format(Locale.ROOT, "%.1f %s", value, BYTE_UNITS[unit]);
  }

  /** {@code 31 ms}, {@code 2.4 s}, {@code 1 min 12 s}. */
  public static String duration(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return millis == 0 ? "under 1 ms" : millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    return seconds(duration);
  }

  /** The same without parts of a second. */
  public static String seconds(Duration duration) {
    String seconds = duration.toSecondsPart() + " s";
    return duration.toMinutes() == 0 ? seconds : duration.toMinutes() + " min " + seconds;
  }

  /** Things a second, at least over one millisecond. */
  public static String rate(long number, Duration duration) {
    double seconds = Math.max(0.001, duration.toNanos() / 1e9);
    return count(Math.round(number / seconds)) + "/s";
  }

  /** Pads on the right to {@code width} characters. */
  public static String left(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }

  /** Pads on the left to {@code width} characters. */
  public static String right(String text, int width) {
    return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
  }
}
