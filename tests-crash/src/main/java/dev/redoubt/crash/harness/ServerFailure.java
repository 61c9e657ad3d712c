package dev.redoubt.crash.harness;

/** The server did what no disturbance explains: a finding. */
public final class ServerFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What it did, with what it said. */
  public ServerFailure(String message) {
    super(message);
  }
}
