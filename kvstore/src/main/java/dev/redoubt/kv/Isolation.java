package dev.redoubt.kv;

/** What a read-write transaction may not notice of others. */
public enum Isolation {
  /**
   * As if transactions ran one after the other, in the order of their commits: what the transaction
   * has read, keys, absent keys and ranges, is validated at commit against what others committed
   * meanwhile, and a {@link ConflictException} asks to run it again if any of that has changed.
   * Writes without reading never conflict. The default.
   */
  SERIALIZABLE,
  /**
   * Reads are of one snapshot and are not validated; the first to update a key wins, and a
   * transaction that wants to write a key that was changed after its snapshot gets a {@link
   * ConflictException}. Two transactions may each write what the other has read (write skew).
   */
  SNAPSHOT
}
