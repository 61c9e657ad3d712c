package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.SimDisk;

/**
 * What is swept: a run on a disk, and how the survivor of a crash is opened and judged. The same
 * seed must make the same calls on the disk in the same order. Implement it to sweep an engine of
 * your own.
 *
 * @param <S> a state of the data, with a meaningful {@code equals}
 */
public interface Workload<S> {
  /** A short name without spaces or equals signs; part of the line that replays a failure. */
  String name();

  /** The state of a store to which nothing was ever committed. */
  S emptyState();

  /**
   * Runs on an empty disk, from creating the store to closing it, and tells {@code oracle} of each
   * commit: {@link PrefixOracle#attempt} before it starts, {@link PrefixOracle#acknowledge} when it
   * was acknowledged.
   */
  void run(SimDisk disk, long seed, PrefixOracle<S> oracle);

  /**
   * Opens the store on the survivor of a crash, which may be empty if it was never created; tells
   * {@code oracle} what it found ({@link PrefixOracle#observe}); checks the structure; may go on
   * working and report that likewise; closes or abandons the store. Runs on a disk that may be
   * crashed in turn, at any of its calls.
   *
   * @throws AssertionError or any exception if what survived is not right
   */
  void recover(SimDisk disk, long seed, PrefixOracle<S> oracle);
}
