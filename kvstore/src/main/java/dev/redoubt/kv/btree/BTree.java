package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import dev.redoubt.recovery.AtomicChange;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.StructureSpace;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One ordered map from bytes to bytes, in pages. Keys are ordered as unsigned bytes. Knows nothing
 * of isolation: whoever changes a key owns it (the layer above sees to that), and what readers may
 * see is decided by the hooks that run under the leaf's latch. Thread-safe.
 */
public final class BTree {
  private static final byte[] LOWEST = new byte[0];

  /** Of an update besides key and values: heads of record and parts, counts, ids. */
  private static final int RECORD_OVERHEAD = 128;

  private final Engine engine;
  private final TreePages pages;
  private final int treeId;
  private final long rootPageId;
  private final int pageSize;
  private final Descent descent;
  private final Splitter splitter;
  private final Merger merger;
  private final Predicate<byte[]> ghostMayGo;

  /** What a change replaces, as its undo is to see it. */
  public enum Before {
    /** Leave everything as it is: the operation ends without a change. */
    GIVE_UP,
    /** Undo restores the cell as it was, ghost flag, value and all, or its absence. */
    AS_IT_IS,
    /** The ghost that is there belongs to a committed delete: undo removes the key. */
    ABSENT
  }

  /** Sees the cell before it changes. */
  @FunctionalInterface
  public interface BeforeImage {
    /**
     * Called once, under the leaf's exclusive latch, after everything that can fail for lack of
     * space and before the append, with the cell as it is; null if there is none.
     */
    Before install(@Nullable Cell before);
  }

  /** Sees the number before it grows. */
  public interface Increment {
    /** As {@link BeforeImage#install}; the increment is certain but for a failing append. */
    void install(Cell before);

    /** The append has failed: nothing was added. Called under the same latch. */
    void withdraw();
  }

  /** Reads one cell. */
  @FunctionalInterface
  public interface CellReader<R extends @Nullable Object> {
    /** Called under the leaf's shared latch with the key's cell, ghosts too; null if none. */
    R read(@Nullable Cell cell);
  }

  /** Reads cells in order. */
  @FunctionalInterface
  public interface EntryVisitor {
    /** Called under the leaf's shared latch; returns false to stop. */
    boolean visit(byte[] key, Cell cell);
  }

  /** A tree that exists; reads no page. Ghosts go when {@link #purge} is told which. */
  public BTree(Engine engine, TreePages pages, int treeId, long rootPageId) {
    this(engine, pages, treeId, rootPageId, key -> false);
  }

  /**
   * The same for a tree that purges ghosts, too, before it splits a leaf.
   *
   * @param ghostMayGo asked under the leaf's exclusive latch whether nobody needs a key's ghost
   */
  public BTree(
      Engine engine, TreePages pages, int treeId, long rootPageId, Predicate<byte[]> ghostMayGo) {
    this.ghostMayGo = ghostMayGo;
    this.engine = engine;
    this.pages = pages;
    this.treeId = treeId;
    this.rootPageId = rootPageId;
    this.pageSize = engine.pool().pageSize();
    this.descent = new Descent(engine.pool(), pages, treeId, rootPageId);
    this.splitter = new Splitter(engine, pages, descent, treeId);
    this.merger = new Merger(engine, pages, descent, treeId);
  }

  /**
   * Allocates and formats an empty root as an update of {@code tx}; appended at return. Its undo
   * frees all pages of the tree.
   *
   * @return the page id of the root, which the tree keeps for ever
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   */
  public static long create(Engine engine, TreePages pages, Transaction tx, int treeId) {
    tx.reserve(RECORD_OVERHEAD);
    long root = engine.space().reserve();
    Scratch scratch = pages.take();
    try (PageGuard guard = engine.pool().fresh(root)) {
      scratch.reset();
      BodyWriter image = scratch.body();
      NodeBodies.format(image, treeId, 0, LOWEST, null, 0);
      NodeBodies.noCells(image);
      scratch.format(guard);
      engine.space().addAllocate(scratch.change(), root);
      tx.update(scratch.change(), pages);
      return root;
    } finally {
      pages.give(scratch);
      engine.space().cancel(root); // nothing happens once it is allocated
    }
  }

  /**
   * Adds the making of an empty root to a change of several parts: allocation and format. The page
   * has been reserved and latched fresh by the caller, who logs the change.
   */
  public static void addCreate(
      Engine engine, TreePages pages, AtomicChange change, PageGuard fresh, int treeId) {
    BodyWriter image = new BodyWriter();
    NodeBodies.format(image, treeId, 0, LOWEST, null, 0);
    NodeBodies.noCells(image);
    change.format(fresh, pages).putBytes(image.segment(), 0, image.sizeBytes());
    engine.space().addAllocate(change, fresh.pageId());
  }

