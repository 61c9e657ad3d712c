package dev.redoubt.kv;

/**
 * A prepared transaction cannot be named or decided as was asked. Nothing has changed.
 *
 * <p>A decision may be repeated: the store remembers the last ten thousand of this opening. One
 * from before that is {@link Reason#UNKNOWN} by now, as is an id that never was prepared.
 */
public final class DecisionException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** No transaction of that id is prepared, or known to have been decided. */
    UNKNOWN,
    /** It has been decided the other way. */
    DECIDED_OTHERWISE,
    /** Another transaction is prepared under the same global id. */
    DUPLICATE
  }

  private final Reason reason;

  DecisionException(Reason reason, String message) {
    super("decision", false, message);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
