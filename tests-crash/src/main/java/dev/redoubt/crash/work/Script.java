package dev.redoubt.crash.work;

import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.io.DiskFullException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A seeded run of interleaved transactions: puts, removals, runs of neighbouring keys, savepoints,
 * partial and whole rollbacks, commits that wait and that do not, checkpoints, idle steps. Tells an
 * oracle of every commit. Same seed, same calls.
 */
final class Script {
  /** Keys put or removed in one go, so that pages split and empty. */
  private static final int BURST = 12;

  private final ScriptOptions options;
  private final SplittableRandom random;
  private final PrefixOracle<Contents> oracle;

  /** Committed as far as the script knows, and in doubt. */
  private Contents state = Contents.empty();

  private final List<@Nullable Open> open = new ArrayList<>();

  /** Names of those in doubt, by slot: its keys are owned until the decision. */
  private final Map<Integer, String> inDoubt = new HashMap<>();

  private int values;
  private long refused;

  Script(ScriptOptions options, long seed, PrefixOracle<Contents> oracle) {
    this.options = options;
    this.random = new SplittableRandom(seed);
    this.oracle = oracle;
    for (int i = 0; i < options.openAtOnce(); i++) {
      open.add(null);
    }
  }

  /** Changes and checkpoints that were refused since the disk was full. */
  long refused() {
    return refused;
  }

  /** The state that a subject must show once everything open is rolled back. */
  Contents committed() {
    return state;
  }

  /** Runs {@code steps} on a subject. Transactions may still be open at the end: forget them. */
  void run(Subject subject, int steps) {
    for (int i = 0; i < steps; i++) {
      step(subject);
    }
  }

  /** The subject is closing: what is open will be rolled back, what is in doubt stays so. */
  void forgetOpen() {
    open.replaceAll(_ -> null);
  }

  /** Rolls back what is open: now the subject must show {@link #committed} and nothing else. */
  void rollbackOpen() {
    for (Open each : open) {
      if (each != null) {
        each.tx.rollback();
      }
    }
    forgetOpen();
  }

  private void step(Subject subject) {
    int dice = random.nextInt(100);
    if (dice < 3) {
      unlessFull(subject::checkpoint);
    } else if (dice < 6) {
      subject.idle();
    } else {
      int slot = random.nextInt(open.size());
      if (inDoubt.containsKey(slot)) {
        decide(subject, slot);
        return;
      }
      Open transaction = open.get(slot);
      if (transaction == null) {
        transaction = new Open(subject.begin(), slot);
        open.set(slot, transaction);
      }
      if (transaction.step(random.nextInt(100))) {
        open.set(slot, null);
      }
    }
  }

  private void decide(Subject subject, int slot) {
    if (random.nextInt(3) == 0) {
      String name = Objects.requireNonNull(inDoubt.remove(slot));
      boolean commit = random.nextBoolean();
      state = state.decided(name, commit);
      oracle.attempt(state);
      subject.decide(name, commit);
      oracle.acknowledge();
    }
  }

  /**
   * A full disk refuses a change and leaves everything as it was: the script goes on. Commits and
   * rollbacks it must never refuse.
   */
  private void unlessFull(Runnable change) {
    try {
      change.run();
    } catch (DiskFullException full) {
      refused++;
    }
  }

  private String value() {
    int length = 1 + random.nextInt(options.valueBytes());
    if (options.longValueBytes() > 0 && random.nextInt(40) == 0) {
      length = options.longValueBytes();
    }
    String head = "v" + values++ + ".";
    return head + "x".repeat(Math.max(0, length - head.length()));
  }

  /** An open transaction and what it would leave. */
  private final class Open {
    private record Mark(Object savepoint, TreeMap<Integer, @Nullable String> changes) {}

    private final Subject.Tx tx;
    private final int slot;
    private final List<Mark> marks = new ArrayList<>();
    private TreeMap<Integer, @Nullable String> changes = new TreeMap<>();

    /** A range has keys of other slots, which must not wait for it: it commits at once. */
    private boolean ownsOthersKeys;

    Open(Subject.Tx tx, int slot) {
      this.tx = tx;
      this.slot = slot;
    }

    /** Does something; true if that ended the transaction. */
    boolean step(int dice) {
      if (dice < 64) {
        unlessFull(() -> change(dice));
        if (ownsOthersKeys) {
          commit();
          return true;
        }
      } else if (dice < 72) {
        marks.add(new Mark(tx.savepoint(), new TreeMap<>(changes)));
      } else if (dice < 79) {
        rollbackTo();
      } else if (dice < 95) {
        if (options.preparePercent() > 0 && random.nextInt(100) < options.preparePercent()) {
          prepare();
        } else {
          commit();
        }
        return true;
      } else {
        tx.rollback();
        return true;
      }
      return false;
    }

    private void change(int dice) {
      if (dice < 42) {
        put(randomKey());
      } else if (dice < 54) {
        remove(randomKey());
      } else {
        burst(dice < 60);
      }
    }

    private int randomKey() {
      int key = random.nextInt(options.keys());
      return Math.min(options.keys() - 1, key - key % open.size() + slot);
    }

    private boolean mine(int key) {
      return key < options.keys() && key % open.size() == slot;
    }

    private void put(int key) {
      if (mine(key)) {
        String value = value();
        tx.put(key, value);
        changes.put(key, value);
      }
    }

    private void remove(int key) {
      if (mine(key)) {
        tx.remove(key);
        changes.put(key, null);
      }
    }

    private void burst(boolean put) {
      int key = randomKey();
      boolean alone = inDoubt.isEmpty() && open.stream().allMatch(o -> o == null || o == this);
      if (!put && options.rangePercent() > 0 && alone) {
        if (random.nextInt(100) < options.rangePercent()) {
          removeRange(key);
          return;
        }
      }
      for (int i = 0; i < BURST; i++) {
        if (put) {
          put(key);
        } else {
          remove(key);
        }
        key += open.size();
      }
    }

    private void removeRange(int from) {
      int to = Math.min(options.keys(), from + 3 * BURST);
      ownsOthersKeys = true;
      tx.removeRange(from, to);
      for (int key = from; key < to; key++) {
        changes.put(key, null);
      }
    }

    private void rollbackTo() {
      if (!marks.isEmpty()) {
        int index = random.nextInt(marks.size());
        Mark mark = marks.get(index);
        marks.subList(index + 1, marks.size()).clear();
        tx.rollbackTo(mark.savepoint());
        changes = new TreeMap<>(mark.changes());
      }
    }

    private SortedMap<Integer, String> written() {
      SortedMap<Integer, String> written = new TreeMap<>();
      changes.forEach((key, value) -> written.put(key, value == null ? "" : value));
      return written;
    }

    private void commit() {
      Contents after = new Contents(Contents.with(state.entries(), written()), state.inDoubt());
      boolean changed = !after.equals(state);
      boolean sync = random.nextInt(100) >= options.asyncPercent();
      oracle.attempt(after);
      tx.commit(sync);
      state = after;
      // A commit that changed nothing need not have written, so need not have waited.
      if (sync && changed) {
        oracle.acknowledge();
      }
    }

    /** One that has put nothing may have written nothing, and would not be in doubt. */
    private void prepare() {
      if (written().values().stream().allMatch(String::isEmpty)) {
        commit();
        return;
      }
      String name = "doubt-" + values++;
      state = state.prepared(name, written());
      oracle.attempt(state);
      tx.prepare(name);
      oracle.acknowledge();
      inDoubt.put(slot, name);
    }
  }
}
