package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/**
 * No space is left for what was asked. Nothing was changed; after space has been freed the same
 * call may be made again.
 */
public final class DiskFullException extends StorageIoException {
  private static final long serialVersionUID = 1L;

  public DiskFullException(String message) {
    super(message);
  }

  public DiskFullException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "disk-full";
  }
}
