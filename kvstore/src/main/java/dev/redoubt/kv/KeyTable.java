package dev.redoubt.kv;

import dev.redoubt.kv.btree.LeafBefore;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The version chain of every key that has one, beside the trees. A chain whose newest version
 * belongs to an active transaction is owned by it: writers wait for its end, with no latch held, as
 * {@link WaitGraph} tells (store rule 11). Readers look up without waiting. Thread-safe.
 *
 * <p>Chains change only inside {@code compute} on their key, the bucket lock of the rules; nothing
 * there waits. Every committed version of a chain that has not been reclaimed has a cell in the
 * tree, be it a ghost, so that scans meet the key.
 */
final class KeyTable {
  private final ConcurrentHashMap<KeyRef, Version> chains = new ConcurrentHashMap<>();
  private final ChainFilter filter = new ChainFilter();
  private final WaitGraph graph;

  /** Whether the keys of every transaction that restart left unfinished are here. */
  private volatile boolean everyOwnerKnown;

  /** What losers own while they are undone behind the open store; null if there is none. */
  private volatile @Nullable LoserKeys losers;

  /** Tells which versions somebody may read. */
  interface Needs {
    /** Whether anybody may read at a point from {@code from} on and below {@code to}. */
    boolean anyWithin(long from, long to);

    /** A before-image that nobody needs has gone, with so many bytes. */
    void dropped(long bytes);
  }

  KeyTable(WaitGraph graph) {
    this.graph = graph;
  }

  /**
   * The newest version of the key, or null if it has none; allocates nothing then. What a loser has
   * not undone yet is told as a version, too. Called with the key's leaf latched.
   */
  @Nullable Version find(int treeId, byte[] key) {
    Version head = chain(treeId, key);
    LoserKeys left = losers;
    return head == null && left != null ? left.find(treeId, key) : head;
  }

  /** The same without losers. */
  @Nullable Version chain(int treeId, byte[] key) {
    return filter.mayContain(KeyRef.hash(treeId, key)) ? chains.get(new KeyRef(treeId, key)) : null;
  }

  /** The same by reference. */
  @Nullable Version find(KeyRef ref) {
    return chains.get(ref);
  }

  /** Whether the key has no chain, and none of which restart could not tell. */
  boolean isSurelyFree(int treeId, byte[] key) {
    LoserKeys left = losers;
    return everyOwnerKnown
        && chain(treeId, key) == null
        && (left == null || !left.mayOwn(treeId, key));
  }

  /** Makes a transaction that restart left the owner of a key; called newest update first. */
  void own(WriteSet writes, KeyRef ref, LeafBefore before) {
    Version mine = chains.get(ref);
    if (mine == null) {
      mine = new Version(ref, writes, 0);
      filter.add(ref.hashCode());
      chains.put(ref, mine);
      writes.add(mine);
    }
    mine.goBackTo(before);
  }

  /**
   * Makes sure that no open transaction has written what was read. A writer that comes later is
   * ordered behind.
   *
   * @throws ConflictException if one has
   */
  void requireNoWriter(ReadSet reads, WriteSet own) {
    for (Version head : reads.isEmpty() ? List.<Version>of() : chains.values()) {
      if (head.writes != own && head.writes.isActive() && reads.meets(head)) {
        throw new ConflictException(
            "a key of tree " + head.ref.treeId() + " that was read is being changed by another");
      }
    }
  }

  /** Every transaction that restart left owns its keys. */
  void everyOwnerIsKnown() {
    everyOwnerKnown = true;
  }

  /** These keys belong to losers until they have been undone. */
  void setLosers(LoserKeys left) {
    losers = left;
  }

  /** Restart is over: forgets the losers, unless some could not be undone. */
  void restartIsOver() {
    LoserKeys left = losers;
    if (left != null && left.isOver()) {
      losers = null;
    }
  }

  /** Number of keys with a chain. */
  int size() {
    return chains.size();
  }

