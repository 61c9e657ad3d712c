package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.HaltGate;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.WatchedDisk;
import java.lang.foreign.MemorySegment;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Errors of the JVM outside the leader's round: nobody is left waiting for a thread that died. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ErrorTest {
  private final OutOfMemoryError outOfMemory = new OutOfMemoryError("injected");

  @Test
  void anErrorBetweenARecordsCopyAndItsLsnHalts() {
    LogGeometry geometry = new LogGeometry(new UUID(1, 2), Logs.SMALL.segmentBytes());
    HaltGate gate = new HaltGate();
    Appender.Help help =
        new Appender.Help() {
          @Override
          public void makeDurable(long lsn) {
            throw new AssertionError("there is room");
          }

          @Override
          public void makeSegment(long index) {
            throw new AssertionError("there is a segment");
          }

          @Override
          public boolean hasSegment(long index) {
            return true;
          }

          @Override
          public void batchBegun(long segment) {
            throw outOfMemory;
          }
        };
    Appender appender = new Appender(geometry, gate, help, 2 * 4096, 3, Tail.ofEmptyLog(geometry));
    MemorySegment record = MemorySegment.ofArray(new byte[100]);
    EngineHaltedException halted =
        assertThrows(EngineHaltedException.class, () -> appender.append(record, 0, 100));
    assertSame(outOfMemory, halted.getCause());
    assertThrows(EngineHaltedException.class, () -> appender.append(record, 0, 100));
  }

  @Test
  void anErrorInABackgroundThreadHaltsAndFailsTheFutures() throws InterruptedException {
    CountDownLatch mayFill = new CountDownLatch(1);
    MemoryDisk memory = new MemoryDisk();
    CountDownLatch mayForce = new CountDownLatch(1);
    WatchedDisk disk =
        new WatchedDisk(
            memory,
            call -> {
              boolean byThread = Thread.currentThread().getName().startsWith("redoubt-log");
              if (byThread && call.kind().equals("write")) {
                if (LogLayout.segmentIndex(call.file()) >= 0) {
                  awaitQuietly(mayForce); // so that the future is waited for when the other fails
                } else {
                  awaitQuietly(mayFill);
                  throw outOfMemory;
                }
              }
            });
    CountDownLatch halted = new CountDownLatch(1);
    try (Log log = Logs.create(disk, Logs.SMALL.withBackground(true))) {
      log.gate().whenHalted(halted::countDown);
      CompletableFuture<Void> future = log.forceAsync(Logs.append(log, "never durable"));
      mayFill.countDown();
      halted.await();
      mayForce.countDown();
      CompletionException e = assertThrows(CompletionException.class, future::join);
      assertInstanceOf(EngineHaltedException.class, e.getCause());
      assertSame(outOfMemory, log.gate().cause());
    }
    try (Log log = Logs.open(memory.processDeath(), Logs.SMALL)) {
      assertTrue(Logs.texts(log).size() <= 1);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void futuresOfALogWithoutThreadsFailWhenAForceFails() {
    MemoryDisk disk = new MemoryDisk();
    Log log = Logs.create(disk, Logs.SMALL);
    CompletableFuture<Void> future = log.forceAsync(Logs.append(log, "x"));
    disk.onCall(
        _ -> {
          throw outOfMemory;
        });
    EngineHaltedException halted = assertThrows(EngineHaltedException.class, log::forceAll);
    CompletionException e = assertThrows(CompletionException.class, future::join);
    assertSame(halted, e.getCause());
    assertSame(outOfMemory, halted.getCause());
    log.close();
    assertEquals(0, log.durableEndLsn() % 4096);
  }
}
