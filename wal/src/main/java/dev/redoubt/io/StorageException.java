package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/**
 * Root of everything that can go wrong with stored data. Unchecked; every message says what
 * happened, where, and what to do.
 */
public abstract class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected StorageException(String message) {
    super(message);
  }

  protected StorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** A short, stable name of the error for programs and for {@code --json}, in kebab case. */
  public abstract String code();

  /** Whether the same call, made again, can succeed without anybody repairing something first. */
  public boolean isRetryable() {
    return false;
  }
}
