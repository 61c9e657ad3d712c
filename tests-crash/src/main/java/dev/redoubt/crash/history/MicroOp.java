package dev.redoubt.crash.history;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One step of a transaction. What a read found is null where it is not known yet (in the invocation
 * of an operation) or where the key was absent.
 */
public sealed interface MicroOp {
  /** Reads one key. */
  record Read(String key, @Nullable Value found) implements MicroOp {
    @Override
    public String toString() {
      return "r " + key + " " + (found == null ? "nil" : found);
    }
  }

  /** Sets a key to a number. */
  record Write(String key, long value) implements MicroOp {
    @Override
    public String toString() {
      return "w " + key + " " + value;
    }
  }

  /** Appends a number to the list of a key; an absent key is an empty list. */
  record Append(String key, long element) implements MicroOp {
    @Override
    public String toString() {
      return "append " + key + " " + element;
    }
  }

  /** Adds to the number of a key without reading it; an absent key is 0. */
  record Add(String key, long delta) implements MicroOp {
    @Override
    public String toString() {
      return "add " + key + " " + delta;
    }
  }

  /**
   * Reads all keys from {@code from} up to {@code to}, which is left out, in the order of their
   * bytes.
   *
   * @param descending whether the last key comes first
   * @param found what was there, in the order asked for; null if not known yet
   */
  record Scan(String from, String to, boolean descending, @Nullable List<Entry> found)
      implements MicroOp {
    /** Keeps a copy of the entries. */
    public Scan {
      found = found == null ? null : List.copyOf(found);
    }

    /** Whether the range covers a key. */
    public boolean covers(String key) {
      return key.compareTo(from) >= 0 && key.compareTo(to) < 0;
    }

    @Override
    public String toString() {
      String entries =
          found == null
              ? "?"
              : found.stream()
                  .map(e -> e.key() + "=" + e.value())
                  .collect(Collectors.joining(" ", "{", "}"));
      return (descending ? "rscan " : "scan ") + from + ".." + to + " " + entries;
    }
  }

  /** A key and its value in a scan. */
  record Entry(String key, Value value) {}

  /** Remembers this point of the transaction under a number. */
  record Savepoint(int number) implements MicroOp {
    @Override
    public String toString() {
      return "savepoint " + number;
    }
  }

  /** Undoes what the transaction has written since the savepoint of that number. */
  record RollbackTo(int number) implements MicroOp {
    @Override
    public String toString() {
      return "rollback-to " + number;
    }
  }

  /** A read that has not been done yet. */
  static Read read(String key) {
    return new Read(key, null);
  }

  /** A scan that has not been done yet, in ascending order. */
  static Scan scan(String from, String to) {
    return new Scan(from, to, false, null);
  }

  /** The key that this writes; null if it only reads or moves in the transaction. */
  default @Nullable String writtenKey() {
    return switch (this) {
      case Write w -> w.key();
      case Append a -> a.key();
      case Add a -> a.key();
      case Read _, Scan _, Savepoint _, RollbackTo _ -> null;
    };
  }
}
