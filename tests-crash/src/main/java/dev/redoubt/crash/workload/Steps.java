package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction does with keys. Keys are ordered by their bytes. Whatever is thrown, the
 * transaction can only be rolled back after it.
 */
public interface Steps {
  /** What the key holds, the transaction's own writes included; null if it is absent. */
  @Nullable Value read(String key);

  /** Sets the key to a number. */
  void write(String key, long value);

  /** Appends to the list of the key, which begins empty. */
  void append(String key, long element);

  /**
   * Adds to the number of the key, which begins with 0. Whether that is a read is up to the store.
   */
  void add(String key, long delta);

  /** All keys from {@code from} to {@code to}, left out, in order or the last one first. */
  List<MicroOp.Entry> scan(String from, String to, boolean descending);

  /** Remembers this point under a number, again if there was one. */
  void savepoint(int number);

  /** Undoes all writes since the savepoint of that number, which stays; later ones are gone. */
  void rollbackTo(int number);
}
