package dev.redoubt.demo.output;

/** Told how far long work has come. Thread-safe. */
public interface Progress extends AutoCloseable {
  /** Shows nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void update(double fraction, long count) {}

        @Override
        public void show(double fraction, String text) {}

        @Override
        public void close() {}
      };

  /** When {@code fraction} is not known. */
  double UNKNOWN = -1;

  /**
   * Work has come so far; cheap, so call it often.
   *
   * @param fraction of all the work, 0 to 1, or {@link #UNKNOWN}
   * @param count things done
   */
  void update(double fraction, long count);

  /** The same with the caller's own words behind the bar. */
  void show(double fraction, String text);

  /** Takes the bar away: what is printed next stands in its place. */
  @Override
  void close();
}
