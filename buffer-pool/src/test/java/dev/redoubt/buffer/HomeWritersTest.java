package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageIoException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HomeWritersTest {
  private final HomeWriters writers = new HomeWriters();

  @AfterEach
  void stop() {
    writers.stop();
  }

  @Test
  void withoutThreadsTheCallerWritesInOrder() {
    List<Integer> order = new ArrayList<>();
    List<Runnable> batch = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int number = i;
      batch.add(() -> order.add(number));
    }
    writers.write(batch);
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order);
  }

  @Test
  void withThreadsWritesAreUnderWayTogether() {
    writers.useThreads(Environment.system());
    CountDownLatch all = new CountDownLatch(4);
    Runnable write =
        () -> {
          all.countDown();
          await(all); // nobody gets on before four are here
        };
    writers.write(List.of(write, write, write, write));
    assertEquals(0, all.getCount());
  }

  @Test
  void everyWriteIsMadeOnceAndBeforeReturn() {
    writers.useThreads(Environment.system());
    for (int round = 0; round < 2000; round++) {
      AtomicInteger made = new AtomicInteger();
      int size = 1 + round % 17;
      List<Runnable> batch = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        batch.add(made::incrementAndGet);
      }
      writers.write(batch);
      assertEquals(size, made.get());
    }
  }

  @Test
  void aFailureIsThrownWhenNoWriteIsUnderWayAnyMore() {
    writers.useThreads(Environment.system());
    StorageIoException broken = new StorageIoException("the disk is broken", null);
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch failed = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();
    Runnable slow =
        () -> {
          begun.countDown();
          await(failed);
          ended.incrementAndGet();
        };
    Runnable failing =
        () -> {
          await(begun);
          failed.countDown();
          throw broken;
        };
    List<Runnable> batch = new ArrayList<>(List.of(slow, slow, failing));
    assertSame(broken, assertThrows(StorageIoException.class, () -> writers.write(batch)));
    assertEquals(2, ended.get());
    writers.write(List.of(ended::incrementAndGet, ended::incrementAndGet));
    assertEquals(4, ended.get());
  }

  @Test
  void withoutAThreadThatItNeedsNothingIsWritten() throws InterruptedException {
    OutOfMemoryError noThread = new OutOfMemoryError("no more threads");
    writers.useThreads(new OneThread(noThread));
    CountDownLatch written = new CountDownLatch(1);
    Runnable write = written::countDown;
    assertSame(
        noThread,
        assertThrows(OutOfMemoryError.class, () -> writers.write(List.of(write, write, write))));
    assertFalse(written.await(200, TimeUnit.MILLISECONDS), "a write after the failure");
  }

  /** Has one thread to give, and then an error. */
  private static final class OneThread implements Environment {
    private final Environment system = Environment.system();
    private final OutOfMemoryError error;
    private boolean given;

    OneThread(OutOfMemoryError error) {
      this.error = error;
    }

    @Override
    public Thread start(String name, Runnable body) {
      if (given) {
        throw error;
      }
      given = true;
      return system.start(name, body);
    }

    @Override
    public long nanoTime() {
      return system.nanoTime();
    }

    @Override
    public Instant now() {
      return system.now();
    }

    @Override
    public RandomGenerator random() {
      return system.random();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("the others did not come");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
