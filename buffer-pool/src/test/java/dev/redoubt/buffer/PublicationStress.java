package dev.redoubt.buffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** What the page table promises: whoever finds a frame finds what was put into it before. */
public final class PublicationStress {
  private static final long LOADED = 7;
  private static final int PAGES = 1 << 16;
  private static final LatchQueue QUEUE = new LatchQueue();
  private static final PageTable TABLE = new PageTable();
  private static final MemorySegment ARENA = Arena.ofAuto().allocate(64L * PAGES, 64);
  private static final AtomicLong NEXT = new AtomicLong();

  private PublicationStress() {}

  /** A frame that nobody has used yet, and a page that no other state uses at the same time. */
  @State
  public static class Place {
    final long pageId = NEXT.getAndIncrement() % PAGES;
    final Frame frame = new Frame(0, QUEUE, new AtomicLongArray(2));
    final MemorySegment memory = ARENA.asSlice(64 * pageId, 64).fill((byte) 0);

    /** The table is the same for all: leaves it as it was. */
    void clear() {
      TABLE.remove(pageId, frame);
    }
  }

  /** A page comes in as {@code BufferPool} brings it in, beside readers without a latch. */
  @JCStressTest
  @Outcome(
      id = {"-1, 7", "7, 7"},
      expect = ACCEPTABLE,
      desc = "not there yet, or loaded")
  @Outcome(expect = FORBIDDEN, desc = "a page was read that was not loaded yet")
  @State
  public static class FaultAndOptimisticRead extends Place {
    @Actor
    public void fault() {
      frame.latch.exclusive(0);
      frame.page = memory;
      frame.latch.retag(pageId);
      TABLE.putIfAbsent(pageId, frame);
      frame.page.set(PageLayout.LONG, 0, LOADED);
      frame.latch.releaseExclusive();
    }

    @Actor
    public void reader(JJ_Result r) {
      r.r1 = -1;
      Frame found = TABLE.get(pageId);
      if (found == null) {
        return;
      }
      long stamp = found.latch.optimistic();
      if (stamp == VersionLatch.NO_STAMP || found.pageId() != pageId) {
        return;
      }
      long value = found.page.get(PageLayout.LONG, 0);
      if (found.latch.validate(stamp)) {
        r.r1 = value;
      }
    }

    @Arbiter
    public void after(JJ_Result r) {
      Frame found = TABLE.get(pageId);
      r.r2 = found == null ? -1 : found.page.get(PageLayout.LONG, 0);
      clear();
    }
  }

  /** Whoever finds a frame sees its memory and what was written before it was entered. */
  @JCStressTest
  @Outcome(
      id = {"-1", "7"},
      expect = ACCEPTABLE,
      desc = "not there yet, or whole")
  @Outcome(expect = FORBIDDEN, desc = "a frame was seen before its contents")
  @State
  public static class EntryAndLookup extends Place {
    @Actor
    public void enter() {
      frame.page = memory;
      memory.set(PageLayout.LONG, 0, LOADED);
      TABLE.putIfAbsent(pageId, frame);
    }

    @Actor
    public void lookUp(J_Result r) {
      Frame found = TABLE.get(pageId);
      if (found == null) {
        r.r1 = -1;
      } else {
        r.r1 = found.hasMemory() ? found.page.get(PageLayout.LONG, 0) : -2;
      }
    }

    @Arbiter
    public void after(J_Result r) {
      clear();
    }
  }

  /** Two faults of one page: one of them brings it in. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = ACCEPTABLE,
      desc = "one entered its frame, the other saw that")
  @Outcome(expect = FORBIDDEN, desc = "a page in two frames, or in none")
  @State
  public static class TwoFaults extends Place {
    private final Frame second = new Frame(1, QUEUE, new AtomicLongArray(2));

    @Actor
    public void one(JJ_Result r) {
      r.r1 = TABLE.putIfAbsent(pageId, frame) ? 1 : 0;
    }

    @Actor
    public void two(JJ_Result r) {
      r.r2 = TABLE.putIfAbsent(pageId, second) ? 1 : 0;
    }

    @Arbiter
    public void after(JJ_Result r) {
      @Nullable Frame found = TABLE.get(pageId);
      if (found != (r.r1 == 1 ? frame : second)) {
        r.r1 = -1;
      }
      clear();
      TABLE.remove(pageId, second);
    }
  }
}
