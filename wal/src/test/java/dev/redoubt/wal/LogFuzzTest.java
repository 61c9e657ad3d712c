package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.WatchedDisk;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Spoils the files of small real logs at random and opens them: never a wrong record, never a
 * record lost that was known to be forced, never a hang, an endless allocation or an exception that
 * is not documented.
 *
 * <p>Each case has a number from which everything in it follows; {@code -Dredoubt.fuzz.case=N}
 * makes that one alone. {@code redoubt.crash.seed} is the number of the first.
 */
final class LogFuzzTest {
  private static final List<FuzzMutation> MUTATIONS = List.of(FuzzMutation.values());
  private static final long SHORT_CASES = 1000;
  private static final long LONGEST_ALLOCATION = 16L << 20;

  private final List<FuzzLog> logs = new ArrayList<>();
  private final Map<FuzzLog, FuzzLog> forks = new HashMap<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();

  /** An opening that reads without end. */
  private static final class Endless extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void spoiltLogsAreReadRightOrRefused() {
    run(SHORT_CASES, Long.MAX_VALUE);
  }

  @Test
  @Tag("slow")
  void spoiltLogsAreReadRightOrRefusedForMinutes() {
    long minutes = Long.getLong("redoubt.crash.minutes", 5);
    run(Long.MAX_VALUE, TimeUnit.MINUTES.toNanos(minutes) / 5);
  }

  private void run(long cases, long nanos) {
    for (int openings = 1; openings <= 12; openings += openings < 4 ? 1 : 4) {
      FuzzLog log = FuzzLog.make(openings, openings, "log" + openings);
      logs.add(log);
      forks.put(log, log.fork(openings));
    }
    Long only = Long.getLong("redoubt.fuzz.case");
    long first = only != null ? only : Long.getLong("redoubt.crash.seed", 1) << 32;
    long begun = System.nanoTime();
    long number = first;
    do {
      try {
        tryCase(number++);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("-Dredoubt.fuzz.case=" + (number - 1), e);
      }
    } while (only == null && number - first < cases && System.nanoTime() - begun < nanos);
    System.out.println("fuzz: from case " + first + ", " + (number - first) + ": " + outcomes);
    assertTrue(only != null || outcomes.size() >= 4, outcomes::toString);
  }

  private void tryCase(long number) {
    SplittableRandom random = new SplittableRandom(number);
    FuzzLog log = logs.get(random.nextInt(logs.size()));
    MemoryDisk disk = log.copy();
    if (random.nextInt(4) == 0) {
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        FuzzForgery.forge(disk, random);
      }
      count("forged", outcome(disk, Judge.NONE));
      return;
    }
    FuzzLog other = logs.get(random.nextInt(logs.size()));
    FuzzLog fork = forks.get(log);
    if (fork == null) {
      throw new AssertionError("no fork of " + log);
    }
    boolean lies = false;
    for (int i = Math.max(1, random.nextInt(-2, 4)); i > 0; i--) {
      FuzzMutation mutation = MUTATIONS.get(random.nextInt(MUTATIONS.size()));
      mutation.spoil(disk, log, mutation == FuzzMutation.SPLICE_OF_FORK ? fork : other, random);
      lies |= mutation.isLie();
    }
    Judge judge = lies ? new LieJudge(log, fork) : new DamageJudge(log, disk);
    count(lies ? "lied" : "damaged", outcome(disk, judge));
  }

  private void count(String kind, String outcome) {
    outcomes.merge(kind + " " + outcome, 1, Integer::sum);
  }

  /** Opens, reads all, goes on, opens again. */
  private static String outcome(MemoryDisk disk, Judge judge) {
    long fileBytes = disk.usedBytes();
    int[] calls = new int[1];
    WatchedDisk watched =
        new WatchedDisk(
            disk,
            call -> {
              if (++calls[0] > 1000 + fileBytes / 512) {
                throw new Endless();
              }
            });
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    long offHeap = offHeapBytes();
    try {
      String onTheWay = Logs.readOnTheWay(watched, Logs.SMALL);
      calls[0] = 0;
      assertEquals(Logs.opened(watched, Logs.SMALL), onTheWay, "read on the way to the end");
      calls[0] = 0;
      NavigableMap<Long, String> found;
      try (Log log = Logs.open(watched, Logs.SMALL)) {
        found = Logs.records(log);
        judge.check(found, log.startLsn(), log.endLsn());
        log.startAppending();
        for (int i = 0; i < 3; i++) {
          String text = Logs.text(i, 3000);
          long lsn = Logs.append(log, text);
          assertTrue(judge == Judge.NONE || found.isEmpty() || lsn > found.lastKey());
          log.force(lsn);
          found.put(lsn, text);
        }
        log.tick();
      }
      calls[0] = 0;
      try (Log log = Logs.open(watched, Logs.SMALL)) {
        if (judge != Judge.NONE) {
          assertEquals(found, Logs.records(log), "read again after going on");
        }
      }
      return judge.outcome(found.size() - 3);
    } catch (StorageException e) {
      if (e instanceof StorageIoException) {
        throw new AssertionError("no I/O failed", e);
      }
      return e.code();
    } finally {
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(
          offHeapBytes() - offHeap < LONGEST_ALLOCATION,
          () -> offHeapBytes() - offHeap + " bytes allocated off the heap");
      assertTrue(
          allocated < LONGEST_ALLOCATION + 16 * fileBytes,
          allocated + " bytes allocated for " + fileBytes);
    }
  }

  /** In buffers of the whole process; what the collector has not freed yet counts. */
  private static long offHeapBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** What may be read. */
  private static class Judge {
    static final Judge NONE = new Judge();

    void check(NavigableMap<Long, String> found, long start, long end) {}

    String outcome(int records) {
      return "opened";
    }
  }

  /** Exactly what the log held, from its start to its end, and nothing known to be forced lost. */
  private static final class DamageJudge extends Judge {
    private final FuzzLog log;
    private final boolean masterWhole;

    DamageJudge(FuzzLog log, MemoryDisk disk) {
      this.log = log;
      this.masterWhole =
          disk.exists(LogLayout.MASTER_FILE)
              && java.util.Arrays.equals(
                  disk.bytes(LogLayout.MASTER_FILE), log.copy().bytes(LogLayout.MASTER_FILE));
    }

    @Override
    void check(NavigableMap<Long, String> found, long start, long end) {
      assertEquals(log.records().subMap(start, Math.max(start, end)), found);
      if (masterWhole) {
        assertTrue(end >= log.sealedBelow(), "ends at " + end + ", forced " + log.sealedBelow());
      }
    }

    @Override
    String outcome(int records) {
      return records == log.records().size() ? "same" : "shorter";
    }
  }

  /** What the log held, up to some place; behind it what it or its copy ever had there. */
  private static final class LieJudge extends Judge {
    private final FuzzLog log;
    private final FuzzLog fork;

    LieJudge(FuzzLog log, FuzzLog fork) {
      this.log = log;
      this.fork = fork;
    }

    @Override
    void check(NavigableMap<Long, String> found, long start, long end) {
      found.forEach(
          (lsn, text) ->
              assertTrue(
                  text.equals(log.records().get(lsn))
                      || log.everHad(lsn, text)
                      || fork.everHad(lsn, text),
                  "never written at " + lsn));
    }
  }
}
