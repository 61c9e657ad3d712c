package dev.redoubt.crash.plant;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.ConflictException;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Short runs of a store, each of which shows that one rule of the store holds. */
final class StoreChecks {
  private static final TreeDef<String, Long> NUMBERS =
      TreeDef.of("numbers", Codecs.UTF_8, Codecs.INT64);

  private StoreChecks() {}

  private static Store open(SimDisk disk, long seed) {
    return StoreSubject.open(disk, SimEnvironment.withoutThreads(seed), StoreSubject.tiny())
        .store();
  }

  /**
   * Two transactions add to one number, take some of it back, commit and roll back: readers see
   * what was committed when their snapshot was taken, and nothing else (store rule 2).
   */
  static void increments(long seed) {
    Store store = open(SimDisk.create(), seed);
    store.write(tx -> tx.tree(NUMBERS).put("n", 100L));
    WriteTx one = store.beginWrite();
    WriteTx two = store.beginWrite();
    one.tree(NUMBERS).add("n", 5);
    two.tree(NUMBERS).add("n", 20);
    Savepoint savepoint = two.savepoint();
    two.tree(NUMBERS).add("n", 700);
    expect(store, 100, "two have added and none has committed");
    two.rollbackTo(savepoint);
    expect(store, 100, "one of them has taken a part back");
    try (ReadTx before = store.beginRead()) {
      expect(before, 100, "a snapshot");
      one.commit();
      expect(before, 100, "the snapshot from before the first commit");
      expect(store, 105, "the first has committed");
      two.rollback();
      expect(before, 100, "the snapshot from before the rollback of the second");
    }
    expect(store, 105, "the second has rolled back");
    store.abandon();
  }

  private static void expect(Store store, long number, String when) {
    try (ReadTx tx = store.beginRead()) {
      expect(tx, number, when);
    }
  }

  private static void expect(ReadTx tx, long number, String when) {
    long found = Objects.requireNonNull(tx.tree(NUMBERS).get("n"));
    if (found != number) {
      throw new AssertionError(when + ": expected " + number + ", found " + found);
    }
  }

  /** What a transaction in doubt has read nobody changes, after a restart too (store rule 12). */
  static void rangesInDoubt(long seed) {
    SimDisk disk = SimDisk.create();
    Store store = open(disk, seed);
    store.write(
        tx -> {
          tx.tree(NUMBERS).put("read", 1L);
          tx.tree(NUMBERS).put("written", 1L);
        });
    WriteTx prepared = store.beginWrite();
    long read = Objects.requireNonNull(prepared.tree(NUMBERS).get("read"));
    prepared.tree(NUMBERS).put("written", read + 1);
    prepared.prepare("in doubt".getBytes(StandardCharsets.UTF_8));
    store.abandon();
    Store again = open(disk, seed + 1);
    WriteTx other = again.beginWrite();
    try {
      other.tree(NUMBERS).put("read", 2L);
      other.commit();
    } catch (ConflictException refused) {
      again.abandon();
      return;
    }
    throw new AssertionError("a key was changed that a transaction in doubt has read");
  }
}
