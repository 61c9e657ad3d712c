package dev.redoubt.kv;

import dev.redoubt.io.HaltGate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a store can be used.
 *
 * @param state where it stands
 * @param cause why it failed, before it was closed perhaps; null if it did not
 */
public record StoreHealth(State state, @Nullable Throwable cause) {
  /** Where a store stands. */
  public enum State {
    /** It takes work. */
    OPEN,
    /**
     * A write or a force failed, and it writes nothing more: close it and open it again, which
     * recovers everything acknowledged. Every call that would write throws {@link
     * dev.redoubt.io.EngineHaltedException}.
     */
    FAILED,
    /** It has been closed. */
    CLOSED
  }

  static StoreHealth of(boolean closed, HaltGate gate) {
    Throwable why = gate.cause();
    if (closed) {
      return new StoreHealth(State.CLOSED, why);
    }
    return new StoreHealth(why == null ? State.OPEN : State.FAILED, why);
  }
}
