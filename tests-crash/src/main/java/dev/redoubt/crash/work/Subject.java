package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An open transactional engine, as a sweep sees it: integers to strings. Write one for an engine of
 * your own. Confined to one thread; transactions of a script never touch the same key at a time.
 */
public interface Subject extends AutoCloseable {
  /** Opens an engine: recovers what is there, creates what is not. */
  @FunctionalInterface
  interface Factory {
    /** At return the engine is open and shows only what no later crash can take back. */
    Subject open(Disk disk, Environment environment);
  }

  /** An open transaction. */
  interface Tx {
    /** Puts; the value is not empty. */
    void put(int key, String value);

    /** Removes the key if it is there. */
    void remove(int key);

    /** A point to roll back to. */
    Object savepoint();

    /** Undoes what came after the savepoint. */
    void rollbackTo(Object savepoint);

    /** Commits; durable at return if {@code sync}, and with it all commits before. */
    void commit(boolean sync);

    /** Undoes everything. */
    void rollback();

    /** Removes the keys from {@code from} on and below {@code to}. */
    default void removeRange(int from, int to) {
      for (int key = from; key < to; key++) {
        remove(key);
      }
    }

    /** Puts it in doubt: at return it survives any crash, until {@link Subject#decide}. */
    default void prepare(String name) {
      throw new UnsupportedOperationException("this engine knows no transactions in doubt");
    }
  }

  /** Names of the transactions in doubt. */
  default List<String> inDoubt() {
    return List.of();
  }

  /** Ends one in doubt. That is durable at return. */
  default void decide(String name, boolean commit) {
    throw new UnsupportedOperationException("this engine knows no transactions in doubt");
  }

  /** Everything committed, and the names of what is in doubt. */
  default Contents shown() {
    TreeMap<String, SortedMap<Integer, String>> names = new TreeMap<>();
    inDoubt().forEach(name -> names.put(name, Collections.emptySortedMap()));
    return new Contents(contents().entries(), names);
  }

  /** Begins a transaction. */
  Tx begin();

  /** Takes a checkpoint. */
  void checkpoint();

  /** Does a step of what background threads would do. */
  void idle();

  /** Everything committed. */
  Contents contents();

  /** Checks the whole structure; throws an {@link AssertionError} that names what is wrong. */
  void verify();

  /** Checks that each update in the log was compensated once at most, if there is such a log. */
  default void checkClrs() {}

  /** Drops everything as the death of the process would: writes nothing. */
  void abandon();

  @Override
  void close();
}
