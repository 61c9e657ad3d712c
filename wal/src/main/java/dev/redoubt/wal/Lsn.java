package dev.redoubt.wal;

/**
 * Log sequence number: the byte offset of a record's frame in the whole, endless log, headers and
 * padding included. Monotonic and comparable; 0 is never a record.
 *
 * <p>Hot paths and codecs carry the raw {@code long} under a name that ends in {@code Lsn}.
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** No record: the end of a back chain, a page that no record has touched. */
  public static final Lsn NULL = new Lsn(0);

  public Lsn {
    if (value < 0) {
      throw new IllegalArgumentException("an LSN is not negative: " + value);
    }
  }

  public static Lsn of(long value) {
    return value == 0 ? NULL : new Lsn(value);
  }

  public boolean isNull() {
    return value == 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
