package dev.redoubt.crash.history;

/**
 * What a key holds: one number, or a list of numbers that grows by appending. Every value has a
 * text, so that any store that keeps texts can keep it.
 */
public sealed interface Value permits Value.Single, Elements {
  /** One number: a register, a counter, an account. */
  record Single(long number) implements Value {
    @Override
    public String text() {
      return Long.toString(number);
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** {@code 5} for a number, {@code [1,2]} for a list. */
  String text();

  /** One number. */
  static Value of(long number) {
    return new Single(number);
  }

  /**
   * Reads what {@link #text} gave.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Value parse(String text) {
    try {
      return text.startsWith("[") ? Elements.parse(text) : new Single(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "not a value of a history, which is a number or a list of numbers: " + text, e);
    }
  }
}
