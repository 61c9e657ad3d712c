package dev.redoubt.kv.btree;

import org.jspecify.annotations.Nullable;

/** Knows keys of which what is in the leaf is what a reader sees. Thread-safe. */
@FunctionalInterface
public interface PlainKeys {
  /** What {@link BTree#plainValue} returns if more than the leaf's cell has to be looked at. */
  byte[] LOOK_CLOSER = new byte[0];

  /**
   * Whether one who sees every commit up to the LSN {@code at}, and may see later ones that are not
   * kept apart any more, sees the key as it is in the leaf. Called between the reading of the leaf
   * and its validation, perhaps in vain; never waits.
   */
  boolean isPlain(int treeId, byte[] key, long at);

  /** Whether {@link BTree#plainValue} has said what the value is. */
  @SuppressWarnings("ReferenceEquality") // a value may be empty, too
  static boolean isTold(byte @Nullable [] plain) {
    return plain != LOOK_CLOSER;
  }
}
