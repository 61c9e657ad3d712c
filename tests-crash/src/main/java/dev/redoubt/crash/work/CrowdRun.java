package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Several threads that commit on one store whose disk has one fault. Each counts its commits in two
 * keys of its own, so that afterwards anybody can tell which of them are there, and whether whole.
 */
public final class CrowdRun {
  private static final int THREADS = 4;
  private static final int COMMITS = 25;
  private static final String PADDING = "x".repeat(700);

  /** Keys beside the counters, so that pages split and files grow. */
  private static final int SPREAD = 40;

  private final SimDisk disk = SimDisk.create();
  private final Subject.Factory factory;
  private final AtomicIntegerArray attempted = new AtomicIntegerArray(THREADS);
  private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(THREADS);
  private final LongAdder refused = new LongAdder();
  private final LongAdder halted = new LongAdder();
  private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();

  /** Each refused or finished thread counts once; then space is freed. */
  private final CountDownLatch arrived = new CountDownLatch(THREADS);

  private final CountDownLatch freed = new CountDownLatch(1);

  /** A run on a disk of its own; {@code factory} opens stores that take many threads. */
  public CrowdRun(Subject.Factory factory) {
    this.factory = factory;
  }

  /** Changes that a full disk refused. */
  public long refused() {
    return refused.sum();
  }

  /** Threads that were told of a halt. */
  public long halted() {
    return halted.sum();
  }

  /**
   * A force fails while all work: all of them are told, and every crash from there leaves what was
   * acknowledged to each.
   *
   * @return whether the fault struck
   */
  public boolean checkFailedForce(Fault fault) throws InterruptedException {
    Subject subject = factory.open(disk, Environment.system());
    disk.inject(fault);
    work(subject);
    boolean told = halted.sum() > 0;
    subject.abandon();
    if (told && !fault.struck()) {
      throw new AssertionError("halted for no reason");
    }
    checkCrashes();
    return told;
  }

  /**
   * The disk is full while all work: whoever asks is told and waits, the others go on, and when
   * space is freed all finish.
   *
   * @return whether the fault struck
   */
  public boolean checkFullDisk(Fault fault) throws InterruptedException {
    Subject subject = factory.open(disk, Environment.system());
    disk.inject(fault);
    try {
      work(subject);
      if (halted.sum() > 0) {
        throw new AssertionError("a full disk halted the store");
      }
      for (int t = 0; t < THREADS; t++) {
        if (acknowledged.get(t) != COMMITS) {
          throw new AssertionError("thread " + t + " did not finish: " + acknowledged.get(t));
        }
      }
      check(subject);
    } finally {
      subject.abandon();
    }
    checkCrashes();
    return fault.struck();
  }

  private void work(Subject subject) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int number = t;
      threads.add(Thread.ofPlatform().start(() -> client(subject, number)));
    }
    arrived.await();
    if (refused.sum() > 0) {
      disk.heal();
    }
    freed.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    Throwable first = wrong.peek();
    if (first != null) {
      throw new AssertionError("a thread met what it should not", first);
    }
  }

  private void client(Subject subject, int number) {
    try {
      for (int i = 1; i <= COMMITS; i++) {
        attempted.set(number, i);
        if (!commit(subject, number, i)) {
          arrived.countDown();
          freed.await();
          if (!commit(subject, number, i)) {
            throw new AssertionError("refused although space was freed");
          }
        }
        acknowledged.set(number, i);
      }
    } catch (StorageException told) {
      halted.increment();
    } catch (Throwable t) {
      wrong.add(t);
    } finally {
      arrived.countDown();
    }
  }

  /** Whether there was space for it. */
  private boolean commit(Subject subject, int number, int count) {
    Subject.Tx tx = subject.begin();
    try {
      tx.put(number, count + "." + PADDING);
      tx.put(THREADS * (1 + count % SPREAD) + number, count + "." + PADDING);
      tx.put(THREADS * (1 + SPREAD) + number, count + "." + PADDING);
    } catch (DiskFullException full) {
      refused.increment();
      tx.rollback();
      return false;
    }
    tx.commit(true);
    return true;
  }

  private void checkCrashes() {
    for (CrashChoice choice :
        List.of(CrashChoice.none(), CrashChoice.death(), new CrashChoice.Seeded(1))) {
      Subject survivor = factory.open(disk.crash(choice), Environment.system());
      try {
        check(survivor);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("after crash " + choice, e);
      } finally {
        survivor.abandon();
      }
    }
  }

  private void check(Subject subject) {
    subject.verify();
    Contents contents = subject.contents();
    for (int t = 0; t < THREADS; t++) {
      int found = count(contents.entries().get(t));
      int second = count(contents.entries().get(THREADS * (1 + SPREAD) + t));
      if (found != second || found < acknowledged.get(t) || found > attempted.get(t)) {
        throw new AssertionError(
            "thread "
                + t
                + ": "
                + found
                + " and "
                + second
                + " found, acknowledged "
                + acknowledged.get(t)
                + ", attempted "
                + attempted.get(t));
      }
    }
  }

  private static int count(@Nullable String value) {
    return value == null ? 0 : Integer.parseInt(value.substring(0, value.indexOf('.')));
  }
}
