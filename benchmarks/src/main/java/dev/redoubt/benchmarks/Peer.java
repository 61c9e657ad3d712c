package dev.redoubt.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store under measurement. Keys and values go in and come out as arrays of their own,
 * so that all pay for the same copies. A peer is used from many threads, a session by one.
 */
interface Peer extends AutoCloseable {
  /**
   * How a peer is opened.
   *
   * @param dir an empty directory, or one that the same peer made
   * @param durable whether a put returns only after a force; otherwise it returns as early as the
   *     peer can without giving up atomicity
   * @param cacheBytes memory for pages or blocks
   * @param keepLog whether checkpoints and flushes are put off, so that a restart has work to do
   * @param larger whether the data are larger than memory: pages go past the operating system's
   *     cache where the peer can, and nothing is read ahead that was not asked for
   */
  record Setup(Path dir, boolean durable, long cacheBytes, boolean keepLog, boolean larger) {
    /** For data that fit into memory. */
    Setup(Path dir, boolean durable, long cacheBytes, boolean keepLog) {
      this(dir, durable, cacheBytes, keepLog, false);
    }
  }

  /** One client's way in. */
  interface Session extends AutoCloseable {
    /** Puts in a transaction of its own. */
    void put(byte[] key, byte[] value) throws Exception;

    byte @Nullable [] get(byte[] key) throws Exception;

    /** Reads up to {@code limit} entries in key order and says how many there were. */
    int scan(byte[] from, int limit) throws Exception;

    /**
     * The same without copies where the peer has a way to that: looks at the first byte of every
     * key and value where they are.
     */
    default int look(byte[] from, int limit) throws Exception {
      return scan(from, limit);
    }

    @Override
    default void close() {}
  }

  Session session() throws Exception;

  /** Puts the keys, each with the value of the same index, in one transaction. */
  void load(byte[][] keys, byte[][] values) throws Exception;

  /** The same with random values. */
  default void load(byte[][] keys) throws Exception {
    SplittableRandom random = new SplittableRandom(keys.length);
    byte[][] values = new byte[keys.length][];
    Arrays.setAll(values, i -> Keys.value(random));
    load(keys, values);
  }

  /**
   * Puts keys in ascending order into the empty store by the peer's way for that, if it is used
   * here; else as {@link #load}, so many a transaction.
   */
  default void bulkLoad(byte[][] keys, int batch) throws Exception {
    for (int i = 0; i < keys.length; i += batch) {
      load(Arrays.copyOfRange(keys, i, Math.min(keys.length, i + batch)));
    }
  }

  /**
   * Ends the work of a load that would go on in the background, as far as the peer can be asked.
   */
  default void settle() throws Exception {}

  @Override
  void close();
}
