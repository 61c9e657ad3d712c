package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.recovery.Transaction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides prepared transactions: of this opening and, in just the same way, those that restart
 * found. A decision that has returned is durable and may be repeated. Thread-safe; two who decide
 * the same transaction do it one after the other.
 */
final class Decisions {
  private static final int MOST_REMEMBERED = 10_000;

  /** Of a transaction that was rolled back; commits have the LSN of their record. */
  private static final long ROLLED_BACK = -1;

  private final Store store;
  private final InDoubt inDoubt;
  private final ReentrantLock decidedLock = new ReentrantLock();

  /** Outcome by id, the oldest decision first; guarded by the lock. */
  private final LinkedHashMap<Long, Long> decided =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  Decisions(Store store, InDoubt inDoubt) {
    this.store = store;
    this.inDoubt = inDoubt;
  }

  List<PreparedTransaction> list() {
    return inDoubt.all().stream()
        .filter(work -> work.transaction.state() != Transaction.State.ACTIVE)
        .map(
            work ->
                new PreparedTransaction(
                    work.id(), work.gtrid.clone(), work.transaction.firstLsn(), work.user == null))
        .toList();
  }

  CommitInfo commit(long id) {
    PreparedWork work = find(id);
    if (work == null) {
      return new CommitInfo(id, decidedBefore(id, true));
    }
    begin(work);
    try {
      if (!isOpen(work)) {
        return new CommitInfo(id, decidedBefore(id, true));
      }
      long lsn = commit(work);
      remember(id, lsn);
      return new CommitInfo(id, lsn);
    } finally {
      work.deciding.unlock();
    }
  }

  void rollback(long id) {
    PreparedWork work = find(id);
    if (work == null) {
      decidedBefore(id, false);
      return;
    }
    begin(work);
    try {
      if (isOpen(work)) {
        rollback(work);
        remember(id, ROLLED_BACK);
      } else {
        decidedBefore(id, false);
      }
    } finally {
      work.deciding.unlock();
    }
  }

  /** The closing store waits for those who are at work, and lets nobody begin. */
  void close() {
    for (PreparedWork each : inDoubt.all()) {
      each.deciding.lock();
      try {
        // Whoever was at work has ended.
      } finally {
        each.deciding.unlock();
      }
    }
  }

  private @Nullable PreparedWork find(long id) {
    store.checkOpen();
    for (PreparedWork each : inDoubt.all()) {
      if (each.id() == id) {
        return each;
      }
    }
    return null;
  }

  private boolean isOpen(PreparedWork work) {
    return inDoubt.all().contains(work);
  }

  private void begin(PreparedWork work) {
    work.deciding.lock();
    try {
      store.checkOpen();
    } catch (RuntimeException e) {
      work.deciding.unlock();
      throw e;
    }
  }

  private long commit(PreparedWork work) {
    if (work.transaction.state() != Transaction.State.PREPARED) {
      throw decidedOtherwise(work.id(), true);
    }
    try {
      long lsn = store.parts().commits().commit(work);
      wake(work);
      store.parts().commits().force(lsn);
      try {
        work.transaction.end();
      } finally {
        store.parts().versions().committed(work.writes);
        work.leftovers.handOver(store.parts().housekeeper(), lsn);
      }
      return lsn;
    } catch (EngineHaltedException e) {
      wake(work); // the outcome is unknown (rule 19): nobody sees either
      throw e;
    }
  }

  /** If a damaged page stops it, its keys stay owned and another attempt may be made. */
  private void rollback(PreparedWork work) {
    try {
      work.transaction.rollback();
      long lsn = work.transaction.lastLsn();
      work.leftovers.undone();
      store.parts().keys().takeBack(work.writes);
      store.parts().commits().unlockRanges(work);
      wake(work);
      store.parts().versions().takenBack(work.writes);
      work.leftovers.handOver(
          store.parts().housekeeper(), store.parts().commits().last().commitTs());
      store.parts().commits().force(lsn);
    } catch (EngineHaltedException e) {
      wake(work);
      throw e;
    }
  }

  private void wake(PreparedWork work) {
    WriteTransaction user = work.user;
    if (user != null) {
      store.parts().keys().wake(user);
    }
  }

  private void remember(long id, long outcome) {
    decidedLock.lock();
    try {
      decided.put(id, outcome);
    } finally {
      decidedLock.unlock();
    }
  }

  /** The outcome of a decision made before, which must have been the same. */
  private long decidedBefore(long id, boolean commit) {
    Long outcome;
    decidedLock.lock();
    try {
      outcome = decided.get(id);
    } finally {
      decidedLock.unlock();
    }
    if (outcome == null) {
      throw new DecisionException(
          DecisionException.Reason.UNKNOWN,
          "no transaction " + id + " awaits a decision; listPrepared() names those that do");
    }
    if ((outcome == ROLLED_BACK) == commit) {
      throw decidedOtherwise(id, commit);
    }
    return outcome;
  }

  private static DecisionException decidedOtherwise(long id, boolean commit) {
    return new DecisionException(
        DecisionException.Reason.DECIDED_OTHERWISE,
        "transaction " + id + " has been " + (commit ? "rolled back" : "committed") + " before");
  }
}
