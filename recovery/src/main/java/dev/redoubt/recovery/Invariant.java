package dev.redoubt.recovery;

/** Checks of the numbered invariants of {@code docs/invariants.md}: always on, of constant cost. */
final class Invariant {
  private Invariant() {}

  /** A broken invariant: a bug of this program, which no one may catch and go on. */
  static final class Broken extends Error {
    private static final long serialVersionUID = 1L;

    Broken(String message) {
      super(message);
    }
  }

  /** Throws unless {@code holds}. */
  static void check(boolean holds, String invariant, String otherwise) {
    if (!holds) {
      throw new Broken(invariant + " is broken: " + otherwise);
    }
  }
}
