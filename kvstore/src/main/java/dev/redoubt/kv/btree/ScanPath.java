package dev.redoubt.kv.btree;

import dev.redoubt.buffer.Frame;
import org.jspecify.annotations.Nullable;

/**
 * Where a scan stands in the node above the leaves, so that it finds the next leaf without coming
 * down from the root; or where the last insert of a run went, so that the next one finds the same
 * leaf (a finger). Nothing is held: the node's version tells whether it is still as it was, and
 * after any change of it one comes down from the root. Confined to one thread at a time.
 */
final class ScanPath {
  private @Nullable Frame above;
  private long stamp;
  private int child;

  /** The scan has come to that child of the node above, as of the stamp. */
  void set(Frame newAbove, long newStamp, int newChild) {
    this.above = newAbove;
    this.stamp = newStamp;
    this.child = newChild;
  }

  void forget() {
    above = null;
  }

  /** The frame of the node above; null if that is not known. */
  @Nullable Frame above() {
    return above;
  }

  long stamp() {
    return stamp;
  }

  /** Which child of the node above the leaf is. */
  int child() {
    return child;
  }
}
