package dev.redoubt.kv;

/**
 * Another transaction owns the key, or waiting for it would be a deadlock. The transaction is
 * doomed: roll it back and run it again ({@code write} does).
 */
public final class ConflictException extends StoreException {
  private static final long serialVersionUID = 1L;

  public ConflictException(String message) {
    super("conflict", true, message);
  }
}
