package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The plainest store there is: a sorted map, one transaction at a time. What others are compared
 * with, and on what workloads and checkers are tried. Clients that share a {@link Contents} are
 * clients of one store.
 */
public final class MapClient implements Client {
  /** What such clients share. */
  public static final class Contents {
    private final ReentrantLock mutex = new ReentrantLock();
    private final NavigableMap<String, Value> entries = new TreeMap<>();

    /** Empty. */
    public Contents() {}
  }

  private final Contents contents;

  /** A client of that store. */
  public MapClient(Contents contents) {
    this.contents = contents;
  }

  /**
   * Waits until the transaction that is running has ended; commit and rollback are by its thread.
   */
  @Override
  public Tx begin(boolean readOnly) {
    contents.mutex.lock();
    return new MapTx(contents);
  }

  @Override
  public void close() {}

  private static final class MapTx implements Tx {
    private record Before(String key, @Nullable Value value) {}

    private final Contents contents;
    private final List<Before> undo = new ArrayList<>();
    private final Map<Integer, Integer> savepoints = new HashMap<>();

    MapTx(Contents contents) {
      this.contents = contents;
    }

    @Override
    public @Nullable Value read(String key) {
      return contents.entries.get(key);
    }

    private void put(String key, Value value) {
      undo.add(new Before(key, contents.entries.put(key, value)));
    }

    @Override
    public void write(String key, long value) {
      put(key, Value.of(value));
    }

    @Override
    public void append(String key, long element) {
      put(key, (read(key) instanceof Elements list ? list : Elements.of()).with(element));
    }

    @Override
    public void add(String key, long delta) {
      put(key, Value.of((read(key) instanceof Value.Single(long now) ? now : 0) + delta));
    }

    @Override
    public List<MicroOp.Entry> scan(String from, String to, boolean descending) {
      NavigableMap<String, Value> range =
          from.compareTo(to) < 0 ? contents.entries.subMap(from, true, to, false) : new TreeMap<>();
      List<MicroOp.Entry> found = new ArrayList<>();
      (descending ? range.descendingMap() : range)
          .forEach((key, value) -> found.add(new MicroOp.Entry(key, value)));
      return found;
    }

    @Override
    public void savepoint(int number) {
      savepoints.put(number, undo.size());
    }

    @Override
    public void rollbackTo(int number) {
      Integer size = savepoints.get(number);
      if (size == null) {
        throw new IllegalArgumentException("no savepoint " + number);
      }
      undoTo(size);
    }

    private void undoTo(int size) {
      while (undo.size() > size) {
        Before before = undo.removeLast();
        if (before.value() == null) {
          contents.entries.remove(before.key());
        } else {
          contents.entries.put(before.key(), before.value());
        }
      }
    }

    @Override
    public void commit() {
      contents.mutex.unlock();
    }

    @Override
    public void rollback() {
      undoTo(0);
      contents.mutex.unlock();
    }
  }
}
