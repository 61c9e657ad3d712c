package dev.redoubt.crash.history;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A list of numbers, in the order in which they were appended. Immutable. */
public final class Elements implements Value {
  private static final Elements NONE = new Elements(new long[0]);

  private final long[] numbers;

  private Elements(long[] numbers) {
    this.numbers = numbers;
  }

  /** The list of these numbers, which are copied. */
  public static Elements of(long... numbers) {
    return numbers.length == 0 ? NONE : new Elements(numbers.clone());
  }

  /** How many. */
  public int size() {
    return numbers.length;
  }

  /** The number at {@code index}, from 0. */
  public long at(int index) {
    return numbers[index];
  }

  /** The last number; there must be one. */
  public long last() {
    return numbers[numbers.length - 1];
  }

  /** This list and one more number. */
  public Elements with(long appended) {
    long[] longer = Arrays.copyOf(numbers, numbers.length + 1);
    longer[numbers.length] = appended;
    return new Elements(longer);
  }

  /** The first {@code count} numbers. */
  public Elements first(int count) {
    return count == numbers.length ? this : of(Arrays.copyOf(numbers, count));
  }

  /** Whether the number is in it. */
  public boolean contains(long number) {
    for (long each : numbers) {
      if (each == number) {
        return true;
      }
    }
    return false;
  }

  /** Whether {@code longer} begins with this list. */
  public boolean isPrefixOf(Elements longer) {
    return size() <= longer.size() && Arrays.equals(numbers, 0, size(), longer.numbers, 0, size());
  }

  static Elements parse(String text) {
    if (!text.endsWith("]")) {
      throw new NumberFormatException("no end of the list");
    }
    String inner = text.substring(1, text.length() - 1);
    return inner.isEmpty()
        ? NONE
        : new Elements(Arrays.stream(inner.split(",", -1)).mapToLong(Long::parseLong).toArray());
  }

  @Override
  public String text() {
    return Arrays.stream(numbers)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Elements that && Arrays.equals(numbers, that.numbers);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    return text();
  }
}
