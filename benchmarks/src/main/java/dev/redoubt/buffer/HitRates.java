package dev.redoubt.buffer;

import dev.redoubt.io.Environment;
import java.util.function.Function;

/**
 * The share of accesses that find their page in a real pool, under a replacement policy and a trace
 * of page ids. One thread; the same trace gives the same share.
 */
public final class HitRates {
  /** Four KiB: the figures count pages, and small ones are made faster. */
  private static final int PAGE_BYTES = 4096;

  /** Who chooses the pages that make room, and of how many hits it is told of one. */
  public enum Policy {
    CAFFEINE("Caffeine, every hit", 1, CaffeinePolicy::new),
    PAID("paid by faults", 0, CaffeinePolicy::new),
    ONE_IN_4("1 in 4", 4, CaffeinePolicy::new),
    ONE_IN_16("1 in 16", 16, CaffeinePolicy::new),
    ONE_IN_64("1 in 64", 64, CaffeinePolicy::new),
    LRU("LRU", 1, frames -> new LruPolicy()),
    CLOCK("CLOCK", 1, ClockPolicy::new);

    private final String label;
    private final int rate;

    @SuppressWarnings("ImmutableEnumChecker") // the functions capture nothing
    private final Function<Frames, ReplacementPolicy> maker;

    Policy(String label, int rate, Function<Frames, ReplacementPolicy> maker) {
      this.label = label;
      this.rate = rate;
      this.maker = maker;
    }

    /** Head of its column. */
    public String label() {
      return label;
    }
  }

  private HitRates() {}

  /** The share of {@code counted} accesses, after {@code warmUp} others, that were hits. */
  public static double measure(
      Policy policy, int frames, long pages, Trace trace, int warmUp, int counted) {
    SyntheticPages store = new SyntheticPages(PAGE_BYTES, pages);
    BufferPoolOptions options = new BufferPoolOptions(frames, false);
    HitSampler sampler =
        policy == Policy.PAID ? HitSampler.paidByFaults() : HitSampler.oneIn(policy.rate);
    try (BufferPool pool =
        new BufferPool(store, new NoLog(), Environment.system(), options, policy.maker, sampler)) {
      OptimisticPage token = null;
      long hits = 0;
      long seen = 0;
      for (int i = 0; i < warmUp + counted; i++) {
        long pageId = trace.next();
        boolean hit = pool.frames().table.get(pageId) != null;
        if (i >= warmUp && trace.counts()) {
          seen++;
          hits += hit ? 1 : 0;
        }
        token = token == null ? pool.optimistic(pageId) : pool.optimistic(pageId, token);
      }
      return (double) hits / seen;
    }
  }

  /** Page ids one after the other. */
  public interface Trace {
    /** The next page id. */
    long next();

    /** Whether the last id drawn is counted: of a workload polluted by scans the scans are not. */
    boolean counts();
  }
}
