package dev.redoubt.demo;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/** What {@link SimulationSeam} must see; never run. Methods named {@code allowed…} it must not. */
final class SimulationEscapes {
  private SimulationEscapes() {}

  static Thread newThread() {
    return new Thread(() -> {});
  }

  static Function<Runnable, Thread> threadReference() {
    return Thread::new;
  }

  static Thread virtualThread() {
    return Thread.ofVirtual().unstarted(() -> {});
  }

  static Thread platformThread() {
    return Thread.ofPlatform().unstarted(() -> {});
  }

  static Thread startedThread() {
    return Thread.startVirtualThread(() -> {});
  }

  static void sleep() throws InterruptedException {
    Thread.sleep(1);
  }

  static long nanos() {
    return System.nanoTime();
  }

  static long millis() {
    return System.currentTimeMillis();
  }

  static Instant now() {
    return Instant.now();
  }

  static double mathRandom() {
    return Math.random();
  }

  static int threadLocalRandom() {
    return ThreadLocalRandom.current().nextInt(5);
  }

  static Random random() {
    return new Random(1);
  }

  static SplittableRandom seedless() {
    return new SplittableRandom();
  }

  static ExecutorService executor() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }

  static ForkJoinPool commonPool() {
    return ForkJoinPool.commonPool();
  }

  static CompletableFuture<Integer> asyncWithoutExecutor() {
    return CompletableFuture.supplyAsync(() -> 1);
  }

  static CompletableFuture<Integer> thenAsyncWithoutExecutor(CompletableFuture<Integer> future) {
    return future.thenApplyAsync(i -> i + 1);
  }

  static long parallel(List<Integer> list) {
    return list.parallelStream().count();
  }

  static SplittableRandom allowedSeeded() {
    return new SplittableRandom(1);
  }

  static CompletableFuture<Integer> allowedAsync(Executor executor) {
    return CompletableFuture.supplyAsync(() -> 1, executor);
  }
}
