package dev.redoubt.demo.load;

/** Told how a load goes, by one thread at a time. */
public interface LoadListener {
  /** A listener that does nothing. */
  LoadListener NONE = (durableLines, durableEntries) -> {};

  /**
   * A commit was acknowledged.
   *
   * @param durableLines the largest n such that lines 1 to n are dealt with: their entries durable,
   *     comments and bad lines passed over. Never falls
   * @param durableEntries put so far, by lines past {@code durableLines} too
   */
  void acknowledged(long durableLines, long durableEntries);
}
