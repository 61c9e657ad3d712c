package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;

/**
 * The log is as long as it may be and what pins it did not move in time. Nothing was changed; the
 * transaction lives and may be rolled back or asked again. The message names what pins the log.
 */
public final class WalCapException extends StorageException {
  private static final long serialVersionUID = 1L;

  WalCapException(long maxWalBytes, String pinned) {
    super(
        "the log has reached its cap of "
            + maxWalBytes
            + " bytes and is pinned by "
            + pinned
            + "; nothing was changed. End what pins it and try again, or open the store with a"
            + " larger maxWalBytes");
  }

  @Override
  public String code() {
    return "wal-cap";
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
