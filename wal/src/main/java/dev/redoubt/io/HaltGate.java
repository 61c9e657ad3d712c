package dev.redoubt.io;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The one gate that is shut after a failure that must not be followed by another write (I-9). Shut
 * once, it stays shut until the store is opened again. Thread-safe.
 */
public final class HaltGate {
  private final AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();

  /** Makes an open gate. */
  public HaltGate() {}

  /** Shuts the gate; the first cause is kept. Returns the exception to throw. */
  public EngineHaltedException halt(Throwable why) {
    if (cause.compareAndSet(null, why)) {
      HaltEvent event = new HaltEvent();
      event.reason = why.toString();
      event.commit();
    }
    return exception();
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
