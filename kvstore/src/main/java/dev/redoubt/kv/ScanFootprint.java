package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/**
 * What one scan of a read-write transaction has looked at (store rule 9): whole leaves that it has
 * left, and in the leaf where it stands the keys up to the last that it has shown to be there.
 * Confined to the transaction's user.
 */
final class ScanFootprint {
  private static final byte[] LOWEST = new byte[0];

  private final ReadSet reads;
  private final int treeId;
  private final boolean ascending;
  private byte[] low = LOWEST;
  private byte @Nullable [] high;
  private byte @Nullable [] reached;
  private boolean open;

  ScanFootprint(ReadSet reads, int treeId, boolean ascending) {
    this.reads = reads;
    this.treeId = treeId;
    this.ascending = ascending;
  }

  /** The scan has read what lies from {@code newLow} on and below {@code newHigh}. */
  void batch(byte @Nullable [] newLow, byte @Nullable [] newHigh) {
    low = newLow == null ? LOWEST : newLow;
    high = newHigh;
    reached = null;
    open = true;
    reads.open(this);
  }

  /** It has shown that there is this key, and none before it. */
  void reached(byte[] key) {
    reached = key;
  }

  /** It has shown the whole batch, and that there is nothing behind. */
  void finish() {
    if (open) {
      open = false;
      reads.close(this);
      reads.add(treeId, low, high);
    }
  }

  /** It will not show the rest of the batch. */
  void leave() {
    if (open) {
      settle();
      open = false;
      reads.close(this);
    }
  }

  /** Counts what it has shown so far as read. */
  void settle() {
    byte[] last = reached;
    if (last != null) {
      if (ascending) {
        reads.add(treeId, low, KeyIntervals.successor(last));
      } else {
        reads.add(treeId, last, high);
      }
    }
  }
}
