package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever touches the log is interrupted, at random, by seed: committers on platform and virtual
 * threads, readers, followers, the log's own threads, whoever opens and closes it. Nothing is lost,
 * nobody fails or hangs, and an interrupt that was pending before a call is pending after it.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class InterruptStormTest {
  private static final int EACH = 25;
  private static final LogOptions OPTIONS =
      Logs.SMALL.withBackground(true).withAsyncForceInterval(Duration.ofMillis(1));

  @TempDir Path directory;

  private final CopyOnWriteArrayList<Thread> targets = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentSkipListMap<Long, String> acknowledged = new ConcurrentSkipListMap<>();
  private final AtomicInteger interrupts = new AtomicInteger();
  private final AtomicInteger pendingKept = new AtomicInteger();
  private final AtomicInteger interruptedWaits = new AtomicInteger();
  private final AtomicInteger followed = new AtomicInteger();

  /** The system's, but every thread that the log starts is a target. */
  private final Environment environment =
      new Environment() {
        @Override
        public Thread start(String name, Runnable body) {
          Thread thread = Environment.system().start(name, body);
          targets.add(thread);
          return thread;
        }

        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public Instant now() {
          return Instant.EPOCH;
        }

        @Override
        public RandomGenerator random() {
          return Environment.system().random();
        }
      };

  /** Makes a call; an interrupt that was pending before must be pending after. */
  private void call(Runnable call) {
    boolean pending = Thread.currentThread().isInterrupted();
    call.run();
    if (pending) {
      if (!Thread.interrupted()) {
        throw new AssertionError("the interrupt was swallowed");
      }
      pendingKept.incrementAndGet();
    }
  }

  private Thread start(boolean virtual, Runnable body) {
    Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    Thread thread =
        builder.unstarted(
            () -> {
              try {
                body.run();
              } catch (Throwable t) {
                failures.add(t);
              }
            });
    targets.add(thread);
    thread.start();
    return thread;
  }

  private void commit(Log log, int own) {
    for (int i = 0; i < EACH; i++) {
      String text = Logs.text(own * EACH + i, 1 + (own * 977 + i * 131) % 5000);
      AtomicReference<Long> lsn = new AtomicReference<>(0L);
      call(() -> lsn.set(Logs.append(log, text)));
      if (i % 5 == 4) {
        call(() -> log.forceAsync(lsn.get()).join());
      } else {
        call(() -> log.force(lsn.get()));
      }
      acknowledged.put(lsn.get(), text);
    }
  }

  private void readAll(Log log, AtomicBoolean over) {
    while (!over.get()) {
      call(
          () -> {
            Map<Long, String> before = new TreeMap<>(acknowledged);
            assertTrue(Logs.records(log).entrySet().containsAll(before.entrySet()));
          });
      Map.Entry<Long, String> some = acknowledged.firstEntry();
      if (some != null) {
        call(() -> assertEquals(some.getValue(), Logs.text(log.read(some.getKey()))));
      }
    }
  }

  /** Sees every durable record once and in order, whenever its waiting is interrupted. */
  private void follow(Log log, AtomicBoolean over) {
    Map<Long, String> seen = new TreeMap<>();
    long last = 0;
    try (LogTail tail = log.followers().tail(0, Long.MAX_VALUE)) {
      while (true) {
        boolean wasOver = over.get();
        try {
          if (wasOver ? tail.poll() : tail.next(Duration.ofMillis(20))) {
            assertTrue(tail.lsn() > last, "LSN " + tail.lsn() + " after " + last);
            last = tail.lsn();
            seen.put(last, Logs.text(tail.payload().toArray(ValueLayout.JAVA_BYTE)));
          } else if (wasOver) {
            break;
          }
        } catch (InterruptedException e) {
          interruptedWaits.incrementAndGet();
        }
      }
    }
    assertTrue(seen.entrySet().containsAll(acknowledged.entrySet()));
    followed.addAndGet(seen.size());
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Opens the log, has it used by all, closes it: an opener and closer that is interrupted too. */
  private void session(RealDisk disk, int number) {
    AtomicReference<Log> opened = new AtomicReference<>();
    call(
        () ->
            opened.set(
                Log.exists(disk)
                    ? Log.open(disk, environment, OPTIONS)
                    : Log.create(disk, environment, OPTIONS, new byte[0])));
    Log log = opened.get();
    call(log::startAppending);
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> committers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int own = number * 6 + i;
      committers.add(start(i % 2 == 0, () -> commit(log, own)));
    }
    Thread reader = start(false, () -> readAll(log, over));
    Thread follower = start(number % 2 == 0, () -> follow(log, over));
    call(() -> committers.forEach(InterruptStormTest::join));
    over.set(true);
    call(() -> join(reader));
    call(() -> join(follower));
    call(log::close);
  }

  private boolean hitEverything() {
    return pendingKept.get() > 0 && interruptedWaits.get() > 0;
  }

  @Test
  void nobodyIsHarmedWhoeverIsInterrupted() {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger sessions = new AtomicInteger();
    SplittableRandom random = new SplittableRandom(1);
    Thread storm =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    Thread target =
                        targets.isEmpty() ? null : targets.get(random.nextInt(targets.size()));
                    if (target != null && target.isAlive()) {
                      target.interrupt();
                      interrupts.incrementAndGet();
                    }
                    LockSupport.parkNanos(random.nextInt(200_000));
                  }
                });
    RealDisk disk = RealDisk.create(directory);
    Thread opener =
        start(
            false,
            () -> {
              // On a fast machine a few sessions may be over before an interrupt hits a wait.
              while (sessions.get() < 4 || (!hitEverything() && sessions.get() < 100)) {
                session(disk, sessions.getAndIncrement());
              }
            });
    join(opener);
    over.set(true);
    join(storm);
    assertTrue(failures.isEmpty(), failures::toString);
    System.out.println(
        "interrupts: "
            + interrupts
            + ", pending and kept: "
            + pendingKept
            + ", acknowledged: "
            + acknowledged.size()
            + ", followed: "
            + followed
            + " with "
            + interruptedWaits
            + " waits interrupted");
    assertEquals(sessions.get() * 6 * EACH, acknowledged.size());
    assertTrue(hitEverything());
    try (Log log = Logs.open(disk, OPTIONS)) {
      assertEquals(acknowledged, Logs.records(log));
    }
  }

  /** Else parking would not wait any more, and the thread would spin for ever. */
  @Test
  void theLogsOwnThreadsForgetAnInterrupt() {
    try (RealDisk disk = RealDisk.create(directory);
        Log log = Log.create(disk, environment, OPTIONS, new byte[0])) {
      // The thread that read ahead for the opening ends with it.
      List<Thread> staying =
          targets.stream().filter(each -> !each.getName().equals("redoubt-log-reader")).toList();
      assertEquals(2, staying.size());
      for (Thread thread : staying) {
        thread.interrupt();
        while (thread.isInterrupted()) {
          Thread.onSpinWait();
        }
      }
      log.force(Logs.append(log, "still there"));
    }
  }
}
