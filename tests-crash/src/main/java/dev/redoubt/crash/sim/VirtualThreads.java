package dev.redoubt.crash.sim;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;

/** The internals of JDK 25's virtual threads that a scheduler of our own needs. */
final class VirtualThreads {
  private static final MethodHandle CREATE;
  private static final MethodHandle SCHEDULER_OF;
  private static final VarHandle RUN_CONTINUATION;
  private static final java.lang.reflect.Field ID;
  private static final VarHandle RANDOM_SEED;
  private static final VarHandle RANDOM_PROBE;
  private static final VarHandle STATE;
  private static final int BLOCKED;
  private static final int UNBLOCKED;

  static {
    try {
      Class<?> virtual = Class.forName("java.lang.VirtualThread");
      Class<?> builders = Class.forName("java.lang.ThreadBuilders");
      MethodHandles.Lookup own = MethodHandles.lookup();
      MethodHandles.Lookup inside = MethodHandles.privateLookupIn(virtual, own);
      CREATE =
          MethodHandles.privateLookupIn(builders, own)
              .findStatic(
                  builders,
                  "newVirtualThread",
                  MethodType.methodType(
                      Thread.class, Executor.class, String.class, int.class, Runnable.class));
      SCHEDULER_OF =
          inside
              .findGetter(virtual, "scheduler", Executor.class)
              .asType(MethodType.methodType(Executor.class, Thread.class));
      RUN_CONTINUATION = inside.findVarHandle(virtual, "runContinuation", Runnable.class);
      STATE = inside.findVarHandle(virtual, "state", int.class);
      BLOCKED = (int) inside.findStaticVarHandle(virtual, "BLOCKED", int.class).get();
      UNBLOCKED = (int) inside.findStaticVarHandle(virtual, "UNBLOCKED", int.class).get();
      ID = Thread.class.getDeclaredField("tid");
      ID.setAccessible(true);
      MethodHandles.Lookup ofThread = MethodHandles.privateLookupIn(Thread.class, own);
      RANDOM_SEED = ofThread.findVarHandle(Thread.class, "threadLocalRandomSeed", long.class);
      RANDOM_PROBE = ofThread.findVarHandle(Thread.class, "threadLocalRandomProbe", int.class);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException("SimJvm.install has not prepared this JVM", e);
    }
  }

  private VirtualThreads() {}

  /** A virtual thread whose scheduler, number and private random numbers are given. */
  static Thread create(Executor scheduler, String name, long id, long seed, Runnable body) {
    try {
      Thread thread = (Thread) CREATE.invokeExact(scheduler, name, 0, body);
      ID.setLong(thread, id);
      RANDOM_SEED.set(thread, seed);
      RANDOM_PROBE.set(thread, (int) id | 1);
      return thread;
    } catch (Throwable e) {
      throw new IllegalStateException("a virtual thread could not be made", e);
    }
  }

  /** What the thread hands to its scheduler whenever it can run. */
  static Runnable continuation(Thread thread) {
    return (Runnable) RUN_CONTINUATION.get(thread);
  }

  /** Whether the thread stands before a monitor, or has just been given one. */
  static boolean isAtMonitor(Thread thread) {
    int state = (int) STATE.getVolatile(thread);
    return state == BLOCKED || state == UNBLOCKED;
  }

  /** The scheduler of a virtual thread. */
  static Executor schedulerOf(Thread thread) {
    try {
      return (Executor) SCHEDULER_OF.invokeExact(thread);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
