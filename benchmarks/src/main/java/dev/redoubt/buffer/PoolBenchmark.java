package dev.redoubt.buffer;

import dev.redoubt.io.Environment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Pages that are in memory: finding one, and reading it in each mode. {@code pages} of 256 is what
 * the processor's caches hold, 65536 is a pool of 512 MiB. {@code where} says whether the threads
 * go to pages of their own or all to one page. What telling hits costs: {@code -p
 * rate=0,1,4,16,64}.
 *
 * <pre>
 *   java -jar benchmarks/target/benchmarks.jar jmh PoolBenchmark -prof gc -t 1
 *   java -jar benchmarks/target/benchmarks.jar jmh PoolBenchmark -prof gc -t 2
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PoolBenchmark {
  private static final int PAGE_BYTES = 8192;

  /** Pages in the pool, a power of two. */
  @Param({"256", "65536"})
  public int pages;

  /** Pages of one's own, or the same one. */
  @Param({"own", "same"})
  public String where;

  /** One hit in so many is told to Caffeine; 0 as the faults pay for it. */
  @Param("0")
  public int rate;

  private BufferPool pool;

  /** Fills the pool. */
  @Setup
  public void open() {
    SyntheticPages store = new SyntheticPages(PAGE_BYTES, pages);
    BufferPoolOptions options =
        new BufferPoolOptions(pages + pages / 8, false, BufferPoolOptions.Replacement.CAFFEINE);
    HitSampler sampler = rate == 0 ? HitSampler.paidByFaults() : HitSampler.oneIn(rate);
    pool =
        new BufferPool(
            store, new NoLog(), Environment.system(), options, CaffeinePolicy::new, sampler);
    for (long id = 1; id <= pages; id++) {
      pool.shared(id).close();
    }
  }

  /** Closes the pool. */
  @TearDown
  public void close() {
    pool.close();
  }

  /** Which page a thread goes to next: random ones among its own. */
  @State(Scope.Thread)
  public static class Walk {
    private long state;
    private long first;
    private long mask;
    private OptimisticPage token;

    /** Shares the pages out among the threads. */
    @Setup
    public void begin(PoolBenchmark benchmark, ThreadParams threads) {
      state = 0x9E3779B97F4A7C15L * (threads.getThreadIndex() + 1);
      long own = Long.highestOneBit(benchmark.pages / threads.getThreadCount());
      first = 1 + own * threads.getThreadIndex();
      mask = own - 1;
      if (benchmark.where.equals("same")) {
        first = 1;
        mask = 0;
      }
      token = benchmark.pool.optimistic(1);
    }

    long next() {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      return first + (state & mask);
    }
  }

  /** Choosing the page, which every figure includes. */
  @Benchmark
  public long choose(Walk walk) {
    return walk.next();
  }

  /** The page table alone. */
  @Benchmark
  public @Nullable Object lookup(Walk walk) {
    return pool.frames().table.get(walk.next());
  }

  /** Eight bytes of the page, without a latch, validated. */
  @Benchmark
  public long optimistic(Walk walk) {
    long id = walk.next();
    OptimisticPage page = walk.token;
    for (; ; ) {
      pool.optimistic(id, page);
      long found = PageLayout.pageId(page.page());
      if (page.validate()) {
        return found;
      }
    }
  }

  /** The same under the shared latch. */
  @Benchmark
  public long shared(Walk walk) {
    try (PageGuard guard = pool.shared(walk.next())) {
      return PageLayout.pageId(guard.page());
    }
  }

  /** The same under the exclusive latch. */
  @Benchmark
  public long exclusive(Walk walk) {
    try (PageGuard guard = pool.exclusive(walk.next())) {
      return PageLayout.pageId(guard.page());
    }
  }
}