  /**
   * Makes {@code transaction} the owner of the key, waiting for another owner to end; a version
   * below that nobody may read any more leaves the chain.
   *
   * @throws ConflictException if waiting would be a deadlock and this transaction is the youngest
   *     in it, or the longest wait is over, or a transaction that restart left owns the key and
   *     cannot be undone
   */
  Version acquire(WriteTransaction transaction, KeyRef ref, Needs needs) {
    while (true) {
      Version head = chains.get(ref);
      if (head != null && head.writes == transaction.writes()) {
        return head;
      }
      LoserKeys left = losers;
      if (head == null && left != null) {
        left.awaitFree(ref, graph);
      }
      if (head == null || !head.writes.isActive()) {
        Version mine = new Version(ref, transaction.writes(), head == null ? 0 : head.newest());
        if (push(head, mine, needs)) {
          transaction.writes().add(mine);
          transaction.writes().grow(mine.shellBytes());
          return mine;
        }
        continue;
      }
      switch (head.writes.owner()) {
        case WriteTransaction owner -> waitFor(transaction, head, owner);
        case UnfinishedTransaction owner ->
            throw ConflictException.lasting("a key of tree " + ref.treeId() + " " + owner.reason());
        case null -> {} // it has just committed
      }
    }
  }

  /** Puts a version on top of {@code head}, which is committed; false if that is not the top. */
  private boolean push(@Nullable Version head, Version mine, Needs needs) {
    if (head == null) {
      filter.add(mine.ref.hashCode());
      boolean pushed = chains.putIfAbsent(mine.ref, mine) == null;
      if (!pushed) {
        filter.remove(mine.ref.hashCode());
      }
      return pushed;
    }
    return mine
        == chains.computeIfPresent(
            mine.ref,
            (ref, top) -> {
              if (top != head) {
                return top;
              }
              Version older = head.older;
              long from = older == null ? 0 : older.writes.commitTs();
              // Below the top every version is written, so that its image covers those above.
              if (head.isWritten() && needs.anyWithin(from, head.writes.commitTs())) {
                link(mine, head);
              } else {
                needs.dropped(head.drop());
                link(mine, older);
              }
              return mine;
            });
  }

  private static void link(Version mine, @Nullable Version older) {
    mine.older = older;
    if (older != null) {
      older.newer = mine;
    }
  }

  /** Takes a transaction's versions off again: it has been undone, or has written nothing. */
  void takeBack(WriteSet writes) {
    for (Version mine : writes.versions()) {
      change(
          mine.ref,
          top -> {
            Version older = mine.older;
            if (older != null) {
              older.newer = null;
            }
            return older;
          });
    }
  }

  /**
   * Takes the versions of a commit off their chains; those below have gone before.
   *
   * @return how many bytes that frees
   */
  long reclaim(WriteSet writes) {
    long[] freed = {0};
    for (Version each : writes.versions()) {
      freed[0] += each.shellBytes();
      change(
          each.ref,
          top -> {
            if (top == null || each.unlinked) {
              return top;
            }
            freed[0] += each.drop();
            Version newer = each.newer;
            if (newer == null) {
              return null;
            }
            newer.older = null;
            return top;
          });
    }
    return freed[0];
  }

  /** A change of one chain. */
  @FunctionalInterface
  private interface Change {
    @Nullable Version apply(@Nullable Version top);
  }

  private void change(KeyRef ref, Change change) {
    boolean[] had = {false};
    Version left =
        chains.compute(
            ref,
            (key, top) -> {
              had[0] = top != null;
              return change.apply(top);
            });
    if (had[0] && left == null) {
      filter.remove(ref.hashCode());
    }
  }

  /**
   * Has those who wait for the transaction look again: it has ended. After a halt its keys stay
   * owned, so that nobody reads what may not be committed, and whoever looks again is told of it.
   */
  void wake(WriteTransaction transaction) {
    graph.ended(transaction);
  }

  private void waitFor(WriteTransaction transaction, Version head, WriteTransaction owner) {
    String key = "a key of tree " + head.ref.treeId() + " that transaction " + owner.id() + " owns";
    switch (graph.await(
        transaction, owner, () -> head.writes.isActive() && chains.get(head.ref) == head)) {
      case OVER -> {}
      case DEADLOCK -> {
        if (owner.closureThread == Thread.currentThread()) {
          throw ConflictException.lasting(
              "cannot wait for " + key + ": its work runs in this very thread, around this call");
        }
        throw new ConflictException(
            "waiting for " + key + " would be a deadlock; run the transaction again");
      }
      case CHOSEN ->
          throw new ConflictException(
              "chosen to resolve a deadlock over " + key + "; run it again");
      case TIMED_OUT ->
          throw new ConflictException(
              "waited " + graph.longestWait().toMillis() + " ms for " + key);
    }
  }
}
