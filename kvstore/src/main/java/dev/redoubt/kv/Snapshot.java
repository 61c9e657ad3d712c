package dev.redoubt.kv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The point of the commit order that a transaction reads at. While it is registered with {@link
 * Snapshots}, versions that it needs are kept, unless it is given up as too old.
 */
final class Snapshot {
  /**
   * Registered, and about to be taken: of what is at or above its floor nothing may be reclaimed.
   */
  static final long PENDING = 0;

  private static final long TOO_OLD = -1;

  private static final VarHandle AT;

  static {
    try {
      AT = MethodHandles.lookup().findVarHandle(Snapshot.class, "at", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long at = PENDING;

  /** While it is pending: it will not be taken below. Set before it is, and only raised. */
  private volatile long floor;

  /** The node of the commit list up to which the reads are valid; of read-write transactions. */
  private volatile @Nullable WriteSet validUntil;

  /** Who took it, and when on the store's clock; for people to look at. */
  private final Thread taker = Thread.currentThread();

  private final long sinceNanos;

  /** One that is being taken at that moment of the store's clock. */
  Snapshot(long nowNanos) {
    sinceNanos = nowNanos;
  }

  /** For {@code stats}; read while others move it on. */
  SnapshotHolder holder(long nowNanos) {
    return new SnapshotHolder(
        at(), Duration.ofNanos(nowNanos - sinceNanos), taker.toString(), validUntil == null);
  }

  /** Its place; set by the registry, used by the owner alone. */
  @Nullable AtomicReferenceArray<@Nullable Snapshot> slots;

  int slot;

  /** Commits up to this LSN are seen; {@link #PENDING}; or negative once given up. */
  long at() {
    return at;
  }

  /**
   * What it needs is not below: its place; while it is pending, its floor; or negative once given
   * up. <em>A thread that waits for a processor before its snapshot is taken would else keep every
   * version there is, and cost others their snapshots for want of room.</em>
   */
  long least() {
    long now = at;
    return now == PENDING ? floor : now; // or, if it was taken in between, a place it is above
  }

  /** It is registered after this call, and taken behind that, not below {@code lsn}. */
  void pendFrom(long lsn) {
    floor = lsn;
  }

  /** Makes it pending again, to be moved on; false if it has been given up. */
  boolean pend() {
    long old = at;
    floor = old;
    return old != TOO_OLD && AT.compareAndSet(this, old, PENDING);
  }

  /** Takes it, or moves it on; false if it has been given up. */
  boolean moveTo(long lsn) {
    long old = at;
    return old != TOO_OLD && AT.compareAndSet(this, old, lsn);
  }

  /** Gives it up: what it sees is no longer kept. False if it was moved on or given up before. */
  boolean giveUp(long lsn) {
    boolean given = AT.compareAndSet(this, lsn, TOO_OLD);
    if (given) {
      validUntil = null; // or an idle transaction would pin the commit list
    }
    return given;
  }

  boolean isTooOld() {
    return at == TOO_OLD;
  }

  /**
   * Called after reading, and before anything read is used.
   *
   * @throws SnapshotTooOldException if what was read may be wrong
   */
  void check() {
    if (isTooOld()) {
      throw new SnapshotTooOldException(
          "the snapshot was given up, since versions kept for it filled the version budget; begin"
              + " again, or raise StoreOptions.versionBudgetBytes");
    }
  }

  /** See {@link #validUntil}; null if there is none, or the snapshot was given up. */
  @Nullable WriteSet validUntil() {
    return validUntil;
  }

  void validUntil(WriteSet node) {
    validUntil = node;
    if (isTooOld()) {
      validUntil = null;
    }
  }
}
