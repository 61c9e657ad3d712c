package dev.redoubt.kv;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps versions for as long as a snapshot may need them and no longer (store rule 8), and within
 * the budget (rule 18). Commits are reclaimed in their order, by whoever ends a transaction: one
 * thread at a time, nobody waits for it. Thread-safe.
 */
final class VersionKeeper implements KeyTable.Needs {
  /** A transaction counts its own versions in steps like this; less of it is always granted. */
  private static final long STEP_BYTES = 1 << 16;

  /** The commit list is thinned out no sooner than when so much more is kept. */
  private static final long LEAST_GROWTH_BYTES = 1 << 18;

  /** Nor when the budget has grown fuller by less than this part: a pass walks over all of it. */
  private static final int GROWTH_PARTS = 4;

  private final CommitOrder order;
  private final Snapshots snapshots;
  private final KeyTable keys;
  private final long budgetBytes;
  private final LongSupplier nanoClock;

  private final AtomicLong keptBytes = new AtomicLong();
  private final AtomicLong activeBytes = new AtomicLong();
  private final AtomicLong givenUp = new AtomicLong();

  /** Held by the one who reclaims. */
  private final ReentrantLock reclaiming = new ReentrantLock();

  /** Somebody may have made way while another one was reclaiming, who looks again. */
  private volatile boolean lookAgain;

  /** The newest commit whose versions have been reclaimed; guarded by {@code reclaiming}. */
  private volatile WriteSet reclaimed;

  /** Commits up to here have been reclaimed; guarded by {@code reclaiming}. */
  private volatile long reclaimedTo;

  /** With so much kept, the commit list is thinned out; guarded by {@code reclaiming}. */
  private volatile long thinAt;

  VersionKeeper(
      CommitOrder order,
      Snapshots snapshots,
      KeyTable keys,
      long budgetBytes,
      LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.order = order;
    this.snapshots = snapshots;
    this.keys = keys;
    this.budgetBytes = budgetBytes;
    this.reclaimed = order.last();
    this.reclaimedTo = reclaimed.commitTs();
    this.thinAt = growth(0);
  }

  /** A snapshot to be taken now; it is registered by one of the calls below. */
  Snapshot newSnapshot() {
    return new Snapshot(nanoClock.getAsLong());
  }

  /** Registers and takes a snapshot for reading only; the caller {@link #leave leaves} it. */
  void enter(Snapshot snapshot, ReadPoint point) {
    snapshot.pendFrom(order.durable());
    snapshots.enter(snapshot);
    snapshot.moveTo(
        switch (point) {
          case ACKNOWLEDGED -> order.acknowledged();
          case DURABLE -> order.durable();
        });
  }

  /** Registers and takes a snapshot of everything committed, for reading and writing. */
  void enterAtLast(Snapshot snapshot) {
    snapshot.pendFrom(order.durable());
    snapshots.enter(snapshot);
    WriteSet last = order.last();
    snapshot.validUntil(last);
    snapshot.moveTo(last.commitTs());
  }

  /** Returns when every commit whose keys have been given up is in the commit list. */
  void awaitPublication() {
    order.awaitPublication();
  }

  void leave(Snapshot snapshot) {
    snapshots.leave(snapshot);
    reclaim();
  }

  @Override
  public boolean anyWithin(long from, long to) {
    return snapshots.anyWithin(from, to, order.durable());
  }

  @Override
  public void dropped(long bytes) {
    keptBytes.addAndGet(-bytes);
  }

  /** Commits up to this timestamp have no versions any more. */
  long reclaimedTo() {
    return reclaimedTo;
  }

  /** Reclaims what nobody needs any more; if another thread is at it, that one does. */
  void reclaim() {
    boolean progress = true;
    while (progress && mayReclaim() && mine()) {
      try {
        lookAgain = false; // before the look: who makes way behind it says so
        progress = reclaimUpTo(horizon());
      } finally {
        reclaiming.unlock();
      }
      progress |= lookAgain;
    }
  }

  /** Whether this thread is to reclaim; else the one that does knows that it must look again. */
  private boolean mine() {
    if (reclaiming.tryLock()) {
      return true;
    }
    lookAgain = true;
    return reclaiming.tryLock(); // it may have let go before it could see that
  }

  private boolean mayReclaim() {
    WriteSet next = oldestKept();
    return next != null && next.commitTs() <= order.durable();
  }

  /** The points at which snapshots are taken are read first, then those taken (rule 8). */
  private long horizon() {
    return snapshots.horizon(order.durable());
  }

  private boolean reclaimUpTo(long horizon) {
    boolean any = false;
    WriteSet next = reclaimed.next;
    while (next != null && next.commitTs() <= horizon) {
      keptBytes.addAndGet(-keys.reclaim(next));
      next.forgetVersions();
      WriteSet passed = reclaimed;
      reclaimed = next;
      // Else a dead node in the old generation would keep all younger ones from being collected.
      // Nobody walks on from it: a registered snapshot's node is at or behind the horizon, and one
      // that was given up before finds that out after its walk (TransactionReads.validate).
      passed.next = null;
      any = true;
      next = next.next;
    }
    if (horizon > reclaimedTo) {
      reclaimedTo = horizon; // beyond the last node, if those behind it were thinned out
    }
    return any;
  }

