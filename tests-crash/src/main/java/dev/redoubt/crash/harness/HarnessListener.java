package dev.redoubt.crash.harness;

/** Told how a run goes, in the thread that runs it. */
public interface HarnessListener {
  /** Shows nothing. */
  HarnessListener NONE = new HarnessListener() {};

  /** A disturbance begins, or something worth a line happened. */
  default void event(String what) {}

  /** So many lines of history there are. */
  default void recorded(int lines) {}

  /** The checkers begin. */
  default void checking(int transactions) {}
}
