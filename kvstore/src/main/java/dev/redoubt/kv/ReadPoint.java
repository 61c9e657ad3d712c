package dev.redoubt.kv;

/** Which commits a read-only transaction sees. */
public enum ReadPoint {
  /**
   * Everything whose {@code commit} had returned when the transaction began. Once an {@link
   * Durability#ASYNC} commit has returned, that includes it and the commits before it, though a
   * crash can still lose them; as long as nobody commits {@code ASYNC} all of it is durable.
   */
  ACKNOWLEDGED,
  /** Only what was durable when the transaction began: no crash can take back what it returns. */
  DURABLE
}
