package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/**
 * The operating system refused or failed a read, write, force or directory operation. The message
 * names the file and the call. Never taken for an end of the log.
 */
public class StorageIoException extends StorageException {
  private static final long serialVersionUID = 1L;

  public StorageIoException(String message) {
    super(message);
  }

  public StorageIoException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "io-error";
  }
}
