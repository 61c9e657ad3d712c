package dev.redoubt.buffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * What the latch promises, against all that compilers and processors may reorder. Run by {@code mvn
 * verify} for some seconds; {@code -Djcstress.forks=20 -Djcstress.millis=5000} gives it more time.
 */
public final class LatchStress {
  private static final long PAGE = 1;
  private static final long OTHER = 2;
  private static final LatchQueue QUEUE = new LatchQueue();

  /** Off the heap like the pages; one allocation for all, for it is used a million times. */
  private static final MemorySegment ARENA = Arena.ofAuto().allocate(16L << 20, 64);

  private static long nextOffset;

  private LatchStress() {}

  private static synchronized MemorySegment page() {
    MemorySegment page = ARENA.asSlice(nextOffset, 16);
    nextOffset = (nextOffset + 64) % ARENA.byteSize();
    page.fill((byte) 0);
    return page;
  }

  private static VersionLatch latch() {
    VersionLatch latch = new VersionLatch(QUEUE);
    latch.exclusive(0);
    latch.retag(PAGE);
    latch.releaseExclusive();
    return latch;
  }

  private static void write(MemorySegment page, long value) {
    page.set(PageLayout.LONG, 0, value);
    page.set(PageLayout.LONG, 8, value);
  }

  private static void read(MemorySegment page, JJ_Result r) {
    r.r1 = page.get(PageLayout.LONG, 0);
    r.r2 = page.get(PageLayout.LONG, 8);
  }

  /**
   * What was read stays in local variables until it is validated: else the compiler could not move
   * the reads behind that, and nothing would show that it may not.
   */
  private static void readOptimistically(
      VersionLatch latch, long stamp, MemorySegment page, JJ_Result r) {
    long first = page.get(PageLayout.LONG, 0);
    long second = page.get(PageLayout.LONG, 8);
    if (latch.validate(stamp)) {
      r.r1 = first;
      r.r2 = second;
    } else {
      nothing(r);
    }
  }

  private static void nothing(JJ_Result r) {
    r.r1 = -1;
    r.r2 = -1;
  }

  /** A reader without a latch against a writer. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1", "-1, -1"},
      expect = ACCEPTABLE,
      desc = "before, after, or not validated")
  @Outcome(expect = FORBIDDEN, desc = "half a write was validated")
  @State
  public static class OptimisticReadAndWriter {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    @Actor
    public void writer() {
      latch.exclusive(PAGE);
      write(page, 1);
      latch.releaseExclusive();
    }

    @Actor
    public void reader(JJ_Result r) {
      long stamp = latch.optimistic();
      readOptimistically(latch, stamp, page, r);
    }
  }

  /** The same when the writer hands over to readers without a gap. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1", "-1, -1"},
      expect = ACCEPTABLE,
      desc = "before, after, or not validated")
  @Outcome(expect = FORBIDDEN, desc = "half a write was validated")
  @State
  public static class OptimisticReadAndDowngrade {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    @Actor
    public void writer() {
      latch.exclusive(PAGE);
      write(page, 1);
      latch.downgrade();
      latch.releaseShared();
    }

    @Actor
    public void reader(JJ_Result r) {
      long stamp = latch.optimistic();
      readOptimistically(latch, stamp, page, r);
    }
  }

  /** A reader with the shared latch against a writer. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1"},
      expect = ACCEPTABLE,
      desc = "before or after")
  @Outcome(expect = FORBIDDEN, desc = "half a write was seen")
  @State
  public static class SharedAndExclusive {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    @Actor
    public void writer() {
      latch.exclusive(PAGE);
      write(page, 1);
      latch.releaseExclusive();
    }

    @Actor
    public void reader(JJ_Result r) {
      latch.shared(PAGE);
      read(page, r);
      latch.releaseShared();
    }
  }

  /** Two writers. */
  @JCStressTest
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both")
  @Outcome(expect = FORBIDDEN, desc = "a write was lost")
  @State
  public static class TwoWriters {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    private void increment() {
      latch.exclusive(PAGE);
      write(page, page.get(PageLayout.LONG, 0) + 1);
      latch.releaseExclusive();
    }

    @Actor
    public void one() {
      increment();
    }

    @Actor
    public void two() {
      increment();
    }

    @Arbiter
    public void after(JJ_Result r) {
      read(page, r);
    }
  }

  /** Two readers without a latch that want to write what they read, plus one. */
  @JCStressTest
  @Outcome(
      id = {"1, 0, 1", "0, 1, 1", "1, 1, 2"},
      expect = ACCEPTABLE,
      desc = "one after the other, or one gave up")
  @Outcome(expect = FORBIDDEN, desc = "a write was lost, or nobody got through")
  @State
  public static class Upgrade {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    private long increment() {
      long stamp = latch.optimistic();
      long value = page.get(PageLayout.LONG, 0);
      if (!latch.tryExclusiveAt(stamp)) {
        return 0;
      }
      write(page, value + 1);
      latch.releaseExclusive();
      return 1;
    }

    @Actor
    public void one(JJJ_Result r) {
      r.r1 = increment();
    }

    @Actor
    public void two(JJJ_Result r) {
      r.r2 = increment();
    }

    @Arbiter
    public void after(JJJ_Result r) {
      r.r3 = page.get(PageLayout.LONG, 0);
    }
  }

  /** The frame gets another page under a reader without a latch. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "-1, -1"},
      expect = ACCEPTABLE,
      desc = "the page asked for, or not validated")
  @Outcome(expect = FORBIDDEN, desc = "bytes of another page were validated")
  @State
  public static class OptimisticReadAndReclaim {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    @Actor
    public void reclaimer() {
      if (latch.tryExclusive(PAGE)) {
        latch.retag(OTHER);
        write(page, 7);
        latch.releaseExclusive();
      }
    }

    @Actor
    public void reader(JJ_Result r) {
      long stamp = latch.optimistic();
      if (stamp == VersionLatch.NO_STAMP || latch.tag() != PAGE) {
        nothing(r);
        return;
      }
      readOptimistically(latch, stamp, page, r);
    }
  }

  /** The frame gets another page under somebody who wants the latch for the old one. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "-1, -1"},
      expect = ACCEPTABLE,
      desc = "the page asked for, or refused")
  @Outcome(expect = FORBIDDEN, desc = "latched for one page, holding another")
  @State
  public static class SharedAndReclaim {
    private final VersionLatch latch = latch();
    private final MemorySegment page = page();

    @Actor
    public void reclaimer() {
      if (latch.tryExclusive(PAGE)) {
        latch.retag(OTHER);
        write(page, 7);
        latch.releaseExclusive();
      }
    }

    @Actor
    public void reader(JJ_Result r) {
      if (latch.shared(PAGE)) {
        read(page, r);
        latch.releaseShared();
      } else {
        nothing(r);
      }
    }
  }
}
