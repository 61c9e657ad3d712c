package dev.redoubt.buffer;

/** Cheap checks at boundaries, always on. A broken invariant is an error that no one may catch. */
final class Invariant {
  private Invariant() {}

  static void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
