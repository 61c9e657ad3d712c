package dev.redoubt.crash.sim.hook;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls into the simulation from rewritten code. There are two copies of this class: the one that
 * counts was loaded by the boot loader. Outside simulated threads it does what the rewritten code
 * would have done. Thread-safe.
 */
public final class SimHook {
  /** Before a call of a lock, an atomic or another class of {@code java.util.concurrent}. */
  public static final int LOCK = 0;

  /** Before an access to a field. */
  public static final int FIELD = 1;

  /** In a spin: others must get their turn. */
  public static final int SPIN = 2;

  /** A critical section of a map begins: no yields, for the JVM holds a monitor. */
  public static final int ENTER = 3;

  /** It ends. */
  public static final int EXIT = 4;

  /** What the clock answers to a thread that is not simulated. */
  public static final long REAL = Long.MIN_VALUE;

  private static final long EPOCH_MILLIS = 1_767_225_600_000L; // 2026-01-01, as SimEnvironment
  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** The virtual clock, in nanoseconds, or {@link #REAL}; null before the first simulation. */
  public static volatile @Nullable LongSupplier clock;

  /** Where a simulated thread may be made to yield; null before the first simulation. */
  public static volatile @Nullable IntConsumer points;

  /** The JVM's instrumentation, for those who prepare another class loader. */
  public static volatile @Nullable Object instrumentation;

  private SimHook() {}

  private static long virtualNanos() {
    LongSupplier known = clock;
    return known == null || !Thread.currentThread().isVirtual() ? REAL : known.getAsLong();
  }

  /** Instead of {@link System#nanoTime}. */
  public static long nanoTime() {
    long nanos = virtualNanos();
    return nanos == REAL ? System.nanoTime() : nanos;
  }

  /** Instead of {@link System#currentTimeMillis}. */
  public static long currentTimeMillis() {
    long nanos = virtualNanos();
    return nanos == REAL ? System.currentTimeMillis() : EPOCH_MILLIS + nanos / NANOS_PER_MILLI;
  }

  /** Instead of {@link Thread#onSpinWait}. */
  public static void onSpinWait() {
    Thread.onSpinWait();
    point(SPIN);
  }

  /** Before a call into {@code java.util.concurrent}. */
  public static void lockPoint() {
    point(LOCK);
  }

  /** Before an access to a field. */
  public static void fieldPoint() {
    point(FIELD);
  }

  /** A call begins in which a library may hold a monitor. */
  public static void enter() {
    point(ENTER);
  }

  /** It ends. */
  public static void exit() {
    point(EXIT);
  }

  /** Instead of {@link ConcurrentHashMap#compute}. */
  public static <K, V> @Nullable V compute(
      ConcurrentHashMap<K, V> map,
      K key,
      BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> change) {
    point(ENTER);
    try {
      return map.compute(key, change);
    } finally {
      point(EXIT);
    }
  }

  /** Instead of {@link ConcurrentHashMap#computeIfPresent}. */
  public static <K, V> @Nullable V computeIfPresent(
      ConcurrentHashMap<K, V> map,
      K key,
      BiFunction<? super K, ? super V, ? extends @Nullable V> change) {
    point(ENTER);
    try {
      return map.computeIfPresent(key, change);
    } finally {
      point(EXIT);
    }
  }

  /** Instead of {@link ConcurrentHashMap#computeIfAbsent}. */
  public static <K, V> @Nullable V computeIfAbsent(
      ConcurrentHashMap<K, V> map, K key, Function<? super K, ? extends @Nullable V> make) {
    point(ENTER);
    try {
      return map.computeIfAbsent(key, make);
    } finally {
      point(EXIT);
    }
  }

  private static void point(int kind) {
    IntConsumer known = points;
    if (known != null && Thread.currentThread().isVirtual()) {
      known.accept(kind);
    }
  }
}
