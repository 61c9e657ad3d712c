package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/**
 * The versions of one transaction. Once it has committed it is a node of the commit list, singly
 * linked in commit order, and what later commits validate their reads against.
 */
final class WriteSet {
  private static final long ACTIVE = 0;
  private static final int[] NO_TREES = {};

  /**
   * The newest; the others follow by {@link Version#nextOfSet}. Changed by the owner's user alone;
   * from the commit on not at all, but to drop them.
   */
  private volatile @Nullable Version first;

  private volatile @Nullable KeyOwner owner;
  private volatile long commitTs = ACTIVE;

  /** The next commit; set in the commit section. */
  volatile @Nullable WriteSet next;

  /** Trees that the transaction dropped: every key of theirs is written. */
  private volatile int[] droppedTrees = NO_TREES;

  private int size;
  private long bytes;
  private long counted;

  WriteSet(KeyOwner owner) {
    this.owner = owner;
  }

  /** Where the commit list begins: everything until {@code commitTs}. */
  WriteSet(long commitTs) {
    this.commitTs = commitTs;
  }

  /** LSN of the commit record; 0 while the transaction is active. */
  long commitTs() {
    return commitTs;
  }

  boolean isActive() {
    return commitTs == ACTIVE;
  }

  boolean isVisibleAt(long snapshot) {
    long ts = commitTs;
    return ts != ACTIVE && ts <= snapshot;
  }

  /** Whose they are; null once the transaction has committed. */
  @Nullable KeyOwner owner() {
    return owner;
  }

  void add(Version version) {
    version.nextOfSet = first;
    first = version;
    size++;
  }

  /** How many versions it has had. Guarded by the owner's user. */
  int size() {
    return size;
  }

  /** One of the versions, from which {@link Version#nextOfSet} leads to all; null for none. */
  @Nullable Version first() {
    return first;
  }

  void drops(int[] treeIds) {
    droppedTrees = treeIds;
  }

  /** Trees all of whose keys it has written, by dropping them; not to be changed. */
  int[] droppedTrees() {
    return droppedTrees;
  }

  /** Ends every ownership at once: from now on the versions are committed ones. */
  void publish(long lsn) {
    commitTs = lsn;
    owner = null;
  }

  /** Nobody reads or validates against them any more. */
  void forgetVersions() {
    first = null;
  }

  /**
   * The same of those that have left their chains. Called by the one who reclaims, for a commit
   * that every read-write snapshot sees.
   *
   * @return bytes that they kept besides their before-images
   */
  long forgetUnlinked() {
    long freed = 0;
    Version kept = null;
    for (Version each = first; each != null; each = each.nextOfSet) {
      if (!each.unlinked) {
        kept = each;
        continue;
      }
      freed += each.shellBytes();
      if (kept == null) {
        first = each.nextOfSet;
      } else {
        kept.nextOfSet = each.nextOfSet;
      }
    }
    return freed;
  }

  /**
   * Memory that the versions keep, about; grows with {@link #grow}. Guarded by the owner's user.
   */
  long bytes() {
    return bytes;
  }

  void grow(long more) {
    bytes += more;
  }

  /** Bytes that are part of the sum over all active transactions. */
  long counted() {
    return counted;
  }

  long uncounted() {
    return bytes - counted;
  }

  void count(long more) {
    counted += more;
  }
}
