package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * Large values, in chains of pages that never change (store rule 15): cells, before-images and log
 * hold references. A page is written once, by an update {space map, format} whose undo frees it. A
 * chain that a committed transaction replaced or deleted stands in the pending-free tree until
 * {@link #popFree} has freed its last page (recovery rule 15). Thread-safe.
 */
public final class Overflow {
  /** Of an update besides the bytes of the value. */
  private static final int RECORD_OVERHEAD = 128;

  private static final int ANY_TREE = -1;

  private final Engine engine;
  private final TreePages pages;

  /** Chains of the engine's store. */
  public Overflow(Engine engine, TreePages pages) {
    this.engine = engine;
    this.pages = pages;
  }

  /**
   * Writes the value as updates of {@code tx}, one a page; appended at return.
   *
   * @return the reference for the cell
   * @throws dev.redoubt.io.DiskFullException if there is no space; pages written so far stay the
   *     transaction's, to be undone by rolling back, in part at least
   */
  public byte[] write(Transaction tx, int treeId, byte[] value) {
    CRC32C crc = new CRC32C();
    crc.update(value, 0, value.length);
    int chunk = OverflowChain.chunkBytes(engine.pool().pageSize());
    long first = value.length == 0 ? 0 : engine.space().reserve();
    long page = first;
    for (int from = 0; from < value.length; from += chunk) {
      int length = Math.min(chunk, value.length - from);
      page = writePage(tx, treeId, page, value, from, length, from + length < value.length);
    }
    return new OverflowRef(first, value.length, (int) crc.getValue()).encode();
  }

  /** Gives the bytes of a value, in their order, each once. */
  @FunctionalInterface
  public interface ValueSource<X extends Exception> {
    /** Fills the array from its start. Called with no latch held. */
    void fill(byte[] target, int lengthBytes) throws X;
  }

  /**
   * The same for a value that comes piece by piece: no more than a page of it is in memory.
   *
   * @throws X if the source throws it; pages written so far as with {@code DiskFullException}
   */
  public <X extends Exception> byte[] write(
      Transaction tx, int treeId, long lengthBytes, ValueSource<X> source) throws X {
    CRC32C crc = new CRC32C();
    int chunk = OverflowChain.chunkBytes(engine.pool().pageSize());
    byte[] piece = new byte[(int) Math.min(chunk, lengthBytes)];
    long first = 0;
    long page = 0;
    long left = lengthBytes;
    while (left > 0) {
      int length = (int) Math.min(chunk, left);
      fill(source, piece, length, page);
      crc.update(piece, 0, length);
      if (first == 0) {
        first = engine.space().reserve();
        page = first;
      }
      left -= length;
      page = writePage(tx, treeId, page, piece, 0, length, left > 0);
    }
    return new OverflowRef(first, lengthBytes, (int) crc.getValue()).encode();
  }

  /** Gives the page back that waits for what the source cannot give. */
  private <X extends Exception> void fill(
      ValueSource<X> source, byte[] piece, int length, long reserved) throws X {
    boolean done = false;
    try {
      source.fill(piece, length);
      done = true;
    } finally {
      if (!done) {
        engine.space().cancel(reserved);
      }
    }
  }

  /** Writes one page, already reserved; returns the next, reserved too, or 0 behind the last. */
  private long writePage(
      Transaction tx, int treeId, long page, byte[] value, int from, int length, boolean more) {
    boolean done = false;
    long next = 0;
    Scratch scratch = pages.take();
    try {
      tx.reserve(length + (long) RECORD_OVERHEAD);
      next = more ? engine.space().reserve() : 0;
      try (PageGuard guard = engine.pool().fresh(page)) {
        scratch.reset();
        NodeBodies.formatOverflow(scratch.body(), treeId, next, value, from, length);
        scratch.format(guard);
        engine.space().addAllocate(scratch.change(), page);
        tx.update(scratch.change(), pages);
        done = true;
      }
      return next;
    } finally {
      pages.give(scratch);
      if (!done) {
        engine.space().cancel(page);
        engine.space().cancel(next);
      }
    }
  }

  /**
   * Reads the value, verified against its checksum.
   *
   * @throws CorruptionException naming the page, if the chain is damaged; all else stays usable
   */
  public byte[] read(byte[] ref) {
    return new OverflowChain(engine, OverflowRef.decode(ref), ANY_TREE).read();
  }

  /**
   * The value, to be read a page at a time; reads nothing yet.
   *
   * @throws CorruptionException if it would be longer than the store can hold
   */
  public OverflowPieces pieces(byte[] ref) {
    OverflowChain chain = new OverflowChain(engine, OverflowRef.decode(ref), ANY_TREE);
    chain.checkLength();
    return chain;
  }

  /** Length of the value, from the reference alone. */
  public static long lengthBytes(byte[] ref) {
    return OverflowRef.decode(ref).lengthBytes();
  }

  /**
   * Key of the chain's entry in the pending-free tree: its first page, which is freed last, with
   * the entry, so that no other chain can have the same key.
   */
  public static byte[] pendingKey(byte[] ref) {
    byte[] key = new byte[8];
    MemorySegment.ofArray(key).set(LONG_BIG, 0, OverflowRef.decode(ref).firstPage());
    return key;
  }

  /** Value of the chain's entry in the pending-free tree before anything has been freed. */
  public static byte[] pendingValue(byte[] ref) {
    return pageBytes(OverflowRef.decode(ref).firstPage());
  }

  /**
   * One step of freeing a chain that nobody can see any more, in one atomic record: the second page
   * leaves the chain and is freed, its successor noted in the entry; or, when the first page alone
   * is left, it is freed and the entry removed. The entry's transaction has committed durably.
   *
   * @return false if there is no such entry (any more)
   */
  public boolean popFree(BTree pending, byte[] key) {
    boolean more;
    Scratch scratch = pages.take();
    try (ChangeRoom room = engine.structureSpace().room(1);
        PageGuard leaf = pending.descent().leaf(key, true)) {
      MemorySegment page = leaf.page();
      int slot = Node.search(page, key);
      if (slot < 0 || Node.isGhost(page, slot)) {
        return false;
      }
      long first = MemorySegment.ofArray(key).get(LONG_BIG, 0);
      long noted = page.get(LONG, Node.valueOffset(page, slot));
      long victim = noted == first ? next(first) : noted;
      scratch.reset();
      more = victim != 0;
      if (more) {
        NodeBodies.replace(scratch.body(), slot, 0, pageBytes(next(victim)));
      } else {
        NodeBodies.remove(scratch.body(), slot);
      }
      scratch.on(leaf);
      if (more || first != 0) {
        engine.space().addFree(scratch.change(), more ? victim : first);
      }
      engine.change(scratch.change(), room);
    } finally {
      pages.give(scratch);
    }
    if (!more) {
      pending.merger().shrink(key);
    }
    return more;
  }

  private long next(long pageId) {
    if (pageId == 0) {
      return 0;
    }
    try (PageGuard guard = engine.pool().shared(pageId)) {
      MemorySegment page = guard.page();
      if (PageLayout.type(page) != OVERFLOW_TYPE) {
        throw new CorruptionException(
            "page "
                + pageId
                + ": expected an overflow page to be freed, found type "
                + PageLayout.type(page));
      }
      return page.get(LONG, NEXT_PAGE);
    }
  }

  /** Reports the pages of a chain that waits to be freed, and what is wrong with it. */
  public void verifyPending(byte[] pendingKey, byte[] pendingValue, VerifySink sink) {
    long first = MemorySegment.ofArray(pendingKey).get(LONG_BIG, 0);
    long noted = MemorySegment.ofArray(pendingValue).get(LONG, 0);
    try {
      long page = noted;
      if (noted != first) {
        sink.page(first);
      }
      long most = engine.pool().store().capacityPages();
      for (long count = 0; page != 0 && count <= most; count++) {
        sink.page(page);
        page = next(page);
      }
    } catch (CorruptionException | dev.redoubt.io.StorageIoException e) {
      sink.problem("a chain to be freed, from page " + first + ": " + e.getMessage());
    }
  }

  private static byte[] pageBytes(long pageId) {
    byte[] bytes = new byte[8];
    MemorySegment.ofArray(bytes).set(LONG, 0, pageId);
    return bytes;
  }
}
