package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the retained log, from its start to its end and with all that is set aside, within a hard
 * cap (rule 5). Thread-safe.
 *
 * <p>Who asks for log space beyond the limit waits here, holding no latch. One of those who wait
 * leads: it has the oldest pages written and takes a checkpoint, which truncates; if that cannot
 * move the start of the log, it removes what pins it: drops a slot that agreed to it, or dooms the
 * oldest transaction. The others wait until something moved. No thread is needed, so engines
 * without background threads do the same, but never wait.
 *
 * <p>The limit lies below the cap by the <em>headroom</em>, for what nobody waits for: CLRs and the
 * records of checkpoints are set aside beforehand and never asked for here, so rollback and
 * checkpoints cannot wait for the cap; structure changes, which are refused beyond the cap itself,
 * and the padding of forces beyond those set aside come out of the headroom.
 */
final class WalCap {
  private static final System.Logger LOGGER = LazyLogger.of(WalCap.class);

  /** How long what cannot be removed (a cursor, a commit under way) is waited for. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /** So many times as long if something moves, and others take what became free. */
  private static final int PATIENCE = 6;

  /** A part of the cap is headroom, a part is freed at a time, a part is the step beyond it. */
  private static final int PART = 8;

  /** A transaction in doubt that holds more than this part of the cap is copied forward. */
  private static final int HELD_PART = 4;

  private final Engine engine;
  private final Log log;
  private final long maxBytes;
  private final long limitBytes;
  private final long longestWaitNanos;
  private final CopyForward copies;

  private final ReentrantLock capLatch = new ReentrantLock();
  private final Condition moved = capLatch.newCondition();

  private final AtomicInteger waiting = new AtomicInteger();

  // Written under capLatch.
  private volatile @Nullable Thread leader;
  private long moves;

  /** A prepared transaction pins the log: so far may it go beyond the limit; else 0. */
  private volatile long exceptionBytes;

  private volatile long exceptionFor;

  WalCap(Engine engine, long maxBytes, boolean mayWait) {
    this.engine = engine;
    this.log = engine.log();
    this.maxBytes = maxBytes;
    this.limitBytes = maxBytes - headroom(maxBytes, log.segmentBytes());
    this.copies = new CopyForward(log, engine.transactions(), maxBytes / HELD_PART);
    this.longestWaitNanos = mayWait ? LONGEST_WAIT.toNanos() : 0;
  }

  private static long headroom(long maxBytes, int segmentBytes) {
    return Math.max(maxBytes / PART, segmentBytes);
  }

  /**
   * The least cap that makes sense: headroom, the segment that the start of the log is in, one to
   * work in, one to go on in, and what is always set aside.
   */
  static long leastBytes(int segmentBytes, int pageSize, int frames) {
    return 4L * segmentBytes + 2 * (UndoSlack.bytes(pageSize) + Checkpointer.bytes(frames, 16));
  }

  /**
   * Sets log space aside, waiting for it if need be. Called with no latch held.
   *
   * @param asker on whose behalf; null for nobody's
   * @throws TransactionTooLargeException if the asker alone would break the cap
   * @throws TransactionDoomedException if the asker is the oldest transaction and pins the log
   * @throws WalCapException if what pins the log could not be removed in time
   * @throws dev.redoubt.io.DiskFullException if the disk is full; after any of these nothing more
   *     is set aside
   */
  void extend(LogReservation reservation, long bytes, @Nullable Transaction asker) {
    if (!reservation.tryExtend(bytes, admittedBytes())) {
      extendWaiting(reservation, bytes, asker);
    }
  }

  /**
   * The same for a caller that holds latches and so cannot wait: takes from the headroom what it
   * should have set aside before.
   */
  void extendLatched(LogReservation reservation, long bytes) {
    if (!reservation.tryExtend(bytes, Math.max(maxBytes, exceptionBytes))) {
      throw new WalCapException(maxBytes, "others, while the caller, who reserved nothing, waits");
    }
  }

  /**
   * For a structure change, whose thread holds no latch but may be one that others wait for: it
   * takes from the headroom, as far as the cap itself.
   *
   * @throws WalCapException if the log would grow beyond the cap; nothing has changed
   * @throws dev.redoubt.io.DiskFullException if the disk is full; nothing has changed
   */
  void extendFromHeadroom(LogReservation reservation, long bytes) {
    if (!reservation.tryExtend(bytes, Math.max(maxBytes, exceptionBytes))) {
      throw new WalCapException(maxBytes, "others; what is asked for is a split or merge");
    }
  }