  /** Id of the tree, the owner of its pages. */
  public int treeId() {
    return treeId;
  }

  /** Page id of the root. */
  public long rootPageId() {
    return rootPageId;
  }

  /** Longest key: a quarter of a page, so that every node has room for three keys. */
  public int maxKeyBytes() {
    return pageSize / 4;
  }

  /** Longest value kept beside a key of that length; longer ones go to {@link Overflow}. */
  public int maxInlineBytes(int keyLength) {
    return Math.max(OverflowRef.BYTES, pageSize / 4 - NodeLayout.CELL_SUFFIX - keyLength);
  }

  /**
   * Reads the key's cell and gives it to {@code reader} under the leaf's shared latch.
   *
   * @throws dev.redoubt.io.CorruptionException if a page on the way is damaged; others stay usable
   */
  public <R extends @Nullable Object> R read(byte[] key, CellReader<R> reader) {
    try (PageGuard leaf = descent.leaf(key, false)) {
      int slot = Node.search(leaf.page(), key);
      return reader.read(slot < 0 ? null : Node.cell(leaf.page(), slot));
    }
  }

  /**
   * Reads the value of a key without a latch; allocates nothing beyond what is returned. Most keys
   * are plain: no version of them is kept, and their value stands in the leaf.
   *
   * @param at the reader sees commits up to there, as {@link PlainKeys#isPlain} says
   * @return the value, the receiver's own; null if there is none; what {@link PlainKeys#isTold}
   *     refuses if {@link #read} has to be asked
   */
  public byte @Nullable [] plainValue(byte[] key, PlainKeys plain, long at) {
    return descent.plainValue(key, plain, at);
  }

  /**
   * Visits the cells of one leaf under its shared latch, ascending from {@code from} or descending
   * from it; null stands for the first or the last key.
   *
   * @return where to go on: ascending, the upper fence, to be included; descending, the lower
   *     fence, to be left out; null at the end, or if the visitor stopped
   */
  public byte @Nullable [] visitLeaf(
      byte @Nullable [] from, boolean inclusive, boolean ascending, EntryVisitor visitor) {
    return ascending
        ? LeafVisit.ascending(descent, from, inclusive, visitor)
        : LeafVisit.descending(descent, from, inclusive, visitor);
  }

  /**
   * Has the pool bring in the leaf where a scan stands and those after it in scan order, as far as
   * one node above them names them and the pool takes them. Only a hint ({@link
   * dev.redoubt.buffer.BufferPool#prefetch}).
   *
   * @return how many leaves these are; {@code wanted} if nothing is read ahead here
   */
  int readAhead(byte[] position, boolean ascending, int wanted) {
    int most = Math.min(wanted, engine.pool().maxPrefetch());
    if (most == 0) {
      return wanted;
    }
    long[] leaves;
    Route route = ascending ? Route.AT : Route.BELOW;
    try (PageGuard above = descent.node(route, position, 1, false)) {
      if (above == null) {
        return wanted;
      }
      MemorySegment page = above.page();
      int first =
          ascending ? Node.childIndex(page, position) : Node.childIndexBelow(page, position);
      int count = Math.min(most, ascending ? Node.slotCount(page) + 1 - first : first + 1);
      leaves = new long[count];
      for (int i = 0; i < count; i++) {
        leaves[i] = Node.child(page, ascending ? first + i : first - i);
      }
    }
    engine.pool().prefetch(leaves);
    return leaves.length;
  }

  /**
   * Inserts, replaces or revives the key as an update of {@code tx}; appended at return. Splits as
   * needed.
   *
   * @param overflow whether {@code value} is a reference that {@link Overflow#write} returned
   * @return false if the hook gave up
   * @throws IllegalArgumentException if key or value is too long; nothing has changed
   * @throws dev.redoubt.io.DiskFullException if there is no space; no entry has changed
   */
  public boolean put(Transaction tx, byte[] key, byte[] value, boolean overflow, BeforeImage hook) {
    checkLengths(key, value);
    reserve(tx, key, value);
    Scratch scratch = pages.take();
    try {
      int flags = overflow ? NodeLayout.OVERFLOW : 0;
      while (true) {
        boolean ghosts;
        ScanPath finger = scratch.finger(descent);
        try (PageGuard leaf = descent.leaf(key, finger)) {
          MemorySegment page = leaf.page();
          if (!Node.endsWithRun(page)) {
            finger.forget(); // the next key is likely to be elsewhere
          }
          int slot = Node.search(page, key);
          if (Newcomer.fits(page, slot, key.length, value.length)) {
            return LeafWrite.put(this, tx, leaf, slot, key, value, flags, hook, scratch);
          }
          ghosts = LeafWrite.hasGhost(leaf, ghostMayGo);
        }
        if (!ghosts || purgeLeaf(key, ghostMayGo, scratch) == 0) {
          splitter.makeRoom(key, value.length, engine.structureSpace());
        }
      }
    } finally {
      pages.give(scratch);
    }
  }

