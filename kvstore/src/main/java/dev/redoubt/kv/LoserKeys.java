package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.ChangedKey;
import dev.redoubt.kv.btree.LeafBefore;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.kv.btree.TreeWalk;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.LogRecordCodec;
import dev.redoubt.recovery.PendingUpdates;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The keys that losers own while they are undone behind the open store (store rule 13): an index
 * from key to the loser's updates of it, in arrays, about 32 bytes an update and no object, so that
 * a loser of a million updates is known within tenths of a second. Before-images stay in the log
 * and are read when somebody wants one.
 *
 * <p>A key is free as soon as the oldest of its updates has been undone, which the loser's
 * undoNextLSN tells; nothing is ever taken out of the index. Keys are told apart by a hash of 64
 * bits; updates of keys with the same one form one list, and the record in the log says whose it
 * is. Immutable, thread-safe.
 */
final class LoserKeys {
  private final Engine engine;
  private final List<Transaction> losers;

  /** Where the updates of each loser begin in the arrays; one more entry than losers. */
  private final int[] starts;

  private final long[] lsns;
  private final long[] numbers;

  /** The next younger update of a key with the same number; -1 at the end. */
  private final int[] younger;

  /** Open hash by number: index of the oldest update, plus one; 0 where there is none. */
  private final int[] oldest;

  /** What the index is shown as: a transaction that never commits. */
  private final WriteSet[] writes;

  private volatile IntToLongFunction rootOf = treeId -> 0;

