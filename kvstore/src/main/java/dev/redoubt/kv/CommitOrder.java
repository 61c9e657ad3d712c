package dev.redoubt.kv;

import dev.redoubt.io.ShortLatch;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.Log;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one order of commits: of their validation, of their records in the log and of their becoming
 * visible (store rules 5 and 6). A commit's timestamp is the LSN of its record. Thread-safe.
 *
 * <p>Three points advance along it: {@code last} is published, the start of read-write snapshots;
 * {@link #acknowledged} is what some {@code commit} has returned, the start of read-only ones;
 * {@link #durable} is what no crash takes back. None passes {@code last}: a record may be durable
 * before its commit has been published.
 */
final class CommitOrder {
  private final Log log;
  private final InDoubt inDoubt;

  /** Guards the end of the commit list, with the validation and the append that precede it. */
  final ReentrantLock section = new ShortLatch();

  private final AtomicLong returnedAsync = new AtomicLong();
  private volatile WriteSet last;

  CommitOrder(Log log, InDoubt inDoubt) {
    this.log = log;
    this.inDoubt = inDoubt;
    this.last = new WriteSet(Math.max(1, log.durableEndLsn() - 1));
  }

  /** The last commit that has been published. */
  WriteSet last() {
    return last;
  }

  /** Up to where some commit has returned to its caller, or is durable. */
  long acknowledged() {
    long durable = log.durableEndLsn() - 1;
    return Math.min(Math.max(durable, returnedAsync.get()), last.commitTs());
  }

  /** Up to where no crash takes a commit back. */
  long durable() {
    return Math.min(log.durableEndLsn() - 1, last.commitTs());
  }

  /**
   * Validates, waits for prepared transactions that have read what is written, appends the commit
   * and publishes the writes, as one step against all other commits. At return the writes are
   * visible to read-write transactions and their keys are owned no more; the record is not durable.
   *
   * @param reads null if it has read nothing
   * @return LSN of the record
   * @throws StoreException if the reads do not hold any more; the transaction is still active
   */
  long commit(Transaction transaction, WriteSet writes, @Nullable TransactionReads reads) {
    // Most of it outside the section.
    WriteSet valid = reads == null ? null : reads.validate(reads.snapshotNode());
    while (true) {
      PreparedWork reader;
      section.lock();
      try {
        reader = inDoubt.readerOf(writes);
        if (reader == null) {
          if (reads != null) {
            reads.validate(valid);
          }
          long lsn = transaction.commit();
          publish(writes, lsn);
          return lsn;
        }
      } finally {
        section.unlock();
      }
      inDoubt.await(writes.owner(), reader);
    }
  }

  /**
   * Validates what was read and locks it, as one step against all other commits.
   *
   * @throws StoreException if the reads do not hold any more, or it conflicts with another that is
   *     prepared
   */
  void lockRanges(PreparedWork work, TransactionReads reads) {
    WriteSet valid = reads.validate(reads.snapshotNode());
    section.lock();
    try {
      reads.validate(valid);
      inDoubt.add(work);
    } finally {
      section.unlock();
    }
  }

  /** Gives up the locks of one that has been rolled back, or could not be prepared. */
  void unlockRanges(PreparedWork work) {
    section.lock();
    try {
      inDoubt.remove(work);
    } finally {
      section.unlock();
    }
  }

  /**
   * Makes sure that what was read holds at this moment, and that nobody is about to change it: for
   * a transaction that has written nothing and is part of a larger one.
   *
   * @throws StoreException if it does not
   */
  void confirmReads(TransactionReads reads, WriteSet own, KeyTable keys) {
    ReadSet read = reads.settled();
    section.lock();
    try {
      reads.validate(reads.snapshotNode());
      inDoubt.admit(read, own);
    } finally {
      section.unlock();
    }
    keys.requireNoWriter(read, own);
  }

  /** Commits a prepared one; as {@link #commit}, but nothing is left to be validated. */
  long commit(PreparedWork work) {
    section.lock();
    try {
      long lsn = work.transaction.commit();
      publish(work.writes, lsn);
      inDoubt.remove(work);
      return lsn;
    } finally {
      section.unlock();
    }
  }

  /** Returns when every commit that has given up its keys before the call can be found. */
  void awaitPublication() {
    section.lock();
    try {
      // whoever was inside has linked its commit
    } finally {
      section.unlock();
    }
  }

  private void publish(WriteSet writes, long lsn) {
    try {
      writes.publish(lsn);
      last.next = writes;
      last = writes;
    } catch (Throwable failure) {
      throw log.gate().halt(failure); // logged and not visible: nobody may go on from here
    }
  }

  /**
   * A commit is about to return: {@code lsn} is that of its record or, if it wrote nothing, what it
   * has read up to. Waits until that is durable, or notes that it has been seen.
   */
  void acknowledge(long lsn, Durability durability) {
    switch (durability) {
      case SYNC -> force(lsn);
      case ASYNC -> returnedAsync.accumulateAndGet(lsn, Math::max);
    }
  }

  /** Waits until the commit with that timestamp is durable. */
  void force(long lsn) {
    if (lsn >= log.durableEndLsn()) {
      log.force(lsn);
    }
  }
}