  /** For what can be left out: whether there is room for it now. */
  boolean tryExtend(LogReservation reservation, long bytes) {
    try {
      return reservation.tryExtend(bytes, admittedBytes());
    } catch (DiskFullException full) {
      return false;
    }
  }

  private long admittedBytes() {
    return Math.max(limitBytes, exceptionBytes);
  }

  /** Has those in doubt let go of the log that they hold for long; before a checkpoint. */
  void copyForward() {
    copies.run();
  }

  /** Something that pinned the log, or had space set aside, has moved on. */
  void moved() {
    // Whoever begins to wait after this has been read as 0 looks again before it sleeps.
    if (waiting.get() > 0) {
      capLatch.lock();
      try {
        moves++;
        moved.signalAll();
      } finally {
        capLatch.unlock();
      }
    }
  }

  /** The transaction pins nothing any more. */
  void ended(Transaction transaction) {
    if (exceptionBytes != 0 && exceptionFor == transaction.id()) {
      exceptionBytes = 0;
    }
    moved();
  }

  private void extendWaiting(LogReservation reservation, long bytes, @Nullable Transaction asker) {
    if (leader == Thread.currentThread()) {
      reservation.extend(bytes); // what relief itself needs
      return;
    }
    long begin = engine.environment().nanoTime();
    long deadline = begin + longestWaitNanos;
    waiting.incrementAndGet();
    try {
      while (true) {
        log.gate().check();
        long seen = moves();
        TransactionDoomedException doom = asker == null ? null : asker.doomed();
        if (doom != null) {
          throw doom; // by another who waits: it cannot be rolled back while it is in here
        }
        if (reservation.tryExtend(bytes, admittedBytes())) {
          return;
        }
        String pinned = lead() ? relieveAsLeader(bytes, asker) : "others who wait too";
        if (pinned != null) {
          await(seen, deadline, pinned);
          // Things move: the wait may go on, but not for ever.
          long now = engine.environment().nanoTime();
          deadline = Math.min(now, begin + (PATIENCE - 1) * longestWaitNanos) + longestWaitNanos;
        }
      }
    } finally {
      waiting.decrementAndGet();
    }
  }

  private long moves() {
    capLatch.lock();
    try {
      return moves;
    } finally {
      capLatch.unlock();
    }
  }

  private boolean lead() {
    capLatch.lock();
    try {
      boolean mine = leader == null;
      if (mine) {
        leader = Thread.currentThread();
      }
      return mine;
    } finally {
      capLatch.unlock();
    }
  }

