package dev.redoubt.kv;

/**
 * A key, a value or a transaction is longer than the store takes. The transaction lives and is
 * unchanged.
 */
public final class TooLargeException extends StoreException {
  private static final long serialVersionUID = 1L;

  public TooLargeException(String message) {
    super("too-large", false, message);
  }
}
