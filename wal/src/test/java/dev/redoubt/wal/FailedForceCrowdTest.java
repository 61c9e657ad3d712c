package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.WatchedDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A failure at every force, or every call of a leader, in a run in which many wait: each of them
 * gets the error, none is left waiting, and none is told afterwards that its record is durable.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FailedForceCrowdTest {
  /** Who waits, and how. */
  enum Crowd {
    PLATFORM_THREADS(6, 6, false),
    VIRTUAL_THREADS(24, 2, true),
    FUTURES(4, 8, false);

    final int count;
    final int rounds;
    final boolean virtual;

    Crowd(int count, int rounds, boolean virtual) {
      this.count = count;
      this.rounds = rounds;
      this.virtual = virtual;
    }
  }

  /** One run with one failure. */
  private static final class Run {
    final Crowd crowd;
    final Predicate<MemoryDisk.Call> matching;
    final int position;
    final boolean forEver;
    final Runnable failure;
    final MemoryDisk memory = new MemoryDisk();
    final AtomicInteger seen = new AtomicInteger();
    final AtomicInteger callsAfter = new AtomicInteger();
    final AtomicInteger waiting = new AtomicInteger();
    final AtomicInteger halted = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();
    final ConcurrentHashMap<Long, String> acknowledged = new ConcurrentHashMap<>();
    final List<Throwable> wrong = new ArrayList<>();
    volatile boolean armed;
    volatile boolean failed;
    volatile boolean leaderFailed;

    Run(
        Crowd crowd,
        Predicate<MemoryDisk.Call> matching,
        int position,
        boolean forEver,
        Runnable failure) {
      this.crowd = crowd;
      this.matching = matching;
      this.position = position;
      this.forEver = forEver;
      this.failure = failure;
    }

    /** The force that is to fail lets the others gather behind it first. */
    void watch(MemoryDisk.Call call) {
      if (!armed) {
        return;
      }
      boolean leaders = isLeaders(call);
      if (failed) {
        // Only after its own failure: else a leader may have passed the gate before it was shut.
        callsAfter.addAndGet(leaders && leaderFailed ? 1 : 0);
        if (forEver && matching.test(call)) {
          failure.run();
        }
      } else if (matching.test(call) && seen.incrementAndGet() == position) {
        while (leaders && waiting.get() + ended.get() < crowd.count - 1) {
          LockSupport.parkNanos(this, 1_000); // looks again: a virtual thread may not spin
        }
        leaderFailed = leaders;
        failed = true;
        failure.run();
      }
    }

    /** Whether the failure came. */
    boolean run() throws InterruptedException {
      LogOptions options = Logs.SMALL.withBuffers(4, 4 * 4096);
      boolean background = crowd == Crowd.FUTURES;
      WatchedDisk disk = new WatchedDisk(memory, this::watch);
      Log log = Logs.create(disk, options.withBackground(background));
      armed = true;
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < crowd.count; i++) {
        int number = i;
        Thread.Builder made = crowd.virtual ? Thread.ofVirtual() : Thread.ofPlatform();
        threads.add(made.start(() -> client(log, number)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      long durable = log.durableEndLsn();
      log.close(); // which writes too, and may be what fails
      armed = false;
      boolean struck = failed;
      assertEquals(List.of(), wrong);
      assertEquals(0, callsAfter.get(), "calls of a leader after the failure");
      assertEquals(struck, log.gate().isHalted());
      if (struck) {
        assertTrue(halted.get() == 0 || durable == log.durableEndLsn());
        acknowledged.forEach((lsn, _) -> assertTrue(lsn < durable, lsn + " of " + durable));
      }
      assertKept(memory.powerCutLosingAll());
      assertKept(memory.processDeath());
      return struck;
    }

    private void assertKept(MemoryDisk survivor) {
      try (Log log = Logs.open(survivor, Logs.SMALL)) {
        NavigableMap<Long, String> found = Logs.records(log);
        acknowledged.forEach((lsn, text) -> assertEquals(text, found.get(lsn), "lost " + lsn));
      }
    }

    private void client(Log log, int number) {
      try {
        for (int i = 0; i < crowd.rounds; i++) {
          String text = Logs.text(number * 1000 + i, 200);
          acknowledged.put(forced(log, text), text);
        }
      } catch (EngineHaltedException e) {
        halted.incrementAndGet();
      } catch (StorageIoException e) {
        halted.incrementAndGet(); // whoever made the segment whose force failed
      } catch (Throwable t) {
        synchronized (wrong) {
          wrong.add(t);
        }
      } finally {
        ended.incrementAndGet();
      }
    }

    private long forced(Log log, String text) {
      long lsn = Logs.append(log, text);
      if (crowd == Crowd.FUTURES) {
        CompletableFuture<Void> future = log.forceAsync(lsn);
        waiting.incrementAndGet();
        try {
          future.join();
        } catch (CompletionException e) {
          throw e.getCause() instanceof EngineHaltedException halt ? halt : e;
        } finally {
          waiting.decrementAndGet();
        }
        return lsn;
      }
      waiting.incrementAndGet();
      try {
        log.force(lsn);
      } finally {
        waiting.decrementAndGet();
      }
      return lsn;
    }
  }

  /** Names are given, and taken back when that fails, by whoever makes a segment. */
  private static boolean isLeaders(MemoryDisk.Call call) {
    return LogLayout.segmentIndex(call.file()) >= 0
        && !call.kind().equals("delete")
        && !call.kind().equals("rename");
  }

  @ParameterizedTest
  @EnumSource
  void everybodyIsReleasedWhenAForceFails(Crowd crowd) throws InterruptedException {
    failAtEach(
        crowd,
        call -> call.kind().startsWith("force"),
        () -> {
          throw new StorageIoException("EIO");
        });
  }

  /** Rule 6: a Throwable in the leader's section halts before anything is released. */
  @ParameterizedTest
  @EnumSource
  void everybodyIsReleasedWhenMemoryRunsOutInTheLeadersRound(Crowd crowd)
      throws InterruptedException {
    failAtEach(
        crowd,
        FailedForceCrowdTest::isLeaders,
        () -> {
          throw new OutOfMemoryError("injected");
        });
  }

  @ParameterizedTest
  @EnumSource
  void everybodyIsReleasedWhenTheStackOverflowsInTheLeadersRound(Crowd crowd)
      throws InterruptedException {
    failAtEach(
        crowd,
        FailedForceCrowdTest::isLeaders,
        () -> {
          throw new StackOverflowError("injected");
        });
  }

  private static void failAtEach(Crowd crowd, Predicate<MemoryDisk.Call> matching, Runnable failure)
      throws InterruptedException {
    int tried = 0;
    int halted = 0;
    for (boolean forEver : new boolean[] {false, true}) {
      boolean struck = true;
      for (int position = 1; struck; position++) {
        Run run = new Run(crowd, matching, position, forEver, failure);
        struck = run.run();
        tried += struck ? 1 : 0;
        halted += run.halted.get();
      }
    }
    System.out.println("failures before " + crowd + ": " + tried + "; callers halted: " + halted);
    assertTrue(tried >= 20, "tried " + tried);
    assertTrue(halted > tried, "halted " + halted);
  }
}
