package dev.redoubt.kv;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a read-write transaction reads at and has read. The snapshot is taken at the first read; a
 * locking read that comes first owns its key before that (store rule 7). Under {@link
 * Isolation#SERIALIZABLE} reads are recorded and, at commit, validated against the commits since.
 * Made by the first of them; confined to the transaction's user.
 */
final class TransactionReads {
  private final VersionKeeper keeper;
  private final Isolation isolation;
  private @Nullable Snapshot snapshot;
  private @Nullable ReadSet readSet;

  /** Up to where it had seen commits when its transaction ended; negative before. */
  private long leftAt = -1;

  TransactionReads(VersionKeeper keeper, Isolation isolation) {
    this.keeper = keeper;
    this.isolation = isolation;
  }

  /** The snapshot, taken now if there is none. */
  private Snapshot snapshot() {
    Snapshot taken = snapshot;
    if (taken == null) {
      taken = keeper.newSnapshot();
      snapshot = taken;
      keeper.enterAtLast(taken);
    }
    return taken;
  }

  /** Takes the snapshot if there is none; refuses if it has been given up. */
  void begin() {
    snapshot().check();
  }

  /** Whether it reads at a point already. */
  boolean hasSnapshot() {
    return snapshot != null;
  }

  /** What it reads at; {@link #begin} has been called. */
  long at() {
    return snapshot().at();
  }

  /** Called after reading. */
  void check() {
    snapshot().check();
  }

  /** A key that is not the transaction's own is being read. */
  void record(int treeId, byte[] key) {
    if (isolation == Isolation.SERIALIZABLE) {
      readSet().add(treeId, key);
    }
  }

  /** A scan begins; null if scans are not recorded. */
  @Nullable ScanFootprint scan(int treeId, boolean ascending) {
    return isolation == Isolation.SERIALIZABLE
        ? new ScanFootprint(readSet(), treeId, ascending)
        : null;
  }

  private ReadSet readSet() {
    ReadSet recorded = readSet;
    if (recorded == null) {
      recorded = new ReadSet();
      readSet = recorded;
    }
    return recorded;
  }

  /**
   * The transaction has become the owner of a key, to write it; {@code newest} is the timestamp of
   * the newest commit that wrote it. Of one under {@code SNAPSHOT}: the first updater wins.
   */
  void ownToWrite(long newest) {
    begin();
    if (newest > at()) {
      throw changed("it was to write");
    }
  }

  /**
   * The same, to read it too. Under {@code SERIALIZABLE} the snapshot moves on if the key is newer,
   * provided that all that was read so far still holds.
   *
   * @return whether the snapshot has moved: what was read ahead must be read again
   */
  boolean ownToRead(long newest) {
    begin();
    if (newest > at()) {
      if (isolation == Isolation.SNAPSHOT) {
        throw changed("it was to write");
      }
      moveOn(snapshot());
      return true;
    }
    return false;
  }

  /**
   * Takes the snapshot anew. It is pending meanwhile, as any that is taken (store rule 8), its old
   * place being its floor: else a version that only its new place needs could go before it is seen
   * there.
   */
  private void moveOn(Snapshot moved) {
    long after = moved.at();
    WriteSet most = validate(moved.validUntil()); // nothing from here on goes while it is pending
    if (most == null || !moved.pend()) {
      moved.check();
      return;
    }
    try {
      // The key may have been given up by a commit that is not in the list yet; without that one
      // the snapshot would stay behind it, and what is read here would be older than what is owned.
      keeper.awaitPublication();
      WriteSet valid = Objects.requireNonNull(validate(most));
      moved.validUntil(valid);
      after = valid.commitTs();
    } finally {
      moved.moveTo(after);
    }
  }

  /** Where validation begins: the commit that the snapshot was taken at; null if there is none. */
  @Nullable WriteSet snapshotNode() {
    Snapshot taken = snapshot;
    return taken == null ? null : taken.validUntil();
  }

  /**
   * Makes sure that no commit behind {@code from} has changed what was read.
   *
   * @return the last commit there was, where the next validation may go on
   * @throws ConflictException if one has
   * @throws SnapshotTooOldException if that can no longer be told
   */
  @Nullable WriteSet validate(@Nullable WriteSet from) {
    ReadSet read = readSet;
    Snapshot taken = snapshot;
    if (taken == null) {
      return null;
    }
    if (read != null) {
      read.settle();
    }
    WriteSet valid = from;
    WriteSet next = valid == null ? null : valid.next;
    while (next != null) {
      if (read != null && read.meets(next)) {
        throw changed("it has read");
      }
      valid = next;
      next = next.next;
    }
    if (read != null && !read.isEmpty()) {
      taken.check(); // given up: versions were dropped, or the list cut, while it was walked
    }
    return valid;
  }

  private static ConflictException changed(String what) {
    return new ConflictException(
        "another transaction has committed a change of what " + what + "; run it again");
  }

  /** What it has read so far, scans that stand within a leaf included; the receiver's own. */
  ReadSet settled() {
    ReadSet read = readSet;
    if (read == null) {
      return new ReadSet();
    }
    read.settle();
    return read;
  }

  /** Up to where it has seen commits; 0 if it has read nothing. */
  long seenUpTo() {
    Snapshot taken = snapshot;
    return leftAt >= 0 ? leftAt : taken == null ? 0 : Math.max(0, taken.at());
  }

  /** The transaction has ended. */
  void leave() {
    leftAt = seenUpTo();
    Snapshot taken = snapshot;
    if (taken != null) {
      keeper.leave(taken);
    }
  }
}
