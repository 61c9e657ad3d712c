package dev.redoubt.io;

/**
 * Checks that are always on: constant time, at boundaries. A broken invariant is a bug of the
 * engine, and an {@link Error}: no one may catch it and go on.
 */
public final class Invariant {
  private Invariant() {}

  /**
   * Returns if {@code holds}.
   *
   * @param name number and words of the invariant, as in {@code docs/invariants.md}
   * @throws Violation if it does not hold; the values are in the message
   */
  public static void check(boolean holds, String name, long left, long right) {
    if (!holds) {
      throw new Violation(name + ": " + left + ", " + right);
    }
  }

  /** A broken invariant. */
  public static final class Violation extends Error {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
      super(message);
    }
  }
}
