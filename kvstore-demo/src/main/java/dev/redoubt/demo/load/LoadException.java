package dev.redoubt.demo.load;

/** A load stopped; {@code getCause} says why, {@link #durableLines} how far it came. */
public final class LoadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long durableLines;

  LoadException(long durableLines, RuntimeException cause) {
    super(cause.getMessage(), cause);
    this.durableLines = durableLines;
  }

  /** Lines 1 to this are durable; the batch that failed left nothing. */
  public long durableLines() {
    return durableLines;
  }
}
