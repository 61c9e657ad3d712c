package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/**
 * An earlier failure (a failed force, or a failure between append and apply) stopped the engine:
 * nothing more will be written and nothing more is acknowledged. Reopening runs recovery. A commit
 * that was cut off by the halt has an unknown outcome until then.
 */
public final class EngineHaltedException extends StorageException {
  private static final long serialVersionUID = 1L;

  public EngineHaltedException(String message) {
    super(message);
  }

  public EngineHaltedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "halted";
  }
}
