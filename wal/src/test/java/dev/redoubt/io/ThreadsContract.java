package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What every {@link Disk} keeps when threads use it together, and when they are interrupted. */
public interface ThreadsContract extends DiskSubject {
  int WORKERS = 4;
  int ROUNDS = 60;

  @Test
  default void anInterruptPendingBeforeACallDoesNoHarmAndStaysPending() {
    for (Caching caching : Caching.values()) {
      String name = "f" + caching;
      try (DiskFile file = interrupted(() -> disk().open(name, Access.CREATE, caching))) {
        interrupted(() -> write(file, DiskSubject.BLOCK, 1));
        interrupted(() -> force(file));
        assertEquals(2L * BLOCK, interrupted(file::size));
        byte[] found = interrupted(() -> DiskSubject.read(file, BLOCK, BLOCK));
        assertArrayEquals(DiskSubject.array(BLOCK, 1, BLOCK), found);
        interrupted(() -> rename(name, name + "2"));
        interrupted(() -> write(file, 0, 2));
        interrupted(() -> force(file));
        assertEquals(2L * BLOCK, file.size(), "and without an interrupt");
      }
      interrupted(
          () -> {
            disk().open(name + "2", Access.READ, caching).close();
            disk().forceDirectory();
            disk().lock("lock").close();
            disk().lock("lock").close();
            return disk().exists(name + "2") && disk().list().size() == 2;
          });
      interrupted(() -> delete(name + "2"));
    }
    assertEquals(List.of("lock"), disk().list());
  }

  /** Something that returns. */
  @FunctionalInterface
  interface Call<T> {
    T make();
  }

  private static <T> T interrupted(Call<T> call) {
    Thread.currentThread().interrupt();
    T result = call.make();
    assertTrue(Thread.interrupted(), "the interrupt is pending at return");
    return result;
  }

  private static boolean write(DiskFile file, long position, int seed) {
    file.write(DiskSubject.bytes(DiskSubject.BLOCK, seed), position);
    return true;
  }

  private static boolean force(DiskFile file) {
    file.force();
    return true;
  }

  private boolean rename(String from, String to) {
    disk().rename(from, to);
    return true;
  }

  private boolean delete(String name) {
    disk().delete(name);
    return true;
  }

  @Test
  default void manyThreadsOnOneFileKeepTheirBytes() throws Exception {
    together(0);
  }

  @Test
  default void interruptsWhileCallsRunHarmNeitherCallerNorOthers() throws Exception {
    together(WORKERS - 1);
  }

  /** Workers on one file; the first so many are interrupted all the time. */
  private void together(int interrupted) throws Exception {
    for (Caching caching : Caching.values()) {
      AtomicBoolean over = new AtomicBoolean();
      ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
      List<Thread> workers = new ArrayList<>();
      try (DiskFile file = disk().open("f" + caching, Access.CREATE, caching)) {
        write(file, (long) WORKERS * BLOCK, 0);
        for (int i = 0; i < WORKERS; i++) {
          int own = i;
          Runnable body = () -> writeReadAndForce(file, own, own < interrupted);
          workers.add(start(body, failures));
        }
        Thread storm =
            start(
                () -> {
                  while (!over.get()) {
                    workers.subList(0, interrupted).forEach(Thread::interrupt);
                    LockSupport.parkNanos(50_000);
                  }
                },
                failures);
        for (Thread worker : workers) {
          worker.join();
        }
        over.set(true);
        storm.join();
        assertTrue(failures.isEmpty(), failures::toString);
        for (int i = 0; i < WORKERS; i++) {
          assertArrayEquals(
              DiskSubject.array(BLOCK, ROUNDS - 1, BLOCK),
              DiskSubject.read(file, (long) i * BLOCK, BLOCK));
        }
      }
    }
  }

  private static Thread start(Runnable body, ConcurrentLinkedQueue<Throwable> failures) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                body.run();
              } catch (Throwable t) {
                failures.add(t);
              }
            });
  }

  private static void writeReadAndForce(DiskFile file, int own, boolean mayBeInterrupted) {
    long position = (long) own * BLOCK;
    for (int round = 0; round < ROUNDS; round++) {
      write(file, position, round);
      if (round % 4 == 0) {
        file.force();
      }
      byte[] found = DiskSubject.read(file, position, BLOCK);
      assertArrayEquals(DiskSubject.array(BLOCK, round, BLOCK), found);
      assertEquals((WORKERS + 1L) * BLOCK, file.size());
      assertTrue(mayBeInterrupted || !Thread.currentThread().isInterrupted());
    }
  }
}
