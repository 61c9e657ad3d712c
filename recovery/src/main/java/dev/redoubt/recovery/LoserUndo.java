package dev.redoubt.recovery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The undo pass behind an open engine ({@link RestartMode#INSTANT}): losers are transactions
 * already decided abort, and are rolled back in small parts, by the thread of restart and by
 * whoever waits for what one of them owns. Thread-safe: each loser has one user at a time.
 *
 * <p><b>Differences from the paper.</b> The loser with the largest undoNextLSN comes next, as in
 * one sweep, but a part of many records at a time, and one that is waited for comes first. That is
 * right because nested top actions were undone before, and what losers own is disjoint: the order
 * of logical undo among them means nothing.
 */
final class LoserUndo implements RestartWork {
  /** Records in one part: well below a millisecond. */
  private static final int PART = 64;

  /** The least log between two records of one transaction: a frame, type, id and prevLSN. */
  private static final int LEAST_RECORD_BYTES = LogSpace.FRAME_BYTES + 3;

  private final Engine engine;

  /** Of the one who takes the steps of restart, backward over the log of all losers. */
  private final LoserStep sweep;

  /** Of those who wait for one loser. */
  private final LoserStep help;

  /** Who comes next, by an undoNextLSN that may be out of date; of the one who takes the steps. */
  private final PriorityQueue<Turn> turns = new PriorityQueue<>();

  // Sorted, so that what is done next does not depend on hashing.
  private final ConcurrentSkipListMap<Long, Loser> left = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, Transaction> stuck = new ConcurrentSkipListMap<>();
  private final AtomicLong clrsWritten = new AtomicLong();
  private final AtomicLong nanos = new AtomicLong();
  private volatile @Nullable Loser wanted;

  /** A loser with the updates that undo has still to visit; -1 while nobody has counted them. */
  private record Loser(Transaction transaction, AtomicLong updates) {
    long updatesLeft() {
      long known = updates.get();
      long span = transaction.undoNextLsn() - transaction.firstLsn();
      return known >= 0
          ? known
          : transaction.undoNextLsn() == 0 ? 0 : span / LEAST_RECORD_BYTES + 1;
    }
  }

  /** The largest undoNextLSN first; of equal ones, which are done, the smallest id. */
  private record Turn(long undoNextLsn, Loser loser) implements Comparable<Turn> {
    @Override
    public int compareTo(Turn other) {
      int order = Long.compare(other.undoNextLsn, undoNextLsn);
      return order != 0
          ? order
          : Long.compare(loser.transaction().id(), other.loser.transaction().id());
    }
  }

  /**
   * @param losers their nested top actions have been undone; they become {@code ABORTING}
   * @param stuck those of them that a damaged page keeps from being undone
   */
  LoserUndo(Engine engine, List<Transaction> losers, List<Transaction> stuck) {
    this.engine = engine;
    this.sweep = new LoserStep(engine.rollback(), engine.log().window());
    this.help = new LoserStep(engine.rollback());
    for (Transaction loser : losers) {
      loser.chain().set(Transaction.State.ABORTING, loser.undoNextLsn());
      if (stuck.contains(loser)) {
        this.stuck.put(loser.id(), loser);
      } else {
        Loser entry = new Loser(loser, new AtomicLong(-1));
        left.put(loser.id(), entry);
        turns.add(new Turn(loser.undoNextLsn(), entry));
      }
    }
    holdForStuck();
  }

  @Override
  public boolean step() {
    Loser next = next();
    if (next != null) {
      undoPart(next, sweep);
    }
    return !left.isEmpty();
  }

  private @Nullable Loser next() {
    Loser first = wanted;
    if (first != null && left.containsKey(first.transaction().id())) {
      return first;
    }
    while (!turns.isEmpty()) {
      Turn turn = turns.element();
      Loser loser = turn.loser();
      long undoNextLsn = loser.transaction().undoNextLsn();
      if (turn.undoNextLsn() == undoNextLsn && left.containsKey(loser.transaction().id())) {
        return loser;
      }
      turns.remove();
      if (left.containsKey(loser.transaction().id())) {
        turns.add(new Turn(undoNextLsn, loser));
      }
    }
    return null;
  }

  @Override
  public boolean help(long transactionId) {
    Loser loser = left.get(transactionId);
    if (loser != null) {
      wanted = loser;
      undoPart(loser, help);
    }
    return !stuck.containsKey(transactionId);
  }

  /** Undoes some records of one loser, its end record behind the last. */
  private void undoPart(Loser loser, LoserStep step) {
    Transaction transaction = loser.transaction();
    transaction.user.await();
    long start = engine.environment().nanoTime();
    try {
      for (int i = 0; i < PART && transaction.undoNextLsn() != 0; i++) {
        if (!undoOne(loser, step)) {
          return;
        }
      }
      if (transaction.undoNextLsn() == 0) {
        end(transaction);
      }
    } finally {
      nanos.addAndGet(engine.environment().nanoTime() - start);
      transaction.user.leave();
    }
  }

  private void end(Transaction loser) {
    if (loser.state()
        != Transaction.State.ENDED) { // else at the cap of the log, by who needed room
      TransactionEnd.ofRestart(loser);
    }
    left.remove(loser.id());
  }

  /** Whether undo of the loser may go on. */
  private boolean undoOne(Loser loser, LoserStep step) {
    switch (step.run(loser.transaction(), false)) {
      case UNDONE -> {
        clrsWritten.incrementAndGet();
        loser.updates().updateAndGet(known -> known > 0 ? known - 1 : known);
      }
      case PASSED, NOT_NESTED -> {}
      case STUCK -> {
        engine.log().gate().check();
        stuck.put(loser.transaction().id(), loser.transaction());
        left.remove(loser.transaction().id());
        holdForStuck();
        return false;
      }
    }
    return true;
  }

  /** Rule 18: the log of those that cannot be undone is held for the next restart. */
  private void holdForStuck() {
    engine
        .quarantine()
        .holdForLosers(
            stuck.values().stream().mapToLong(Transaction::firstLsn).min().orElse(Long.MAX_VALUE));
  }

  @Override
  public void counted(long transactionId, long updates) {
    Loser loser = left.get(transactionId);
    if (loser != null) {
      loser.updates().set(updates);
    }
  }

  @Override
  public void first(long transactionId) {
    Loser loser = left.get(transactionId);
    if (loser != null) {
      wanted = loser;
    }
  }

  @Override
  public int losersLeft() {
    return left.size();
  }

  @Override
  public long updatesLeft() {
    return left.values().stream().mapToLong(Loser::updatesLeft).sum();
  }

  /** What writing them took, of all who did. */
  Duration time() {
    return Duration.ofNanos(nanos.get());
  }

  /** CLRs written so far. */
  long clrsWritten() {
    return clrsWritten.get();
  }

  /** Their ids. */
  List<Long> stuckIds() {
    return stuck.keySet().stream().sorted().toList();
  }

  /** Losers that cannot be undone, by id. */
  Map<Long, Transaction> stuck() {
    return stuck;
  }
}
