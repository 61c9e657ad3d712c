package dev.redoubt.crash.command;

import dev.redoubt.io.StorageException;

/** What is wanted cannot be had on this machine; the message says what to do. */
final class UnavailableException extends StorageException {
  private static final long serialVersionUID = 1L;

  UnavailableException(String message) {
    super(message);
  }

  @Override
  public String code() {
    return "unavailable";
  }
}
