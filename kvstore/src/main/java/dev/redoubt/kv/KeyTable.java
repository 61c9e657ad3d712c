package dev.redoubt.kv;

import dev.redoubt.io.HaltGate;
import dev.redoubt.kv.btree.LeafBefore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who owns which key. Readers look up without waiting; writers wait for an owner's end, with no
 * latch held. A wait that would close a cycle is noticed before it begins, and the youngest
 * transaction of the cycle is refused (store rule 11). Thread-safe.
 */
final class KeyTable {
  private final ConcurrentHashMap<KeyRef, KeyOwnership> owned = new ConcurrentHashMap<>();

  /** Guards every transaction's {@code waitsFor}, {@code waiters} and {@code refused}. */
  private final ReentrantLock waitLock = new ReentrantLock();

  private final Duration longestWait;
  private final HaltGate gate;

  /** Guarded by {@code waitLock}. */
  private boolean closing;

  /** Whether the keys of every transaction that restart left unfinished are here. */
  private volatile boolean everyOwnerKnown;

  KeyTable(Duration longestWait, HaltGate gate) {
    this.longestWait = longestWait;
    this.gate = gate;
  }

  /** The key's ownership, or null if nobody owns it. */
  @Nullable KeyOwnership find(KeyRef ref) {
    return owned.get(ref);
  }

  /** Whether nobody owns the key, not even someone of whom restart could not tell. */
  boolean isSurelyFree(KeyRef ref) {
    return everyOwnerKnown && !owned.containsKey(ref);
  }

  /** Makes a transaction that restart left the owner of a key; called newest update first. */
  void own(UnfinishedTransaction owner, KeyRef ref, LeafBefore before) {
    owned.computeIfAbsent(ref, key -> new KeyOwnership(key, owner)).goBackTo(before);
  }

  /** Every transaction that restart left owns its keys. */
  void everyOwnerIsKnown() {
    everyOwnerKnown = true;
  }

  int size() {
    return owned.size();
  }

  /**
   * Makes {@code transaction} the owner of the key, waiting for another owner to end.
   *
   * @throws ConflictException if waiting would be a deadlock and this transaction is the youngest
   *     in it, or the longest wait is over, or a transaction that restart left owns the key
   */
  KeyOwnership acquire(WriteTransaction transaction, KeyRef ref) {
    KeyOwnership mine = new KeyOwnership(ref, transaction);
    while (true) {
      KeyOwnership other = owned.putIfAbsent(ref, mine);
      if (other == null) {
        transaction.owned().add(mine);
        return mine;
      }
      switch (other.owner) {
        case WriteTransaction owner when owner == transaction -> {
          return other;
        }
        case WriteTransaction owner -> waitFor(transaction, other, owner);
        case UnfinishedTransaction owner ->
            throw ConflictException.lasting("a key of tree " + ref.treeId() + " " + owner.reason());
      }
    }
  }

  /** Ends every ownership of the transaction and wakes those who wait for it. */
  void release(WriteTransaction transaction) {
    for (KeyOwnership each : transaction.owned()) {
      owned.remove(each.ref, each);
    }
    wake(transaction);
  }

  /**
   * Has those who wait for the transaction look again. After a halt its keys stay owned, so that
   * nobody reads what may not be committed, and whoever looks again is told of the halt.
   */
  void wake(WriteTransaction transaction) {
    waitLock.lock();
    try {
      for (WriteTransaction waiter : transaction.waiting.waiters) {
        waiter.waiting.waitsFor = null;
        waiter.waiting.changed(waitLock).signalAll();
      }
      transaction.waiting.waiters.clear();
    } finally {
      waitLock.unlock();
    }
  }

  /** The store is closing: nobody waits any more, and those who do are refused. */
  void close(Iterable<WriteTransaction> transactions) {
    waitLock.lock();
    try {
      closing = true;
      transactions.forEach(
          each -> {
            each.waiting.refused = true;
            each.waiting.changed(waitLock).signalAll();
          });
    } finally {
      waitLock.unlock();
    }
  }

  private void waitFor(WriteTransaction transaction, KeyOwnership other, WriteTransaction owner) {
    waitLock.lock();
    try {
      gate.check();
      if (closing) {
        throw closing();
      }
      if (owned.get(other.ref) != other) {
        return; // the owner ended meanwhile, and will not wake us
      }
      transaction.waiting.refused = false;
      WriteTransaction victim = youngestOfCycle(transaction, owner);
      if (victim == transaction) {
        throw new ConflictException(
            "waiting for " + describe(other) + " would be a deadlock; run the transaction again");
      }
      transaction.waiting.waitsFor = owner;
      owner.waiting.waiters.add(transaction);
      if (victim != null) {
        victim.waiting.refused = true;
        victim.waiting.changed(waitLock).signalAll();
      }
      await(transaction, other, owner);
    } finally {
      waitLock.unlock();
    }
  }

  private void await(WriteTransaction transaction, KeyOwnership other, WriteTransaction owner) {
    long left = longestWait.toNanos();
    boolean interrupted = false;
    try {
      while (transaction.waiting.waitsFor != null) {
        if (transaction.waiting.refused || left <= 0) {
          giveUp(transaction, other, owner);
        }
        try {
          left = transaction.waiting.changed(waitLock).awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true; // a wait for a key is uninterruptible; the interrupt stays pending
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void giveUp(WriteTransaction transaction, KeyOwnership other, WriteTransaction owner) {
    owner.waiting.waiters.remove(transaction);
    transaction.waiting.waitsFor = null;
    if (closing) {
      throw closing();
    }
    throw new ConflictException(
        transaction.waiting.refused
            ? "chosen to resolve a deadlock over " + describe(other) + "; run it again"
            : "waited "
                + TimeUnit.NANOSECONDS.toMillis(longestWait.toNanos())
                + " ms for "
                + describe(other));
  }

  private static ClosedException closing() {
    return new ClosedException("the store is being closed; nobody waits for a key any more");
  }

  /**
   * The youngest transaction of the cycle that this wait would close; null if it closes none. One
   * that has been refused and has not woken yet waits no more: the cycle it stood in is cut there.
   */
  private static @Nullable WriteTransaction youngestOfCycle(
      WriteTransaction waiter, WriteTransaction owner) {
    List<WriteTransaction> path = new ArrayList<>();
    path.add(waiter);
    for (WriteTransaction t = owner; t != null && !t.waiting.refused; t = t.waiting.waitsFor) {
      if (t == waiter) {
        return path.stream().reduce((a, b) -> a.birth() > b.birth() ? a : b).orElseThrow();
      }
      path.add(t);
    }
    return null;
  }

  private static String describe(KeyOwnership other) {
    return "a key of tree "
        + other.ref.treeId()
        + " that transaction "
        + other.owner.id()
        + " owns";
  }
}
