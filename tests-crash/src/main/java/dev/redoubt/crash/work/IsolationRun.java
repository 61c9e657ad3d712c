package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.ConflictException;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Isolation;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTree;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreException;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TransactionOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Interleaves transactions of one thread on few keys and knows at every step what each must see:
 * its own writes over the state of its snapshot, and which commits must be refused. Same seed, same
 * run.
 */
public final class IsolationRun {
  private static final TreeDef<String, String> TREE =
      TreeDef.of("keys", Codecs.UTF_8, Codecs.UTF_8);
  private static final int KEYS = 14;

  private final SplittableRandom random;
  private final Store store;

  /** The state after each commit, from the empty one on. */
  private final List<TreeMap<Integer, String>> states = new ArrayList<>(List.of(new TreeMap<>()));

  /** Commit that last wrote each key, as an index of a state. */
  private final Map<Integer, Integer> lastWritten = new HashMap<>();

  private final List<@Nullable Writer> writers = new ArrayList<>();
  private final List<@Nullable Reader> readers = new ArrayList<>();
  private int values;
  private int refused;

  /** A run on a store of its own. */
  public IsolationRun(StoreOptions options, long seed) {
    this.random = new SplittableRandom(seed);
    this.store =
        Store.open(
            SimDisk.create(), SimEnvironment.withoutThreads(seed), options, RecoveryListener.NONE);
    for (int i = 0; i < 3; i++) {
      writers.add(null);
      readers.add(null);
    }
  }

  /** Commits that were refused, all of them rightly. */
  public int refused() {
    return refused;
  }

  /**
   * Does so many steps.
   *
   * @throws AssertionError if a transaction sees, or is granted, what it must not
   */
  public void run(int steps) {
    for (int i = 0; i < steps; i++) {
      int slot = random.nextInt(writers.size());
      if (random.nextInt(3) == 0) {
        read(slot);
      } else {
        write(slot);
      }
      if (random.nextInt(20) == 0) {
        store.engine().tick();
      }
    }
    writers.forEach(each -> end(each));
    store.abandon();
  }

  private static void end(@Nullable Writer writer) {
    if (writer != null) {
      writer.tx.rollback();
    }
  }

  private int newest() {
    return states.size() - 1;
  }

  private static String name(int key) {
    return String.format("key-%03d", key);
  }

  private static void check(@Nullable Object expected, @Nullable Object found, String what) {
    if (!Objects.equals(expected, found)) {
      throw new AssertionError(what + ": expected " + expected + ", found " + found);
    }
  }

  private Map<Integer, String> scan(ReadTree<String, String> tree, int from) {
    Map<Integer, String> found = new TreeMap<>();
    for (Map.Entry<String, String> entry : tree.range(KeyRange.atLeast(name(from)))) {
      found.put(Integer.parseInt(entry.getKey().substring(4)), entry.getValue());
    }
    return found;
  }

  private record Reader(ReadTx tx, int snapshot) {}

  private void read(int slot) {
    Reader reader = readers.get(slot);
    if (reader == null) {
      readers.set(slot, new Reader(store.beginRead(), newest()));
      return;
    }
    TreeMap<Integer, String> state = states.get(reader.snapshot);
    int key = random.nextInt(KEYS);
    switch (random.nextInt(8)) {
      case 0 -> {
        reader.tx.close();
        readers.set(slot, null);
      }
      case 1, 2 ->
          check(state.tailMap(key), scan(reader.tx.tree(TREE), key), "a reader's scan from " + key);
      default -> check(state.get(key), reader.tx.tree(TREE).get(name(key)), "a reader's " + key);
    }
  }

  private void write(int slot) {
    Writer writer = writers.get(slot);
    if (writer == null) {
      boolean weak = random.nextInt(3) == 0;
      TransactionOptions how =
          new TransactionOptions(
              weak ? Isolation.SNAPSHOT : Isolation.SERIALIZABLE, Durability.SYNC);
      writers.set(slot, new Writer(store.beginWrite(how), weak));
    } else if (writer.step()) {
      writers.set(slot, null);
    }
  }

  /** A transaction and what is known of it. */
  private final class Writer {
    private final WriteTx tx;
    private final boolean weak;
    private final TreeMap<Integer, @Nullable String> own = new TreeMap<>();
    private final Set<Integer> reads = new HashSet<>();

