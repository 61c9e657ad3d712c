package dev.redoubt.io;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The one gate that is shut after a failure that must not be followed by another write (I-9). Shut
 * once, it stays shut until the store is opened again. Thread-safe.
 */
public final class HaltGate {
  private final AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();

  private final List<Runnable> whenHalted = new CopyOnWriteArrayList<>();

  /** Makes an open gate. */
  public HaltGate() {}

  /** Shuts the gate; the first cause is kept. Returns the exception to throw. */
  public EngineHaltedException halt(Throwable why) {
    if (cause.compareAndSet(null, why)) {
      for (Runnable action : whenHalted) {
        tell(action, why);
      }
      if (FlightRecorder.isInitialized()) {
        HaltEvent event = new HaltEvent();
        event.reason = why.toString();
        event.commit();
      }
    }
    return exception();
  }

  /** One that fails must not keep the others from being told. */
  private static void tell(Runnable action, Throwable why) {
    try {
      action.run();
    } catch (Throwable t) {
      if (!t.equals(why)) { // which cannot suppress itself
        why.addSuppressed(t);
      }
    }
  }

  /**
   * Returns if the gate is open.
   *
   * @throws EngineHaltedException if it is shut
   */
  public void check() {
    if (cause.get() != null) {
      throw exception();
    }
  }

  public boolean isHalted() {
    return cause.get() != null;
  }

  /** Has {@code action} run when the gate is shut, by whoever shuts it. It must not block. */
  public void whenHalted(Runnable action) {
    whenHalted.add(action);
    if (isHalted()) {
      action.run();
    }
  }

  /** Why the gate was shut; null while it is open. */
  public @Nullable Throwable cause() {
    return cause.get();
  }

  private EngineHaltedException exception() {
    Throwable why = cause.get();
    return new EngineHaltedException(
        "the engine halted and will write nothing more; close the store and open it again to"
            + " recover everything acknowledged. Cause: "
            + why,
        why);
  }
}
