package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageIoException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The transaction table (ARIES §4.3): every transaction that has begun and not ended. Ids grow and
 * are never used again, over crashes too. Thread-safe.
 *
 * <p>A transaction is entered before its first append (rule 11). One whose entry is copied while it
 * has no record yet will append above the checkpoint's begin record, so the copy leaves it out.
 */
final class TransactionTable {
  private final Roster<Transaction> active = new Roster<>();
  private final AtomicLong nextId = new AtomicLong(1);
  private final LongAdder endedWithRecords = new LongAdder();

  long takeId() {
    return nextId.getAndIncrement();
  }

  /** An id above every one given out so far. */
  long nextId() {
    return nextId.get();
  }

  /** Restart: ids go on from here. */
  void continueFrom(long id) {
    nextId.accumulateAndGet(id, Math::max);
  }

  void add(Transaction transaction) {
    active.enter(transaction);
  }

  void remove(Transaction transaction) {
    active.leave(transaction);
    if (transaction.lastLsn() != 0) {
      endedWithRecords.increment();
    }
  }

  /** How many have ended since the store was opened, those aside that logged nothing. */
  long endedWithRecords() {
    return endedWithRecords.sum();
  }

  /** By id, so that what a checkpoint writes does not depend on hashing. */
  List<Transaction> all() {
    List<Transaction> all = active.all();
    all.sort(Comparator.comparingLong(Transaction::id));
    return all;
  }

  int size() {
    return active.all().size();
  }

  /** Copies the entries of transactions that have records, each under its own latch. */
  List<TransactionEntry> copy() {
    List<TransactionEntry> entries = new ArrayList<>();
    for (Transaction transaction : all()) {
      TransactionEntry entry = transaction.chain().entry();
      if (entry.lastLsn() != 0 && entry.state() != Transaction.State.ENDED) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /** Records that rolling back everything active would undo. */
  long owedUndo() {
    long owed = 0;
    for (Transaction transaction : active.all()) {
      owed += transaction.state() == Transaction.State.COMMITTED ? 0 : transaction.owedUndo();
    }
    return owed;
  }

  /** Smallest firstLSN of any transaction with records; {@code Long.MAX_VALUE} if there is none. */
  long oldestFirstLsn() {
    long oldest = Long.MAX_VALUE;
    for (Transaction transaction : active.all()) {
      long first = transaction.firstLsn();
      if (first != 0) {
        oldest = Math.min(oldest, first);
      }
    }
    return oldest;
  }

  /** Rolls back what is active; whether every transaction but those in doubt has ended. */
  boolean rollbackAllForClose() {
    boolean all = true;
    for (Transaction transaction : all()) {
      if (transaction.isFromRestart() && transaction.state() == Transaction.State.ABORTING) {
        all = false; // What restart has left to do is left to the next one.
        continue;
      }
      try {
        transaction.rollbackForClose();
      } catch (DiskFullException full) {
        throw full;
      } catch (CorruptionException damaged) {
        all = false; // It stays unfinished, as restart would leave it (rule 18).
      } catch (StorageIoException unreadable) {
        if (transaction.services().rollback().isHalted()) {
          throw unreadable;
        }
        all = false; // The same.
      }
    }
    return all;
  }
}
