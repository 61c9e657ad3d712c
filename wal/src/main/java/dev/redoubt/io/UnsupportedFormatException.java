package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/** The file was written by a format version that this code does not read. Nothing was changed. */
public final class UnsupportedFormatException extends StorageException {
  private static final long serialVersionUID = 1L;

  public UnsupportedFormatException(String message) {
    super(message);
  }

  public UnsupportedFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "unsupported-format";
  }
}
