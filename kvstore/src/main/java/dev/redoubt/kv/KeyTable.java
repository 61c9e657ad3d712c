package dev.redoubt.kv;

import dev.redoubt.kv.btree.LeafBefore;
import dev.redoubt.kv.btree.PlainKeys;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The version chain of every key that has one, beside the trees. A chain whose newest version
 * belongs to an active transaction is owned by it: writers wait for its end, with no latch held, as
 * {@link WaitGraph} tells (store rule 11). Readers look up without waiting. Thread-safe.
 *
 * <p>Chains change only under the latch of their part of the {@link ChainTable}, the bucket lock of
 * the rules; nothing there waits. Every committed version of a chain that has not been reclaimed
 * has a cell in the tree, be it a ghost, so that scans meet the key.
 */
final class KeyTable implements PlainKeys {
  /** Increments of a key that are kept before they are folded. */
  private static final int LONG_CHAIN = 64;

  private final ChainTable chains = new ChainTable();
  private final KeyWaits waits;

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
    this.waits = new KeyWaits(graph);
  }

  /** How its keys are waited for. */
  KeyWaits waits() {
    return waits;
  }

  /**
   * The newest version of the key, or null if it has none; allocates nothing then. What a loser has
   * not undone yet is told as a version, too. Called with the key's leaf latched.
   */
  @Nullable Version find(int treeId, byte[] key) {
    Version head = chain(treeId, key);
    LoserKeys left = losers;
    Version undone = left == null ? null : left.find(treeId, key);
    if (undone == null) {
      return head;
    }
    undone.older = head; // one in doubt may have added to the same number
    return undone;
  }

  /** The same without losers. */
  @Nullable Version chain(int treeId, byte[] key) {
    return chains.head(treeId, key, KeyRef.hash(treeId, key));
  }

  /** Whether nobody has changed the key lately, or the newest to do so is seen at that point. */
  @Override
  public boolean isPlain(int treeId, byte[] key, long at) {
    if (losers != null) {
      return false;
    }
    Version head = chain(treeId, key);
    return head == null || head.isSeenAt(at);
  }

  /**
   * Whether no key of the store has a version: what is in the leaves is what everybody sees. Called
   * with the leaf latched.
   */
  boolean isEmpty() {
    return losers == null && chains.isEmpty();
  }

  /** Whether a key of that {@link Arrays#hashCode(byte[])} may have a version; mostly exact. */
  boolean mayHave(int treeId, int keyHash) {
    return losers != null || chains.mayContain(KeyRef.hash(treeId, keyHash));
  }

  /** Whether the key has no chain, and none of which restart could not tell. */
  boolean isSurelyFree(int treeId, byte[] key) {
    LoserKeys left = losers;
    return everyOwnerKnown
        && chain(treeId, key) == null
        && (left == null || !left.mayOwn(treeId, key));
  }

  /** Makes a transaction that restart left the owner of a key; called newest update first. */
  void own(WriteSet writes, int treeId, byte[] key, LeafBefore before) {
    Version head = chain(treeId, key);
    Version mine = KeyChain.own(head, writes);
    if (mine == null) {
      mine = new Version(treeId, key, writes, 0);
      put(mine);
      writes.add(mine);
    }
    mine.goBackTo(before);
  }

  private void put(Version mine) {
    chains.change(
        mine,
        head -> {
          KeyChain.link(mine, head);
          return mine;
        });
  }

  /**
   * Makes sure that no open transaction has written what was read. A writer that comes later is
   * ordered behind.
   *
   * @throws ConflictException if one has
   */
  void requireNoWriter(ReadSet reads, WriteSet own) {
    for (Version head : reads.isEmpty() ? List.<Version>of() : chains.heads()) {
      Version writer = KeyChain.blocker(head, own, false);
      if (writer != null && reads.meets(writer)) {
        throw new ConflictException(
            waits.keyOf(head.treeId()) + " that was read is being changed by another");
      }
    }
  }

  /**
   * Makes sure that no unended transaction owns a key of the tree.
   *
   * @return timestamp of the newest commit that changed one, as far as versions of it are kept: if
   *     some snapshot does not see that commit
   * @throws ConflictException if one does: it is prepared, or restart could not finish it
   */
  long requireNoOwner(int treeId, WriteSet own) {
    LoserKeys left = losers;
    if (left != null && !left.isOver()) {
      throw ConflictException.lasting(
          "restart could not undo a transaction that may have changed " + waits.keyOf(treeId));
    }
    long newest = 0;
    for (Version head : chains.heads()) {
      if (head.treeId() == treeId) {
        if (KeyChain.blocker(head, own, false) != null) {
          throw new ConflictException(
              waits.keyOf(treeId) + " belongs to a transaction that awaits its decision");
        }
        newest = Math.max(newest, KeyChain.newest(head));
      }
    }
    return newest;
  }

  /** The leaf of the key has got its number without what that transaction has added to it. */
  void incrementUndone(long transactionId, int treeId, byte[] key, long delta) {
    for (Version each = chain(treeId, key); each != null; each = each.older) {
      KeyOwner owner = each.writes.owner();
      if (owner != null && owner.id() == transactionId) {
        each.withdraw(delta);
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
   * below that nobody may read any more leaves the chain. To increment it, the key may be owned by
   * any number at a time.
   *
   * @throws ConflictException if waiting would be a deadlock and this transaction is the youngest
   *     in it, or the longest wait is over, or a transaction that restart left owns the key and
   *     cannot be undone
   */
  Version acquire(
      WriteTransaction transaction, int treeId, byte[] key, boolean toIncrement, Needs needs) {
    WriteSet writes = transaction.writes();
    while (true) {
      // Mostly there is none. Should one come meanwhile, push will find it.
      Version head = chain(treeId, key);
      Version own = KeyChain.own(head, writes);
      if (own != null && (toIncrement || !own.isIncrement())) {
        return own;
      }
      LoserKeys left = losers;
      if (left != null) {
        left.awaitFree(treeId, key, waits);
      }
      Version blocker = KeyChain.blocker(head, writes, toIncrement);
      WriteTransaction ahead = toIncrement ? KeyChain.waiterAhead(head, transaction) : null;
      if (blocker != null) {
        waits.forOwner(
            transaction, blocker, () -> KeyChain.owners(chain(treeId, key), writes, toIncrement));
      } else if (ahead != null) {
        waits.behind(transaction, treeId, ahead);
      } else {
        long newest = KeyChain.newest(head);
        Version mine = new Version(treeId, key, writes, newest, toIncrement, own);
        if (head == null ? chains.addFirst(mine) : push(head, mine, needs)) {
          writes.add(mine);
          writes.grow(mine.shellBytes());
          return mine;
        }
      }
    }
  }

  /** Puts a version on top of {@code head}, which is committed; false if that is not the top. */
  private boolean push(Version head, Version mine, Needs needs) {
    return mine
        == chains.change(
            mine,
            top -> {
              if (top != head) {
                return top;
              }
              if (isNeeded(head, needs)) {
                KeyChain.link(mine, head);
              } else {
                needs.dropped(head.drop());
                KeyChain.link(mine, head.older);
              }
              return mine;
            });
  }

  /**
   * Whether a version must stay below another one. An image covers those above it, and so a write
   * is needed by those alone who see neither it nor older ones; but below increments, which cover
   * nothing, by all who do not see it.
   */
  private static boolean isNeeded(Version head, Needs needs) {
    if (head.writes.isActive()) {
      return true;
    }
    Version older = head.older;
    long from =
        older == null || head.isIncrement() || older.isIncrement() ? 0 : older.writes.commitTs();
    return head.isWritten() && needs.anyWithin(from, head.writes.commitTs());
  }

  /**
   * An increment of {@code mine} is about to be logged, under the leaf's exclusive latch: keeps the
   * chain short where an old snapshot holds many. <em>Else every reader of a counter under load
   * walks over as many increments as there were since the oldest snapshot.</em>
   */
  void shorten(Version mine, Needs needs) {
    if (mine.depth() >= LONG_CHAIN) {
      chains.change(
          mine,
          top -> {
            KeyChain.fold(mine, needs);
            return top;
          });
    }
  }

  /** Takes a transaction's versions off again: it has been undone, or has written nothing. */
  void takeBack(WriteSet writes) {
    for (Version each = writes.first(); each != null; each = each.nextOfSet) {
      Version mine = each;
      chains.change(mine, top -> KeyChain.unlink(top, mine));
    }
  }

  /**
   * Takes the versions of a commit off their chains; those below have gone before.
   *
   * @return how many bytes that frees
   */
  long reclaim(WriteSet writes) {
    long freed = 0;
    for (Version each = writes.first(); each != null; each = each.nextOfSet) {
      freed += each.shellBytes();
      // Mostly it is alone: none is below, which stays so, and nobody has written since.
      if (each.older == null && chains.removeHead(each)) {
        freed += each.drop();
      } else {
        freed += reclaimAmongOthers(each);
      }
    }
    return freed;
  }

  private long reclaimAmongOthers(Version each) {
    return dropUnless(each, null);
  }

  /**
   * Drops those versions of a commit that nobody needs, now or later, though somebody may need
   * older ones. It is durable, and every read-write snapshot sees it.
   *
   * @return how many bytes that frees
   */
  long thin(WriteSet writes, Needs needs) {
    long freed = 0;
    for (Version each = writes.first(); each != null; each = each.nextOfSet) {
      if (each.older != null && !each.unlinked) { // the oldest of a key is needed
        freed += dropUnless(each, needs);
      }
    }
    return freed + writes.forgetUnlinked();
  }

  private long dropUnless(Version each, @Nullable Needs needs) {
    long[] freed = {0};
    chains.change(
        each,
        top -> {
          if (top == null || each.unlinked || (needs != null && isNeeded(each, needs))) {
            return top;
          }
          freed[0] = each.drop();
          Version left = KeyChain.unlink(top, each);
          each.newer = null; // a dead version keeps no younger one from being collected
          return left;
        });
    return freed[0];
  }

  /**
   * Has those who wait for the transaction look again: it has ended. After a halt its keys stay
   * owned, so that nobody reads what may not be committed, and whoever looks again is told of it.
   */
  void wake(WriteTransaction transaction) {
    waits.graph().ended(transaction);
  }
}
