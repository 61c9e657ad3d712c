package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the scheduler promises, on threads of a toy. */
@Tag("simulation")
class SimulationTest {
  private static final long HOUR_NANOS = 3_600_000_000_000L;
  private static final long STEPS = 100_000;

  @BeforeAll
  static void prepare() {
    SimSuite.prepare();
  }

  @Test
  void deadlockIsFoundWithTheStacksOfAll() {
    Simulation simulation = Simulation.of(1, false);
    ReentrantLock left = new ReentrantLock();
    ReentrantLock right = new ReentrantLock();
    Thread one = simulation.spawn("one", () -> bothLocked(left, right));
    Thread other = simulation.spawn("other", () -> bothLocked(right, left));
    assertEquals(Simulation.Ending.STUCK, simulation.run(one, STEPS, HOUR_NANOS));
    assertTrue(other.isAlive());
    String stacks = simulation.stacks();
    assertTrue(stacks.contains("one WAITING") && stacks.contains("other WAITING"), stacks);
    assertTrue(stacks.contains("bothLocked"), stacks);
  }

  private static void bothLocked(ReentrantLock first, ReentrantLock second) {
    first.lock();
    LockSupport.parkNanos(1_000);
    second.lock();
  }

  @Test
  void lostWakeUpIsFound() {
    Simulation simulation = Simulation.of(1, false);
    Thread sleeper = simulation.spawn("sleeper", LockSupport::park);
    assertEquals(Simulation.Ending.STUCK, simulation.run(sleeper, STEPS, HOUR_NANOS));
  }

  @Test
  void threadThatGoesOnForEverIsStoppedAtTheLimit() {
    Simulation simulation = Simulation.of(1, false);
    Thread busy =
        simulation.spawn(
            "busy",
            () -> {
              while (true) {
                Scheduler.letOthersRun();
              }
            });
    assertEquals(Simulation.Ending.OUT_OF_STEPS, simulation.run(busy, 100, HOUR_NANOS));
    assertEquals(100, simulation.steps());
  }

  @Test
  void sleepTakesVirtualTimeOnly() {
    Simulation simulation = Simulation.of(1, false);
    Thread sleeper = simulation.spawn("sleeper", () -> Thread.sleep(3_000_000));
    assertEquals(Simulation.Ending.FINISHED, simulation.run(sleeper, STEPS, HOUR_NANOS));
    assertTrue(simulation.nanos() >= 3_000_000_000_000L, "" + simulation.nanos());
  }

  @Test
  void crashedThreadsNeverRunAgain() {
    Simulation simulation = Simulation.of(1, false);
    boolean[] cleaned = {false};
    Thread cut =
        simulation.spawn(
            "cut",
            () -> {
              try {
                Thread.sleep(1_000);
              } finally {
                cleaned[0] = true;
              }
            });
    assertEquals(Simulation.Ending.OUT_OF_STEPS, simulation.run(cut, 1, HOUR_NANOS));
    simulation.crash();
    Thread next = simulation.spawn("next", () -> Thread.sleep(5_000));
    assertEquals(Simulation.Ending.FINISHED, simulation.run(next, STEPS, HOUR_NANOS));
    assertFalse(cleaned[0]);
  }

  @Test
  void whatAThreadThrowsEndsTheRun() {
    Simulation simulation = Simulation.of(1, false);
    Thread main = simulation.spawn("main", LockSupport::park);
    simulation.spawn(
        "wrong",
        () -> {
          throw new IllegalStateException("wrong on purpose");
        });
    AssertionError failed =
        assertThrows(AssertionError.class, () -> simulation.run(main, STEPS, HOUR_NANOS));
    assertTrue(String.valueOf(failed.getMessage()).contains("wrong on purpose"));
  }

  @Test
  void seedsInterleaveDifferentlyAndEachAlwaysAlike() {
    List<String> orders = new ArrayList<>();
    for (long seed = 0; seed < 20; seed++) {
      assertEquals(order(seed), order(seed));
      orders.add(order(seed));
    }
    assertTrue(orders.stream().distinct().count() > 5, orders.toString());
  }

  private static String order(long seed) {
    Simulation simulation = Simulation.of(seed, false);
    StringBuilder order = new StringBuilder();
    List<Thread> threads = new ArrayList<>();
    for (char name = 'a'; name <= 'd'; name++) {
      char each = name;
      threads.add(
          simulation.spawn(
              "thread-" + name,
              () -> {
                for (int i = 0; i < 4; i++) {
                  order.append(each);
                  Scheduler.letOthersRun();
                }
              }));
    }
    Thread main = simulation.spawn("main", () -> SimLife.join(threads));
    assertEquals(Simulation.Ending.FINISHED, simulation.run(main, STEPS, HOUR_NANOS));
    return order.toString();
  }

  /** A clock that leaps ahead of threads which could run is no sign that they hang. */
  @Test
  void virtualTimeIsALimitOnlyWhereItWaitsForThreads() {
    for (long seed = 0; seed < 16; seed++) {
      AtomicBoolean timely = new AtomicBoolean();
      SimReport report = new SimRuns(_ -> life -> sleeps(life, timely)).run(seed, false);
      assertEquals(timely.get(), report.failure() != null, report::replay);
    }
  }

  private static void sleeps(SimLife life, AtomicBoolean timely) {
    timely.set(life.timely());
    for (int i = 0; i < 400; i++) {
      LockSupport.parkNanos(HOUR_NANOS / 3600);
    }
  }

  @Test
  void failedRunLeavesItsStoreAndWhatClientsWereTold(@TempDir Path folder) throws Exception {
    SimSubject subject =
        new SimSubject() {
          @Override
          public void live(SimLife life) {
            try (DiskFile file =
                life.disk().open("a" + life.number(), Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
              file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            }
            throw new IllegalStateException("wrong");
          }

          @Override
          public List<String> history() {
            return List.of("one", "two");
          }
        };
    SimReport report = new SimRuns(_ -> subject).run(1, false);
    report.keep(folder);
    assertTrue(String.valueOf(report.failure()).contains("wrong"));
    assertEquals(List.of("one", "two"), Files.readAllLines(folder.resolve("history.txt")));
    Path file = folder.resolve("store").resolve("a" + (report.lives() - 1));
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(file));
  }
}
