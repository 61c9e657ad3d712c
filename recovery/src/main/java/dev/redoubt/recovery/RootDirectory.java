package dev.redoubt.recovery;

import org.jspecify.annotations.Nullable;

/** Skeleton: page 1, names to short values: the fixed entry points of resource managers. */
public final class RootDirectory {
  RootDirectory() {}

  public byte @Nullable [] get(String name) {
    throw new AssertionError("skeleton");
  }

  /** Adds the entry to {@code change}; the engine latches page 1 itself when it is logged. */
  public void addPut(AtomicChange change, String name, byte[] value) {
    throw new AssertionError("skeleton");
  }
}
