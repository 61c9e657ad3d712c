package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/** The directory does not exist or holds no store. */
public final class NotAStoreException extends StorageException {
  private static final long serialVersionUID = 1L;

  public NotAStoreException(String message) {
    super(message);
  }

  public NotAStoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "not-a-store";
  }
}
