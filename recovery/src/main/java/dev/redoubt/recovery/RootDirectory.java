package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Page 1: names and short values, the fixed entry points of resource managers (a root page id,
 * say). One page of some fifty entries or more, read each time: keep what was found. Thread-safe.
 */
public final class RootDirectory {
  static final long PAGE_ID = 1;

  /** Longest name in UTF-8, and longest value, in bytes. */
  public static final int MAX_BYTES = 64;

  private final BufferPool pool;
  private final RootManager manager;

  RootDirectory(BufferPool pool, RootManager manager) {
    this.pool = pool;
    this.manager = manager;
  }

  /** The value of {@code name}, a copy; null if there is none. */
  public byte @Nullable [] get(String name) {
    try (PageGuard guard = pool.shared(PAGE_ID)) {
      return RootManager.find(guard.page(), name);
    }
  }

  /** All names, sorted. */
  public List<String> names() {
    try (PageGuard guard = pool.shared(PAGE_ID)) {
      return List.copyOf(RootManager.entries(guard.page()).keySet());
    }
  }

  /**
   * Adds "name has this value" to {@code change}; the engine latches page 1 itself when it is
   * logged, and refuses the change before the append if the page is full ({@link
   * IllegalStateException}).
   */
  public void addPut(AtomicChange change, String name, byte[] value) {
    byte[] key = key(name);
    if (value.length > MAX_BYTES) {
      throw new IllegalArgumentException("a value of " + value.length + " bytes, at most 64 fit");
    }
    change.late(PAGE_ID, manager).putByte(RootManager.PUT).putByte(key.length).putBytes(key);
    change.putByte(value.length).putBytes(value);
  }

  /** Adds "name is gone" to {@code change}, in the same way. */
  public void addRemove(AtomicChange change, String name) {
    byte[] key = key(name);
    change.late(PAGE_ID, manager).putByte(RootManager.REMOVE).putByte(key.length).putBytes(key);
    change.putByte(0);
  }

  private static byte[] key(String name) {
    byte[] key = RootManager.utf8(name);
    if (key.length == 0 || key.length > MAX_BYTES) {
      throw new IllegalArgumentException("a name of " + key.length + " bytes, 1 to 64 fit");
    }
    return key;
  }
}