  /**
   * An old snapshot keeps all commits behind it from being reclaimed in their order, though of most
   * of them nothing is needed: it reads what was there before the first. Drops those, once they are
   * many. Called now and then, by whoever clears up.
   */
  void thin() {
    if (keptBytes.get() >= thinAt) {
      thinNow();
    }
  }

  /** The same however many there are; if another thread reclaims, not at all. */
  void thinNow() {
    if (reclaiming.tryLock()) {
      try {
        thinOut();
      } finally {
        letGo();
      }
    }
  }

  private void letGo() {
    reclaiming.unlock();
    if (lookAgain) {
      reclaim();
    }
  }

  private void thinOut() {
    long limit = snapshots.writersHorizon(order.durable());
    WriteSet kept = reclaimed;
    WriteSet each = kept.next;
    while (each != null && each.commitTs() < limit) {
      WriteSet next = each.next;
      keptBytes.addAndGet(-keys.thin(each, this));
      if (each.first() == null) {
        kept.next = next; // nobody validates from here: read-write snapshots are behind the limit
        each.next = null; // as a reclaimed one
      } else {
        kept = each;
      }
      each = next;
    }
    long left = keptBytes.get();
    thinAt = left + growth(left);
  }

  private long growth(long left) {
    return Math.max(LEAST_GROWTH_BYTES, Math.min(left, budgetBytes / GROWTH_PARTS));
  }

  /**
   * A transaction is about to write: makes sure that its versions fit.
   *
   * @throws TooLargeException if versions of unended transactions fill the budget and this one is
   *     not small; nothing has changed
   */
  void admit(WriteSet writes) {
    if (writes.uncounted() >= STEP_BYTES) {
      long grown = writes.uncounted();
      if (activeBytes.get() + grown > budgetBytes) {
        throw new TooLargeException(
            "before-images of transactions that have not ended would take more than the version"
                + " budget of "
                + budgetBytes
                + " bytes, "
                + writes.bytes()
                + " of them this one's; commit in smaller parts, or raise"
                + " StoreOptions.versionBudgetBytes");
      }
      activeBytes.addAndGet(grown);
      writes.count(grown);
    }
  }

  /** A transaction has ended: committed with what it wrote, or with nothing to be kept. */
  void ended(WriteSet writes, boolean hasWritten) {
    if (hasWritten) {
      committed(writes);
    } else {
      takenBack(writes);
    }
  }

  /** A transaction has committed: its versions are kept for snapshots now. */
  void committed(WriteSet writes) {
    uncount(writes);
    keptBytes.addAndGet(writes.bytes());
    reclaim();
    if (keptBytes.get() > budgetBytes) {
      order.force(writes.commitTs()); // what is not durable is kept for readers of what is
      relieve();
    }
  }

  /** Gives up one old snapshot after the other until the rest fits. */
  private void relieve() {
    reclaiming.lock();
    try {
      makeRoom();
      while (keptBytes.get() > budgetBytes && giveUpOldest()) {
        makeRoom(); // one that held up the thinning may be gone, and then all others can stay
      }
    } finally {
      letGo();
    }
  }

  private void makeRoom() {
    reclaimUpTo(horizon());
    if (keptBytes.get() > budgetBytes) {
      thinOut();
    }
  }

  /** A transaction's versions have been taken back. */
  void takenBack(WriteSet writes) {
    uncount(writes);
    reclaim();
  }

  private void uncount(WriteSet writes) {
    if (writes.counted() != 0) { // few are counted, and all who count share the sum
      activeBytes.addAndGet(-writes.counted());
    }
  }

  /** Gives up the oldest snapshot that keeps versions; false if none does. */
  private boolean giveUpOldest() {
    Snapshot oldest = snapshots.oldest();
    long at = oldest == null ? Long.MAX_VALUE : oldest.at();
    if (oldest == null || at >= order.durable()) {
      return false;
    }
    if (at > 0 && oldest.giveUp(at)) {
      givenUp.incrementAndGet();
    }
    return true;
  }

  VersionStats stats() {
    WriteSet last = order.last();
    long future = order.durable();
    Snapshot oldest = snapshots.oldest();
    return new VersionStats(
        keys.size(),
        keptBytes.get(),
        activeBytes.get(),
        budgetBytes,
        snapshots.count(),
        snapshots.horizon(future),
        last.commitTs(),
        oldest == null ? null : oldest.holder(nanoClock.getAsLong()),
        givenUp.get());
  }

  /** The oldest commit whose versions have not been reclaimed, or null. */
  @Nullable WriteSet oldestKept() {
    while (true) {
      WriteSet last = reclaimed;
      WriteSet next = last.next;
      if (next != null || last == reclaimed) {
        return next; // else the link was cut behind the reclaimer, which has moved on
      }
    }
  }
}