  /**
   * Adds to the key's number, big-endian in eight bytes, as an update of {@code tx} whose undo
   * subtracts the same again; appended at return. It wraps around.
   *
   * @return false if there is no live cell
   * @throws IllegalArgumentException if the value is no number; nothing has changed
   */
  public boolean add(Transaction tx, byte[] key, long delta, Increment hook) {
    checkLengths(key, LOWEST);
    tx.reserve(key.length + (long) RECORD_OVERHEAD);
    Scratch scratch = pages.take();
    try (PageGuard leaf = descent.leaf(key, true)) {
      return LeafWrite.add(this, tx, leaf, key, delta, hook, scratch);
    } finally {
      pages.give(scratch);
    }
  }

  /**
   * Turns the key's cell into a ghost as an update of {@code tx}; appended at return. The value
   * stays until {@link #purge}, so that undo needs no space.
   *
   * @return false if there is no live cell, or the hook gave up
   */
  public boolean delete(Transaction tx, byte[] key, BeforeImage hook) {
    checkLengths(key, LOWEST);
    tx.reserve(key.length + (long) RECORD_OVERHEAD);
    Scratch scratch = pages.take();
    try (PageGuard leaf = descent.leaf(key, true)) {
      return LeafWrite.delete(this, tx, leaf, key, hook, scratch);
    } finally {
      pages.give(scratch);
    }
  }

  /**
   * Removes ghosts of the key's leaf that nobody needs, by the rule the tree was given.
   *
   * @return how many were removed
   */
  public int purge(byte[] key) {
    return purge(key, ghostMayGo);
  }

  /**
   * Removes ghosts of the key's leaf for which {@code removable} says so; it is asked under the
   * leaf's exclusive latch. An underfull leaf is merged, and its page freed.
   *
   * @return how many were removed
   */
  public int purge(byte[] key, Predicate<byte[]> removable) {
    int removed;
    boolean underfull;
    Scratch scratch = pages.take();
    try (ChangeRoom room = engine.structureSpace().room(1);
        PageGuard leaf = descent.leaf(key, true)) {
      removed = LeafWrite.purge(engine, leaf, removable, scratch, room);
      underfull = Merger.isUnderfull(leaf.page());
    } finally {
      pages.give(scratch);
    }
    if (underfull) {
      merger.shrink(key);
    }
    return removed;
  }

  private int purgeLeaf(byte[] key, Predicate<byte[]> removable, Scratch scratch) {
    try (ChangeRoom room = engine.structureSpace().room(1);
        PageGuard leaf = descent.leaf(key, true)) {
      return LeafWrite.purge(engine, leaf, removable, scratch, room);
    }
  }

  /**
   * Reads the whole tree and checks every invariant: order, fences, prefixes, heads, heaps, levels,
   * children's fences, the space map, checksums (by reading), overflow chains of live cells. Exact
   * if nobody writes meanwhile; a damaged page is reported and the rest is still checked.
   */
  public void verify(VerifySink sink) {
    new TreeVerifier(engine, treeId, rootPageId, sink).run();
  }

  /** Frees every page but the root, page by page; the tree must not be in use. */
  public void dismantle(StructureSpace space) {
    Dismantler dismantler = new Dismantler(engine, pages, descent, treeId, space);
    boolean more = true;
    while (more) {
      more = dismantler.step();
    }
  }

  private void checkLengths(byte[] key, byte[] value) {
    if (key.length > maxKeyBytes() || value.length > maxInlineBytes(key.length)) {
      throw new IllegalArgumentException(
          "key of "
              + key.length
              + " and value of "
              + value.length
              + " bytes; at most "
              + maxKeyBytes()
              + " and "
              + maxInlineBytes(key.length));
    }
  }

  /** The old value is not known yet: it can be as long as the longest. */
  private void reserve(Transaction tx, byte[] key, byte[] value) {
    tx.reserve(RECORD_OVERHEAD + (long) key.length + value.length + maxInlineBytes(key.length));
  }

  Engine engine() {
    return engine;
  }

  TreePages pages() {
    return pages;
  }

  Descent descent() {
    return descent;
  }

  Splitter splitter() {
    return splitter;
  }

  Merger merger() {
    return merger;
  }

  @Override
  public String toString() {
    return "tree " + treeId + " at page " + rootPageId;
  }
}
