package dev.redoubt.crash.differential;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ordered store of texts, seen by one client: all that is done is done in one transaction at a
 * time. Keys are ordered by the bytes of their UTF-8.
 */
public interface OrderedStore extends AutoCloseable {
  /** Which neighbour of a key is asked for. */
  enum Neighbour {
    LOWER,
    FLOOR,
    CEILING,
    HIGHER
  }

  /** For messages. */
  String name();

  void begin();

  void commit();

  void rollback();

  /** The value, the transaction's own writes included; null if there is none. */
  @Nullable String get(String key);

  void put(String key, String value);

  void remove(String key);

  /**
   * At most {@code limit} entries from {@code from} up to {@code to}, left out, or from its end.
   */
  List<Map.Entry<String, String>> range(String from, String to, boolean descending, int limit);

  /** The entry beside a key, or at it; null if there is none. */
  Map.@Nullable Entry<String, String> neighbour(Neighbour which, String key);

  /** Makes a savepoint on top of those there are. */
  void savepoint();

  /** Undoes what was written since the topmost savepoint, which is gone then. */
  void rollbackToSavepoint();

  /** Closes the store and opens it again; no transaction is open. */
  void reopen();

  @Override
  void close();
}
