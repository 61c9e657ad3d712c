package dev.redoubt.demo.serve;

/** The server refused a request, or could not carry it out. */
public final class ServerException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final Outcome outcome;

  ServerException(String code, Outcome outcome, String message) {
    super(message);
    this.code = code;
    this.outcome = outcome;
  }

  /** Short, stable name of the error, in kebab case. */
  public String code() {
    return code;
  }

  /** What it means for the transaction. */
  public Outcome outcome() {
    return outcome;
  }
}
