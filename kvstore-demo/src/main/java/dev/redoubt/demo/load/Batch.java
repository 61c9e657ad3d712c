package dev.redoubt.demo.load;

import java.util.ArrayList;
import java.util.List;

/** Lines that go into one transaction. Filled by one thread, then read by another. */
final class Batch {
  /** A line that puts {@code value} under {@code key}. */
  record Line(long number, String key, String value) {}

  private static final long MAX_CHARACTERS = 16 << 20;

  private final long sequence;
  private final List<Line> lines = new ArrayList<>();
  private long characters;
  private long lastLine;

  Batch(long sequence) {
    this.sequence = sequence;
  }

  void add(Line line) {
    lines.add(line);
    characters += line.key.length() + (long) line.value.length();
  }

  /** A line was read, whatever it was: this batch answers for it. */
  void read(long number) {
    lastLine = number;
  }

  boolean isFull(int maxLines) {
    return lines.size() >= maxLines || characters >= MAX_CHARACTERS;
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  long sequence() {
    return sequence;
  }

  long lastLine() {
    return lastLine;
  }

  List<Line> lines() {
    return lines;
  }
}