  private LoserKeys(Engine engine, List<Transaction> losers, List<PendingUpdates> updates) {
    this.engine = engine;
    this.losers = losers;
    this.starts = new int[losers.size() + 1];
    this.writes = new WriteSet[losers.size()];
    for (int i = 0; i < losers.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], updates.get(i).size());
      writes[i] = new WriteSet(new UnfinishedTransaction(losers.get(i).id(), false));
    }
    int size = starts[losers.size()];
    lsns = new long[size];
    numbers = new long[size];
    younger = new int[size];
    oldest = new int[Integer.highestOneBit(Math.max(8, size)) * 4];
    for (int i = 0; i < losers.size(); i++) {
      fill(updates.get(i), starts[i]);
    }
  }

  /** The youngest first, so that the oldest of a key ends up in front. */
  private void fill(PendingUpdates updates, int start) {
    for (int i = updates.size() - 1; i >= 0; i--) {
      int index = start + i;
      lsns[index] = updates.lsn(i);
      numbers[index] = updates.tag(i);
      int slot = slot(updates.tag(i));
      younger[index] = oldest[slot] - 1;
      oldest[slot] = index + 1;
    }
  }

  /** The slot of a number: where it is, or the empty one where it would be. */
  private int slot(long number) {
    int mask = oldest.length - 1;
    int slot = (int) number & mask;
    while (oldest[slot] != 0 && numbers[oldest[slot] - 1] != number) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /**
   * Reads what the losers' log says of their updates.
   *
   * @throws CorruptionException if it is damaged
   */
  static LoserKeys read(Engine engine, List<Transaction> losers) {
    ChangedKey key = new ChangedKey();
    List<PendingUpdates> updates =
        PendingUpdates.read(
            engine,
            losers,
            (_, managerId, body) -> managerId == TreePages.ID && key.read(body) ? key.number() : 0);
    for (PendingUpdates each : updates) {
      engine.restart().counted(each.transactionId(), each.count());
    }
    return new LoserKeys(engine, List.copyOf(losers), updates);
  }

  /**
   * Undoes those that own a key of the catalog now, which is about to be read: they made a tree, or
   * dropped or replaced one, and may have done much besides. A key that a loser owns has a cell, be
   * it a ghost. One that cannot be undone goes on owning what it has changed.
   */
  void undoOwnersIn(BTree catalog) {
    rootOf = _ -> catalog.rootPageId();
    List<byte[]> keys = new ArrayList<>();
    TreeWalk.visit(catalog, (key, _) -> keys.add(key));
    for (byte[] key : keys) {
      for (int i = first(catalog.treeId(), key); i >= 0; i = younger[i]) {
        while (isPending(i) && engine.restart().help(losers.get(ownerOf(i)).id())) {
          // A part was undone.
        }
      }
    }
  }

  /** From now on keys are asked for by the id of their tree, whose root page this tells. */
  void trees(IntToLongFunction rootOfTree) {
    rootOf = rootOfTree;
  }

  /** Whether every loser has been undone. */
  boolean isOver() {
    return losers.stream().allMatch(each -> each.undoNextLsn() == 0);
  }

  /** Whether a loser may own the key; false is certain. Reads no log. */
  boolean mayOwn(int treeId, byte[] key) {
    for (int i = first(treeId, key); i >= 0; i = younger[i]) {
      if (isPending(i)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What a loser did to the key and has not undone, as a version of its own; null if no loser owns
   * it. Called with the key's leaf latched, so that undo cannot pass it meanwhile.
   */
  @Nullable Version find(int treeId, byte[] key) {
    int first = first(treeId, key);
    if (first < 0) {
      return null;
    }
    Deque<LeafBefore> images = new ArrayDeque<>();
    int owning = -1;
    for (int i = first; i >= 0; i = younger[i]) {
      LeafBefore before = imageOf(i, treeId, key);
      if (before != null) {
        owning = i;
        images.push(before);
        if (before instanceof LeafBefore.Absent || before instanceof LeafBefore.Stored) {
          break; // an image with a value: younger ones add nothing
        }
      }
    }
    if (owning < 0) {
      return null;
    }
    Version version = new Version(treeId, key, writes[ownerOf(owning)], 0);
    images.forEach(version::goBackTo); // newest first
    return version;
  }

  /**
   * Returns when no loser owns the key. Its loser is undone by the caller meanwhile, beside the
   * thread of restart: that closes no cycle of waits, since undo waits for no key.
   *
   * @throws ConflictException if it cannot be undone, or not within the longest wait
   * @throws dev.redoubt.io.DiskFullException if there is no space for undo
   */
  void awaitFree(int treeId, byte[] key, KeyWaits waits) {
    for (int update = pending(treeId, key); update >= 0; update = pending(treeId, key)) {
      awaitUndone(update, treeId, waits); // several losers may have added to one number
    }
  }

  private void awaitUndone(int update, int treeId, KeyWaits waits) {
    WaitGraph graph = waits.graph();
    Transaction loser = losers.get(ownerOf(update));
    long deadline = engine.environment().nanoTime() + graph.longestWait().toNanos();
    while (isPending(update)) {
      graph.checkMayWait();
      if (!engine.restart().help(loser.id()) && isPending(update)) {
        throw ConflictException.lasting(
            waits.keyOf(treeId) + " " + new UnfinishedTransaction(loser.id(), false).reason());
      }
      if (isPending(update) && engine.environment().nanoTime() >= deadline) {
        throw new ConflictException(
            "waited "
                + graph.longestWait().toMillis()
                + " ms for "
                + waits.keyOf(treeId)
                + " that transaction "
                + loser.id()
                + " changed before the crash, which restart is undoing; run it again");
      }
    }
  }

  /** The oldest update of the key that has not been undone; -1 if no loser owns it. */
  private int pending(int treeId, byte[] key) {
    for (int i = first(treeId, key); i >= 0; i = younger[i]) {
      if (imageOf(i, treeId, key) != null) {
        return i;
      }
    }
    return -1;
  }

  private boolean isPending(int update) {
    return lsns[update] <= losers.get(ownerOf(update)).undoNextLsn();
  }

  private int ownerOf(int update) {
    int found = Arrays.binarySearch(starts, update);
    if (found < 0) {
      return -found - 2;
    }
    while (starts[found + 1] == update) { // losers without updates of keys begin there too
      found++;
    }
    return found;
  }

  private int first(int treeId, byte[] key) {
    return oldest[slot(ChangedKey.number(rootOf.applyAsLong(treeId), key))] - 1;
  }

  /** What an update found, if it is one of this key and has not been undone; else null. */
  private @Nullable LeafBefore imageOf(int update, int treeId, byte[] key) {
    if (!isPending(update)) {
      return null;
    }
    long lsn = lsns[update];
    try {
      LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(engine.log().read(lsn)), lsn);
      LogRecord.Update pending =
          record instanceof LogRecord.UndoCopy copy
              ? copy.update()
              : record instanceof LogRecord.Update of ? of : null;
      if (pending != null) {
        LeafBefore before = LeafBefore.of(pending);
        return before != null
                && before.root() == rootOf.applyAsLong(treeId)
                && Arrays.equals(before.key(), key)
            ? before
            : null;
      }
    } catch (CorruptionException e) {
      if (isPending(update)) {
        throw e;
      }
      return null; // of another key, undone meanwhile, and its log has gone
    }
    throw new CorruptionException("the record at LSN " + lsn + " expected to be an update");
  }
}
