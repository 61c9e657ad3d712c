package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StorageIoException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many at once: every force is kept, nobody is left waiting. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GroupForceTest {
  @TempDir Path directory;

  private static void run(int threads, boolean virtual, Runnable body) throws Exception {
    List<Thread> all = new ArrayList<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < threads; i++) {
      Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
      all.add(
          builder.start(
              () -> {
                try {
                  body.run();
                } catch (Throwable t) {
                  failures.add(t);
                }
              }));
    }
    for (Thread thread : all) {
      thread.join();
    }
    assertTrue(failures.isEmpty(), () -> failures.toString());
  }

  private void manyForce(int threads, int each, boolean virtual) throws Exception {
    ConcurrentSkipListMap<Long, String> written = new ConcurrentSkipListMap<>();
    AtomicInteger number = new AtomicInteger();
    LogOptions options = LogOptions.defaults().withSegmentBytes(64 * 4096).withBuffers(3, 4 * 4096);
    try (RealDisk disk = RealDisk.create(directory)) {
      try (Log log = Logs.create(disk, options)) {
        run(
            threads,
            virtual,
            () -> {
              for (int i = 0; i < each; i++) {
                String text = Logs.text(number.incrementAndGet(), 1 + i * 7 % 300);
                long lsn = Logs.append(log, text);
                written.put(lsn, text);
                log.force(lsn);
                if (log.durableEndLsn() <= lsn) {
                  throw new AssertionError("not durable: " + lsn);
                }
              }
            });
        assertEquals((long) threads * each, log.stats().records());
      }
      try (Log log = Logs.open(disk, options)) {
        assertEquals(written, Logs.records(log));
      }
    }
  }

  @Test
  void platformThreadsShareForces() throws Exception {
    manyForce(24, 60, false);
  }

  @Test
  void virtualThreadsShareForces() throws Exception {
    manyForce(500, 8, true);
  }

  @Test
  void futuresCompleteInLsnOrderAndWhenTheRecordIsDurable() throws Exception {
    ConcurrentLinkedQueue<Long> completed = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    try (RealDisk disk = RealDisk.create(directory);
        Log log = Logs.create(disk, LogOptions.defaults().withSegmentBytes(256 * 4096))) {
      for (int i = 0; i < 500; i++) {
        long lsn = Logs.append(log, Logs.text(i, 50));
        futures.add(
            log.forceAsync(lsn)
                .thenRun(
                    () -> {
                      assertTrue(log.durableEndLsn() > lsn);
                      completed.add(lsn);
                    }));
      }
      CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)).get();
      assertEquals(completed.stream().sorted().toList(), List.copyOf(completed));
    }
  }

  @Test
  void withoutThreadsFuturesCompleteInTickAndInForce() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      CompletableFuture<Void> first = log.forceAsync(Logs.append(log, "a"));
      assertTrue(!first.isDone());
      log.tick();
      assertTrue(first.isDone());
      CompletableFuture<Void> second = log.forceAsync(Logs.append(log, "b"));
      log.force(Logs.append(log, "c"));
      assertTrue(second.isDone());
    }
  }

  @Test
  void theBackgroundForcesWhatNobodyWaitsForAndSealsIt() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    LogOptions options =
        Logs.SMALL.withBackground(true).withAsyncForceInterval(Duration.ofMillis(2));
    try (Log log = Logs.create(disk, options)) {
      for (int round = 0; round < 20; round++) {
        long lsn = Logs.append(log, "left alone");
        while (log.durableEndLsn() <= lsn) {
          Thread.onSpinWait();
        }
        // One batch with the record, one that seals it.
        while (log.stats().batches() < 2L * (round + 1)) {
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void aFailedForceReleasesEverybodyWithTheError() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    AtomicInteger halted = new AtomicInteger();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      AtomicInteger forces = new AtomicInteger();
      disk.onCall(
          call -> {
            if (call.kind().equals("force") && forces.incrementAndGet() == 20) {
              throw new StorageIoException("EIO");
            }
          });
      run(
          16,
          false,
          () -> {
            try {
              for (int i = 0; i < 100_000; i++) {
                log.force(Logs.append(log, Logs.text(i, 1500)));
              }
            } catch (EngineHaltedException e) {
              halted.incrementAndGet();
            }
          });
      assertEquals(16, halted.get());
      assertThrows(EngineHaltedException.class, () -> Logs.append(log, "x"));
    }
  }

  @Test
  void futuresFailWhenTheLogHalts() {
    MemoryDisk disk = new MemoryDisk();
    LogOptions options = Logs.SMALL.withBackground(true);
    try (Log log = Logs.create(disk, options)) {
      disk.onCall(
          call -> {
            if (call.kind().equals("force")) {
              throw new StorageIoException("EIO");
            }
          });
      CompletableFuture<Void> future = log.forceAsync(Logs.append(log, "a"));
      ExecutionException e = assertThrows(ExecutionException.class, future::get);
      assertInstanceOf(EngineHaltedException.class, e.getCause());
    }
  }

  @Test
  void closingWhileOthersForceKeepsWhatTheyWereTold() throws Exception {
    for (int round = 0; round < 10; round++) {
      MemoryDisk disk = new MemoryDisk();
      Log log = Logs.create(disk, Logs.SMALL);
      ConcurrentSkipListMap<Long, String> acknowledged = new ConcurrentSkipListMap<>();
      AtomicInteger count = new AtomicInteger();
      run(
          8,
          round % 2 == 0,
          () -> {
            try {
              while (true) {
                int n = count.incrementAndGet();
                if (n == 200) {
                  log.close();
                }
                long lsn = Logs.append(log, Logs.text(n, 700));
                log.force(lsn);
                acknowledged.put(lsn, Logs.text(n, 700));
              }
            } catch (IllegalStateException e) {
              // Closed.
            }
          });
      try (Log again = Logs.open(disk, Logs.SMALL)) {
        assertTrue(Logs.records(again).entrySet().containsAll(acknowledged.entrySet()));
      }
    }
  }
}