  private void await(long seen, long deadline, String pinned) {
    boolean interrupted = false;
    capLatch.lock();
    try {
      long left = deadline - engine.environment().nanoTime();
      while (moves == seen && !log.gate().isHalted() && (left > 0 || leader != null)) {
        try {
          // Whoever leads is at work, however slow the disk, and signals when it is done.
          moved.awaitNanos(leader == null ? left : Long.MAX_VALUE);
        } catch (InterruptedException e) {
          interrupted = true; // the wait is uninterruptible; the interrupt stays pending
        }
        left = deadline - engine.environment().nanoTime();
      }
      if (left <= 0 && (moves == seen || longestWaitNanos == 0)) {
        throw new WalCapException(maxBytes, pinned);
      }
    } finally {
      capLatch.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private @Nullable String relieveAsLeader(long bytes, @Nullable Transaction asker) {
    boolean stuck = false;
    try {
      String pinned = relieve(bytes, asker);
      stuck = pinned != null;
      return pinned;
    } finally {
      capLatch.lock();
      try {
        leader = null;
        if (!stuck) {
          moves++;
        }
        moved.signalAll();
      } finally {
        capLatch.unlock();
      }
    }
  }

  /** Does one thing that helps; null if it did, else what has to be waited for. */
  private @Nullable String relieve(long bytes, @Nullable Transaction asker) {
    if (asker != null && asker.space().ownBytes() + bytes > limitBytes - log.segmentBytes()) {
      throw tooLarge(asker, bytes);
    }
    long startLsn = log.startLsn();
    RemovablePin pin = RemovablePin.oldest(log, engine.transactions());
    long reach = pin == null ? log.endLsn() : pin.lsn();
    if (reach - startLsn >= log.segmentBytes()) {
      truncate(Math.min(reach, startLsn + Math.max(maxBytes / PART, log.segmentBytes())));
      if (log.startLsn() > startLsn) {
        return null;
      }
      pin = RemovablePin.oldest(log, engine.transactions());
    }
    return switch (pin) {
      case RemovablePin.OfHolder(long lsn, var holder) -> {
        if (holder.drop()) {
          warn("\"" + holder.name() + "\", which held the log from LSN " + lsn + ", was dropped");
          yield null;
        }
        holder.onMoveFrom(lsn, this::moved);
        String held = "\"" + holder.name() + "\", which holds it from LSN " + lsn;
        yield engine.quarantine().isHolder(holder) ? held + engine.quarantine().advice() : held;
      }
      case RemovablePin.OfTransaction(long lsn, var transaction) ->
          remove(transaction, lsn, bytes, asker);
      case null -> {
        if (asker != null && asker.space().ownBytes() > 0) {
          throw tooLarge(asker, bytes);
        }
        yield "space that others have set aside, and who have logged nothing yet";
      }
    };
  }

  /** Writes what is dirty from below {@code targetLsn}, then truncates by a checkpoint. */
  private void truncate(long targetLsn) {
    while (engine.pool().oldestRecLsn() < targetLsn) {
      if (engine.pool().cleanSome(Integer.MAX_VALUE) == 0) {
        engine.pool().flushAll(); // waits for what is latched
        break;
      }
    }
    engine.checkpoint();
  }

  private @Nullable String remove(
      Transaction oldest, long lsn, long bytes, @Nullable Transaction asker) {
    String name = "transaction " + oldest.id() + ", which began at LSN " + lsn;
    return switch (oldest.state()) {
      case ACTIVE, ABORTING -> {
        if (oldest == asker) {
          throw asOldest(asker, lsn, bytes);
        }
        boolean first = oldest.doomed() == null;
        if (oldest.doom(doomed(oldest, lsn))) {
          warn(name + ", was rolled back");
          yield null;
        }
        if (first) {
          moved(); // it may be waiting here itself
        }
        yield name + ", is doomed, and in use or not to be undone";
      }
      case PREPARED -> {
        if (!copies.copy(oldest)) {
          exceed(oldest, name);
        }
        yield null;
      }
      case COMMITTED -> name + ", whose commit is under way";
      case ENDED -> null;
    };
  }

  /** Rule 5: one in doubt may keep the log beyond its cap, since nobody here may end it. */
  private void exceed(Transaction prepared, String name) {
    exceptionFor = prepared.id();
    exceptionBytes = retainedBytes() + Math.max(maxBytes / PART, log.segmentBytes());
    warn(
        name
            + ", is in doubt: the log may grow to "
            + exceptionBytes
            + " bytes; have its coordinator decide");
  }

  /** The asker pins the log itself: by its own records, or by its age. */
  private StorageException asOldest(Transaction asker, long lsn, long bytes) {
    if (asker.space().ownBytes() >= (log.endLsn() - lsn) / 2) {
      return tooLarge(asker, bytes);
    }
    asker.doom(doomed(asker, lsn)); // it is inside: its own rollback ends it
    return new TransactionDoomedException(doomed(asker, lsn));
  }

  private StorageException tooLarge(Transaction asker, long bytes) {
    return new TransactionTooLargeException(asker.id(), asker.space().ownBytes(), bytes, maxBytes);
  }

  private String doomed(Transaction oldest, long lsn) {
    return "transaction "
        + oldest.id()
        + " is rolled back: it was the oldest and pinned the log, which has reached its cap of "
        + maxBytes
        + " bytes, from LSN "
        + lsn
        + " on. Run it again; if it is long, do its work in several transactions, or open the"
        + " store with a larger maxWalBytes";
  }

  private long retainedBytes() {
    return log.endLsn() - log.startLsn() + log.stats().reservedBytes();
  }

  private void warn(String what) {
    LOGGER.log(
        System.Logger.Level.WARNING,
        "the log has reached its cap of " + maxBytes + " bytes: " + what);
  }
}
