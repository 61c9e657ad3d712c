package dev.redoubt.kv;

/** The store or the transaction has been closed or has ended. Nothing was done. */
public final class ClosedException extends StoreException {
  private static final long serialVersionUID = 1L;

  public ClosedException(String message) {
    super("closed", false, message);
  }
}
