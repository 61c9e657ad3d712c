package dev.redoubt.crash.plant;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.ConflictException;
import dev.redoubt.kv.Cursor;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.SnapshotTooOldException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Short runs of a store, each of which shows that one rule of its trees and views holds. */
final class TreeChecks {
  private static final TreeDef<Integer, byte[]> TREE =
      TreeDef.of("tree", Codecs.INT32, Codecs.BYTES);
  private static final int ENTRIES = 60;

  private TreeChecks() {}

  private static Store open(SimDisk disk, long seed, StoreOptions options) {
    return StoreSubject.open(disk, SimEnvironment.withoutThreads(seed), options).store();
  }

  private static Store filled(SimDisk disk, long seed) {
    Store store = open(disk, seed, StoreSubject.tiny());
    store.write(
        tx -> {
          for (int key = 0; key < ENTRIES; key++) {
            tx.tree(TREE).put(key, value(key, 1));
          }
        });
    return store;
  }

  /** Some of them are too large for a leaf. */
  private static byte[] value(int key, int filler) {
    byte[] value = new byte[key % 10 == 4 ? 9000 : 100];
    Arrays.fill(value, (byte) filler);
    return value;
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static void sound(Store store) {
    List<String> problems = store.verify(_ -> {}).problems();
    expect(problems.isEmpty(), "the store is not sound: " + problems);
  }

  /** While user code looks at a value nothing is held: it may use its transaction (rule 4). */
  static void callback(long seed) {
    Store store = filled(SimDisk.create(), seed);
    try (ReadTx before = store.beginRead();
        WriteTx tx = store.beginWrite()) {
      Tree<Integer, byte[]> tree = tx.tree(TREE);
      tree.readBytes(
          1,
          _ -> {
            // Another thread, for the transaction's own may come in again.
            CompletableFuture.runAsync(() -> tree.put(1, value(1, 2)), Thread::startVirtualThread)
                .join();
            return true;
          });
      byte[] mine = Objects.requireNonNull(before.tree(TREE).get(1));
      mine[0] = 99; // what a reader was given is its own
      byte[] again = Objects.requireNonNull(before.tree(TREE).get(1));
      expect(again[0] == 1, "a reader changes what others read");
      tx.commit();
    }
    store.abandon();
  }

  /** Nobody drops a tree that another transaction uses (rule 14). */
  static void dropOfUsed(long seed) {
    Store store = filled(SimDisk.create(), seed);
    WriteTx user = store.beginWrite();
    user.tree(TREE).put(1, value(1, 2));
    try (WriteTx dropper = store.beginWrite()) {
      dropper.dropTree("tree");
      dropper.commit();
    } catch (ConflictException refused) {
      user.commit();
      store.abandon();
      return;
    }
    throw new AssertionError("a tree was dropped that another transaction uses");
  }

  /** Who does not see a drop goes on reading; the ids of trees are never used again (rule 14). */
  static void dropUnseen(long seed) {
    SimDisk disk = SimDisk.create();
    Store store = filled(disk, seed);
    try (ReadTx before = store.beginRead()) {
      drop(store);
      expect(before.tree(TREE).count() == ENTRIES, "entries of a dropped tree are gone");
    }
    store.abandon();
    Store again = open(disk, seed + 1, StoreSubject.tiny());
    for (int i = 0; i < 3; i++) {
      again.write(tx -> tx.tree(TREE).put(1, value(1, 7)));
      sound(again);
      expect(again.<Long, RuntimeException>read(tx -> tx.tree(TREE).count()) == 1, "an old tree");
      drop(again);
      sound(again);
    }
    again.abandon();
  }

  private static void drop(Store store) {
    try (WriteTx tx = store.beginWrite()) {
      tx.dropTree("tree");
      tx.commit();
    }
  }

  /**
   * A transaction takes back that it replaced a large value, and commits; the next one replaces the
   * value and rolls back: its pages are still there (rule 15, recovery rule 15).
   */
  static void chainOfAnother(long seed) {
    Store store = filled(SimDisk.create(), seed);
    try (ReadTx before = store.beginRead()) { // keeps what is to be freed waiting
      try (WriteTx one = store.beginWrite()) {
        Savepoint savepoint = one.savepoint();
        one.tree(TREE).put(4, value(1, 2));
        one.rollbackTo(savepoint);
        one.tree(TREE).put(1, value(1, 2));
        one.commit();
      }
      expect(before.tree(TREE).get(4) != null, "a large value is gone");
    }
    try (ReadTx before = store.beginRead();
        WriteTx other = store.beginWrite()) {
      other.tree(TREE).put(4, value(1, 3));
      store.write(tx -> tx.tree(TREE).put(2, value(2, 2)));
      other.rollback();
      expect(before.tree(TREE).get(4) != null, "a large value is gone");
    }
    byte[] left =
        store.<byte[], RuntimeException>read(
            tx -> Objects.requireNonNull(tx.tree(TREE).get(4), "a large value is gone"));
    expect(Arrays.equals(left, value(4, 1)), "a large value is another");
    sound(store);
    store.abandon();
  }

  /** A cursor does not show what its transaction has meanwhile removed (rule 16). */
  static void cursor(long seed) {
    Store store = filled(SimDisk.create(), seed);
    try (WriteTx tx = store.beginWrite();
        Cursor<Integer, byte[]> cursor = tx.tree(TREE).cursor()) {
      cursor.first();
      cursor.next();
      cursor.next();
      int removed = cursor.key() + 1;
      tx.tree(TREE).remove(removed);
      cursor.next();
      expect(cursor.key() == removed + 1, "the cursor shows " + cursor.key());
    }
    store.abandon();
  }

  /** An iterator of a map that is given up in the middle keeps no snapshot (rule 17). */
  static void abandonedIterator(long seed) {
    Store store = filled(SimDisk.create(), seed);
    Iterator<Integer> iterator = store.map(TREE).keySet().iterator();
    iterator.next();
    int held = store.stats().versions().snapshots();
    expect(held == 0, "snapshots held: " + held);
    store.abandon();
  }

  /** Over the budget of versions the oldest snapshot fails, and no writer (rule 18). */
  static void budget(long seed) {
    long budget = 200_000;
    Store store = open(SimDisk.create(), seed, StoreSubject.tiny().withVersionBudgetBytes(budget));
    store.write(tx -> tx.tree(TREE).put(1, value(1, 1)));
    try (ReadTx old = store.beginRead()) {
      for (int i = 0; i < 3000; i++) {
        int key = i; // versions of one key alone would be thinned out
        store.write(tx -> tx.tree(TREE).put(key, value(key, 1)));
      }
      long kept = store.stats().versions().keptBytes();
      expect(kept <= budget, "versions take " + kept + " bytes");
      old.tree(TREE).get(1);
    } catch (SnapshotTooOldException refused) {
      store.abandon();
      return;
    }
    throw new AssertionError("the oldest snapshot goes on");
  }
}
