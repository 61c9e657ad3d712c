package dev.redoubt.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Closed-loop clients: each runs its operation again as soon as the last one returned, until the
 * time is over. They are set up before the clock starts.
 */
final class Clients {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** One client's operation, and what to do when its time is over. */
  interface Client extends AutoCloseable {
    void operation(SplittableRandom random) throws Exception;

    @Override
    default void close() {}
  }

  /** Makes a client, in the thread that will run it. */
  interface ClientFactory {
    Client make() throws Exception;
  }

  private final int count;
  private final ThreadFactory threads;
  private final long nanos;
  private final CountDownLatch ready;
  private final CountDownLatch start = new CountDownLatch(1);
  private final Tally tally = new Tally();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile long end;

  private Clients(int count, boolean virtual, Duration time) {
    this.count = count;
    this.threads = virtual ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
    this.nanos = time.toNanos();
    this.ready = new CountDownLatch(count);
  }

  static Sample platform(int count, Duration time, ClientFactory factory) throws Exception {
    return new Clients(count, false, time).run(factory);
  }

  static Sample virtual(int count, Duration time, ClientFactory factory) throws Exception {
    return new Clients(count, true, time).run(factory);
  }

  private Sample run(ClientFactory factory) throws Exception {
    SplittableRandom seeds = new SplittableRandom(count);
    List<Thread> running = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      SplittableRandom random = seeds.split();
      Thread thread = threads.newThread(() -> runOne(factory, random));
      thread.start();
      running.add(thread);
    }
    ready.await();
    long cpu = SYSTEM.getProcessCpuTime();
    long from = System.nanoTime();
    end = from + nanos;
    start.countDown();
    for (Thread each : running) {
      each.join();
    }
    double seconds = (System.nanoTime() - from) / 1e9;
    cpu = SYSTEM.getProcessCpuTime() - cpu;
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a client failed", failed);
    }
    return tally.sample(seconds, cpu);
  }

  private void runOne(ClientFactory factory, SplittableRandom random) {
    boolean told = false;
    try (Client client = factory.make()) {
      ready.countDown();
      told = true;
      start.await();
      loop(client, random);
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
      if (!told) {
        ready.countDown();
      }
    }
  }

  private void loop(Client client, SplittableRandom random) throws Exception {
    Latencies latencies = new Latencies();
    long allocated = allocatedBytes();
    long before = System.nanoTime();
    while (before - end < 0 && failure.get() == null) {
      client.operation(random);
      long now = System.nanoTime();
      latencies.add(now - before);
      before = now;
    }
    tally.add(latencies, allocatedBytes() - allocated);
  }

  private static long allocatedBytes() {
    return Thread.currentThread().isVirtual() ? 0 : THREADS.getCurrentThreadAllocatedBytes();
  }

  /** What the clients of one run did together. */
  private static final class Tally {
    private final Latencies latencies = new Latencies();
    private long allocated;

    synchronized void add(Latencies more, long allocatedBytes) {
      latencies.merge(more);
      allocated += allocatedBytes;
    }

    synchronized Sample sample(double seconds, long cpuNanos) {
      long operations = latencies.count();
      double some = Math.max(1, operations);
      double bytes = allocated > 0 ? allocated / some : -1;
      return new Sample(operations / seconds, latencies, bytes, cpuNanos / some);
    }
  }
}
