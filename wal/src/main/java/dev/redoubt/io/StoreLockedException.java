package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/** Another process, or another opening in this process, has the directory. */
public final class StoreLockedException extends StorageException {
  private static final long serialVersionUID = 1L;

  public StoreLockedException(String message) {
    super(message);
  }

  public StoreLockedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "locked";
  }
}
