package dev.redoubt.buffer;

import dev.redoubt.io.StorageException;

/**
 * Every frame is latched by somebody, so no page can be brought in. Nothing was changed. Close
 * guards, or open the store with more frames; the same call may then succeed.
 */
public final class PoolExhaustedException extends StorageException {
  private static final long serialVersionUID = 1L;

  PoolExhaustedException(long pageId, int frames, int exclusive, long waitedMillis) {
    super(
        "no frame for page "
            + pageId
            + ": all "
            + frames
            + " frames of the buffer pool are held by open guards ("
            + exclusive
            + " exclusively), and no guard was closed in "
            + waitedMillis
            + " ms; close guards or open the store with more frames");
  }

  @Override
  public String code() {
    return "pool-exhausted";
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
