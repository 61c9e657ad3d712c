package dev.redoubt.wal.example;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import dev.redoubt.wal.LogTail;
import dev.redoubt.wal.example.AccountEvent.Deposited;
import dev.redoubt.wal.example.AccountEvent.Snapshot;
import dev.redoubt.wal.example.AccountEvent.Transferred;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ObjLongConsumer;

/**
 * Accounts whose balances are nothing but the sum of an append-only journal of events: they live in
 * memory, and opening replays the journal. What {@link #await} has returned for survives kill -9
 * and a power cut. Thread-safe; threads that wait at the same time share one force of the disk.
 */
public final class AccountJournal implements AutoCloseable {
  private final Log log;
  private final ReentrantLock latch = new ReentrantLock();

  /** Guarded by latch: what all events below the end of the log come to. */
  private final SortedMap<String, Long> balances = new TreeMap<>();

  private AccountJournal(Log log) {
    this.log = log;
  }

  /** Opens the journal in a directory, or creates it. At return the balances are those it tells. */
  public static AccountJournal open(Path directory) {
    LogOptions options = LogOptions.defaults().withSegmentBytes(4 << 20);
    AccountJournal journal = new AccountJournal(Log.openOrCreate(directory, options));
    try {
      journal.replay(0, (event, _) -> event.applyTo(journal.balances));
      return journal;
    } catch (Throwable t) {
      journal.close();
      throw t;
    }
  }

  /** Money comes in. At return the event has its place in history, but is not yet durable. */
  public long deposit(String account, long cents) {
    latch.lock();
    try {
      return append(new Deposited(account, cents));
    } finally {
      latch.unlock();
    }
  }

  /**
   * Money goes over. At return the event has its place in history, but is not yet durable.
   *
   * @return the event's LSN
   * @throws IllegalStateException if there is not that much; nothing has happened
   */
  public long transfer(String from, String to, long cents) {
    latch.lock();
    try {
      long balance = balances.getOrDefault(from, 0L);
      if (balance < cents) {
        throw new IllegalStateException(from + " has only " + balance + " cents");
      }
      return append(new Transferred(from, to, cents));
    } finally {
      latch.unlock();
    }
  }

  /** Guarded by latch, so that events take effect in the order in which they stand in the log. */
  private long append(AccountEvent event) {
    long lsn = log.append(event.encode()); // if this fails, nothing has happened
    event.applyTo(balances);
    return lsn;
  }

  /** Returns when the event at this LSN, and every one before it, is durable. Called unlatched. */
  public void await(long lsn) {
    log.force(lsn);
  }

  /**
   * Writes all balances into the journal and lets go of what came before; a kill at any moment
   * leaves the old history or the new. At return the snapshot is durable, and so are all events
   * before it.
   *
   * @return its LSN, where the journal begins from now on
   */
  public long snapshot() {
    long lsn;
    latch.lock();
    try {
      lsn = append(new Snapshot(new TreeMap<>(balances)));
    } finally {
      latch.unlock();
    }
    log.truncateBefore(lsn);
    return lsn;
  }

  /**
   * Hands over every durable event and its LSN, in order. Whoever remembers the last LSN it was
   * handed goes on from that plus one.
   *
   * @param fromLsn the first event at or above it comes first; 0 for the last snapshot, or the
   *     first event of all
   * @throws IllegalArgumentException if a snapshot has let go of so old a history
   */
  public void replay(long fromLsn, ObjLongConsumer<AccountEvent> consumer) {
    log.replay(
        Math.max(fromLsn, log.master().boundLsn()),
        (lsn, payload) -> consumer.accept(AccountEvent.decode(payload), lsn));
  }

  /**
   * Hands over every event from {@code fromLsn} on as it becomes durable, and waits for more: in
   * any process, beside the one that has the journal open. Ends only by an exception.
   *
   * @throws dev.redoubt.wal.LogPositionLostException if a snapshot has let go of what comes next;
   *     go on from 0, where all balances stand
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public static void follow(Path directory, long fromLsn, ObjLongConsumer<AccountEvent> consumer)
      throws InterruptedException {
    try (Disk disk = RealDisk.open(directory);
        Log log = Log.openReadOnly(disk, Environment.system(), LogOptions.defaults());
        LogTail tail = log.followers().tail(fromLsn, Long.MAX_VALUE)) {
      while (tail.next()) {
        consumer.accept(AccountEvent.decode(tail.payload().asByteBuffer()), tail.lsn());
      }
    }
  }

  /** A copy of all balances by name, those of events not yet durable included. */
  public SortedMap<String, Long> balances() {
    latch.lock();
    try {
      return Collections.unmodifiableSortedMap(new TreeMap<>(balances));
    } finally {
      latch.unlock();
    }
  }

  /** Makes everything durable and closes the log. */
  @Override
  public void close() {
    log.close();
  }
}
