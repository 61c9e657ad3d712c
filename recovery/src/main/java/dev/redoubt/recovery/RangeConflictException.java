package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;

/**
 * The range belongs to a transaction that has not ended. Nothing was changed, this transaction
 * lives. Roll back and try again later.
 */
public final class RangeConflictException extends StorageException {
  private static final long serialVersionUID = 1L;

  RangeConflictException(String memory, long from, long to, long ownerId) {
    super(
        "bytes "
            + from
            + " to "
            + to
            + " of memory "
            + memory
            + " belong to transaction "
            + ownerId
            + " until it ends; nothing was changed, roll back and try again");
  }

  @Override
  public String code() {
    return "conflict";
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
