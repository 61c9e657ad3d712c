package dev.redoubt.kv;

import dev.redoubt.io.StorageException;

/** What can go wrong in the store itself; errors of the disk and the engine are its siblings. */
public abstract sealed class StoreException extends StorageException
    permits ConflictException,
        DecisionException,
        SnapshotTooOldException,
        TooLargeException,
        ClosedException,
        ReadOnlyStoreException,
        TreeMismatchException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean retryable;

  StoreException(String code, boolean retryable, String message) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }

  @Override
  public String code() {
    return code;
  }

  @Override
  public boolean isRetryable() {
    return retryable;
  }
}