    /** Keys that it has changed: to remove what is not there owns the key and changes nothing. */
    private final Set<Integer> written = new HashSet<>();

    private int scannedFrom = KEYS;
    private int snapshot = -1;
    private boolean doomed;

    Writer(WriteTx tx, boolean weak) {
      this.tx = tx;
      this.weak = weak;
    }

    /** Does something; true if that ended it. */
    boolean step() {
      int key = random.nextInt(KEYS);
      int dice = random.nextInt(20);
      if (dice < 2) {
        tx.rollback();
        return true;
      }
      if (doomed || dice < 5) {
        return commit();
      }
      if (dice < 9) {
        get(key);
      } else if (dice < 11) {
        scanFrom(key);
      } else if (isFree(key)) {
        change(key, dice < 17);
      }
      return false;
    }

    private boolean isFree(int key) {
      return writers.stream()
          .noneMatch(each -> each != null && each != this && each.own.containsKey(key));
    }

    private SortedMap<Integer, String> seen() {
      if (snapshot < 0) {
        snapshot = newest();
      }
      SortedMap<Integer, String> seen = new TreeMap<>(states.get(snapshot));
      own.forEach((key, value) -> set(seen, key, value));
      return seen;
    }

    private void get(int key) {
      check(seen().get(key), tx.tree(TREE).get(name(key)), "a writer's " + key);
      if (!own.containsKey(key)) {
        reads.add(key);
      }
    }

    private void scanFrom(int key) {
      Map<Integer, String> found = scan(tx.tree(TREE), key);
      check(seen().tailMap(key), found, "a writer's scan from " + key);
      scannedFrom = Math.min(scannedFrom, key);
    }

    private void change(int key, boolean put) {
      String value = put ? "v" + values++ + "x".repeat(random.nextInt(300)) : null;
      // Only under SNAPSHOT does a write that reads nothing take the snapshot.
      if (weak && snapshot < 0) {
        snapshot = newest();
      }
      boolean late = weak && lastWritten.getOrDefault(key, 0) > snapshot;
      try {
        if (value == null) {
          deleteBlindly(key);
        } else {
          tx.tree(TREE).put(name(key), value);
          written.add(key);
        }
        if (late) {
          throw new AssertionError("key " + key + " was changed since the snapshot of a writer");
        }
        own.put(key, value);
      } catch (ConflictException e) {
        refused++;
        doomed = true;
      }
    }

    /** {@code remove} returns the value, and so reads the key. */
    private void deleteBlindly(int key) {
      if (snapshot < 0) {
        snapshot = newest();
      }
      int newestWrite = lastWritten.getOrDefault(key, 0);
      @Nullable String removed = tx.tree(TREE).remove(name(key));
      if (!weak && newestWrite > snapshot) {
        snapshot = newest(); // it moved on, since all reads so far still hold
      }
      check(seen().get(key), removed, "what a writer removed at " + key);
      if (removed != null) {
        written.add(key);
      }
    }

    private boolean hasToBeRefused() {
      if (doomed) {
        return true;
      }
      for (int i = snapshot + 1; !weak && snapshot >= 0 && i < states.size(); i++) {
        for (int key = 0; key < KEYS; key++) {
          boolean changed = !Objects.equals(states.get(i).get(key), states.get(i - 1).get(key));
          if (changed && (reads.contains(key) || (key >= scannedFrom && !own.containsKey(key)))) {
            return true;
          }
        }
      }
      return false;
    }

    /** A transaction that wrote nothing need not be validated: it has read one state. */
    private boolean commit() {
      boolean mustFail = hasToBeRefused() && (doomed || !written.isEmpty());
      try {
        tx.commit();
      } catch (StoreException e) {
        refused++;
        tx.rollback();
        return true;
      }
      if (mustFail) {
        throw new AssertionError("a commit went through whose reads, or keys, were changed");
      }
      TreeMap<Integer, String> after = new TreeMap<>(states.getLast());
      own.forEach((key, value) -> set(after, key, value));
      if (!written.isEmpty()) {
        states.add(after);
        written.forEach(key -> lastWritten.put(key, newest()));
      }
      return true;
    }
  }

  private static void set(Map<Integer, String> map, int key, @Nullable String value) {
    if (value == null) {
      map.remove(key);
    } else {
      map.put(key, value);
    }
  }
}
