package dev.redoubt.wal;

import dev.redoubt.io.StorageException;

/** A log that another process writes changed too fast to be looked at. Nothing is wrong with it. */
public final class LogInUseException extends StorageException {
  private static final long serialVersionUID = 1L;

  LogInUseException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "in-use";
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
