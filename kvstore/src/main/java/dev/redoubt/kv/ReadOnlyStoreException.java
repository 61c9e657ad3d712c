package dev.redoubt.kv;

/** The store was opened for reading only. Nothing was done, and nothing else has changed. */
public final class ReadOnlyStoreException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** An exception with that message. */
  public ReadOnlyStoreException(String message) {
    super("read-only", false, message);
  }
}
