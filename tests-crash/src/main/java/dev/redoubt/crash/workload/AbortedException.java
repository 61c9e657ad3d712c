package dev.redoubt.crash.workload;

/** The transaction has had no effect and never will: a conflict, say. */
public final class AbortedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For a reason in words. */
  public AbortedException(String message) {
    super(message);
  }

  /** For a reason of the store's. */
  public AbortedException(Throwable cause) {
    super(cause.toString(), cause);
  }
}
