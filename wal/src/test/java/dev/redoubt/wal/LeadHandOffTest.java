package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.redoubt.io.MemoryDisk;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A round of forcing wakes the next leader and those it made durable, each once. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LeadHandOffTest {
  private static final int FOLLOWERS = 12;

  private final Semaphore inForce = new Semaphore(0);
  private final Semaphore mayReturn = new Semaphore(0);

  /** How often a thread parked until it came back from its force. */
  private final Map<Thread, Long> parksAtTheEnd = new ConcurrentHashMap<>();

  @Test
  void whoeverIsNotYetDurableSleepsThroughTheRoundsOfOthers() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      disk.onCall(this::holdForces);
      try {
        twoRounds(log);
      } finally {
        mayReturn.release(Integer.MAX_VALUE / 2); // closing waits for nobody when a check fails
      }
    }
  }

  private void holdForces(MemoryDisk.Call call) {
    if (call.kind().equals("force")) {
      inForce.release();
      mayReturn.acquireUninterruptibly();
    }
  }

  private void twoRounds(Log log) throws InterruptedException {
    Thread leader = forcing(log);
    inForce.acquire();
    List<Thread> followers = new ArrayList<>();
    Map<Thread, Long> parksBefore = new HashMap<>();
    for (int i = 0; i < FOLLOWERS; i++) {
      Thread follower = forcing(log);
      followers.add(follower);
      parksBefore.put(follower, parksWhenQueued(follower));
    }

    mayReturn.release(); // the leader's round ends: nobody else is durable, one takes the lead
    leader.join();
    inForce.acquire();
    for (Thread follower : followers.subList(1, FOLLOWERS)) {
      assertEquals(parks(parksBefore, follower), parksWhenQueued(follower));
    }

    mayReturn.release(); // its round ends: all are durable
    for (Thread follower : followers) {
      follower.join();
    }
    for (Thread follower : followers.subList(1, FOLLOWERS)) {
      assertEquals(parks(parksBefore, follower), parks(parksAtTheEnd, follower));
    }
    assertEquals(2, log.stats().forces());
  }

  private static long parks(Map<Thread, Long> counted, Thread thread) {
    return counted.getOrDefault(thread, -1L);
  }

  private Thread forcing(Log log) {
    return Thread.ofPlatform()
        .start(
            () -> {
              log.force(Logs.append(log, "record"));
              Thread self = Thread.currentThread();
              parksAtTheEnd.put(self, info(self).getWaitedCount());
            });
  }

  /**
   * Waits until the thread is parked in the queue of the lead, and counted: the JVM shows the state
   * a moment before it counts the park.
   */
  private static long parksWhenQueued(Thread thread) {
    while (true) {
      ThreadInfo info = info(thread);
      if (info.getThreadState() == Thread.State.WAITING
          && info.getWaitedCount() > 0
          && info.getLockInfo() != null
          && info.getLockInfo().getClassName().contains("Forcer")) {
        return info.getWaitedCount();
      }
      Thread.onSpinWait();
    }
  }

  private static ThreadInfo info(Thread thread) {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.threadId());
    assertNotNull(info);
    return info;
  }
}
