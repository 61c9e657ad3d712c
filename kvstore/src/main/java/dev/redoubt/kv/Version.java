package dev.redoubt.kv;

import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafBefore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction did to one key: the state from before its first write, for those who do not
 * see the write. The newest heads the key's chain in the {@link KeyTable}; as long as its
 * transaction is active the head <em>is</em> the ownership of the key. Links change only in the
 * key's bucket; the before-image only under the leaf's exclusive latch, before the append (store
 * rule 1), and by its owner when that write has been undone.
 */
final class Version extends KeyRef {
  /** Of the objects that stand for one version, besides the bytes of key and value. */
  private static final int OVERHEAD_BYTES = 160;

  final WriteSet writes;

  /** Commit timestamp of the newest version there was when the key was acquired; 0 for none. */
  final long base;

  /** Guarded by the key's bucket; followed by readers without it. */
  volatile @Nullable Version older;

  /** The newest version of another key, if this is one; of the {@link ChainTable} alone. */
  volatile @Nullable Version nextInBucket;

  /** Guarded by the key's bucket. */
  @Nullable Version newer;

  /** The next version of the same transaction; changed by its user alone. */
  @Nullable Version nextOfSet;

  /** Whether it has left the chain: nobody needs it, or its transaction was undone. */
  volatile boolean unlinked;

  /** Whether it stands for increments only; others may have such versions beside it. */
  private boolean increment;

  /** Made before others see the version, if it has to do with increments; else null. */
  private @Nullable Sum sum;

  private @Nullable Cell before;

  /** Whether {@code before} gives the flags only, its value being the one in the leaf. */
  private boolean valueInLeaf;

  private volatile boolean written;

  /** What only versions of increments have, and those above them. */
  private static final class Sum {
    /** The owner's increments of the key from before it came to own it alone; null if none. */
    private final @Nullable Version earlier;

    /**
     * Who waits until this increment's transaction has ended, so as to own the key alone: in the
     * order of coming, some of whom may have ended. Copied when it changes.
     */
    private volatile List<WriteTransaction> wantedBy = List.of();

    /** Increments of others at and below this one, about; guarded by the key's bucket. */
    private int depth = 1;

    /** What the increments have added; guarded as {@code before}. */
    private long delta;

    /** Whether a later version of the owner has an image from before these increments. */
    private boolean covered;

    Sum(@Nullable Version earlier) {
      this.earlier = earlier;
    }
  }

  private Sum sum() {
    Sum made = sum;
    if (made == null) {
      made = new Sum(null);
      sum = made;
    }
    return made;
  }

  private long delta() {
    Sum added = sum;
    return added == null ? 0 : added.delta;
  }

  /** Increments of others at and below this one, about; called in the key's bucket. */
  int depth() {
    Sum counted = sum;
    return counted == null ? 1 : counted.depth;
  }

  void depth(int increments) {
    sum().depth = increments;
  }

  /** From now on that transaction waits for this increment's, so as to own the key alone. */
  synchronized void wantedBy(WriteTransaction waiter) {
    Sum wanted = sum();
    List<WriteTransaction> waiting = new ArrayList<>(wanted.wantedBy);
    waiting.removeIf(each -> each == waiter || each.ended);
    waiting.add(waiter);
    wanted.wantedBy = List.copyOf(waiting);
  }

  /**
   * One who waits for this increment's transaction and is not {@code self}; null if there is none.
   */
  @Nullable WriteTransaction waiterBut(WriteTransaction self) {
    Sum wanted = sum;
    for (WriteTransaction each : wanted == null ? List.<WriteTransaction>of() : wanted.wantedBy) {
      if (each != self && !each.ended) {
        return each;
      }
    }
    return null;
  }

  /** LSN of the owner's first write that has not been undone; 0 while there is no record of it. */
  private long firstLsn;

  /** One that owns the key alone. */
  Version(int treeId, byte[] key, WriteSet writes, long base) {
    this(treeId, key, writes, base, false, null);
  }

  /**
   * One that owns the key alone, or to increment it.
   *
   * @param increments what the owner has added before it came to own the key alone
   */
  Version(
      int treeId,
      byte[] key,
      WriteSet writes,
      long base,
      boolean increment,
      @Nullable Version increments) {
    super(treeId, key);
    this.writes = writes;
    this.base = base;
    this.increment = increment;
    this.valueInLeaf = increment;
    this.sum = increment || increments != null ? new Sum(increments) : null;
  }

  /** Timestamp of the newest commit that changed the key, this one's if it did. */
  long newest() {
    return written ? Math.max(base, writes.commitTs()) : base;
  }

  /** Whether it stands for increments only. */
  boolean isIncrement() {
    return increment;
  }

  /** An increment is about to be logged; as {@link #install} if the key is owned alone. */
  long installIncrement(Cell cell, long added) {
    if (!increment) {
      return install(cell);
    }
    sum().delta += added;
    written = true;
    return 0;
  }

  /** An increment was undone, or never logged: the leaf has got the number without it. */
  void withdraw(long added) {
    Sum held = sum;
    if (increment && held != null && !held.covered) {
      held.delta -= added;
    }
  }

  /** Whether its transaction has changed the key. */
  boolean isWritten() {
    return written;
  }

  /**
   * Keeps the state from before the first write. A ghost is kept as no value.
   *
   * @return by how many bytes the memory it keeps has grown
   */
  long install(@Nullable Cell cell) {
    if (written) {
      return 0;
    }
    long had = imageBytes();
    before = cell == null || cell.ghost() ? null : cell;
    firstLsn = 0;
    takeOverIncrements();
    written = true;
    return imageBytes() - had;
  }

  /** The image is to be that from before the owner's increments; they are undone with it. */
  private void takeOverIncrements() {
    Version mine = sum == null ? null : sum.earlier;
    Cell image = before;
    if (mine != null && mine.written && image != null) {
      before = image.plus(-mine.delta());
      firstLsn = mine.firstLsn;
      mine.sum().covered = true;
      mine.sum().delta = 0;
    }
  }

  /** A write that was installed has been logged, at that LSN. */
  void logged(long lsn) {
    if (firstLsn == 0) {
      firstLsn = lsn;
    }
  }

  /** What was logged behind {@code lsn} has been undone, and what was not logged never happened. */
  void undoneTo(long lsn) {
    if (written && (firstLsn == 0 || firstLsn > lsn)) {
      written = false; // the image stays, for who is reading it: the leaf shows the same again
    }
  }

  /**
   * Goes one update further back. Restart tells the updates newest first, so the last call gives
   * the committed state.
   */
  void goBackTo(LeafBefore earlier) {
    switch (earlier) {
      case LeafBefore.Absent _ -> set(null, false);
      case LeafBefore.Stored stored -> set(stored.cell(), false);
      case LeafBefore.Added added -> goBackBefore(added);
      case LeafBefore.Flagged flagged -> {
        Cell after = before;
        set(
            flagged.cell(after == null ? new Cell(true, false, new byte[0]) : after),
            valueInLeaf || !written);
      }
    }
    written = true;
  }

  private void goBackBefore(LeafBefore.Added added) {
    Cell image = before;
    if (!written) {
      increment = true;
      valueInLeaf = true;
    }
    if (valueInLeaf) {
      sum().delta += added.delta();
    } else if (image != null) {
      before = image.plus(-added.delta());
    }
  }

  /** This one stands for the increments of {@code other}, too; under the leaf's exclusive latch. */
  void add(Version other) {
    sum().delta += other.delta();
  }

  /** Whether restart has left it an image whose value is the leaf's, or a ghost. */
  boolean needsLeaf() {
    Cell image = before;
    return !increment && (valueInLeaf || (image != null && image.ghost()));
  }

  /** Gives it an image of its own; {@code inLeaf} is the cell as it stands. */
  void rebuilt(@Nullable Cell inLeaf) {
    Cell image = before(inLeaf);
    set(image == null || image.ghost() ? null : image, false);
  }

  private void set(@Nullable Cell cell, boolean onlyFlags) {
    before = cell;
    valueInLeaf = onlyFlags;
    increment = false;
    if (sum != null && !onlyFlags) {
      sum.delta = 0;
    }
  }

  /** The state before this version, given the one after it; called under the leaf's latch. */
  private @Nullable Cell before(@Nullable Cell after) {
    if (!written) {
      return after;
    }
    Cell image = before;
    if (!valueInLeaf || after == null) {
      return image;
    }
    Cell less = after.plus(-delta());
    return image == null ? less : new Cell(image.ghost(), image.overflow(), less.value());
  }

  /** Whether a snapshot there sees the state that this version has left, and none above it. */
  boolean isSeenAt(long at) {
    return !increment && writes.isVisibleAt(at);
  }

  /**
   * The state that a snapshot sees: from the newest version to the first write that the snapshot
   * covers, less the increments on the way that it does not.
   *
   * @param inLeaf the cell in the leaf, which the newest version has left
   * @param at the snapshot
   * @param own the reader's own writes, visible to it; null for a reader that writes nothing
   */
  static @Nullable Cell visible(
      @Nullable Version head, @Nullable Cell inLeaf, long at, @Nullable WriteSet own) {
    Cell cell = inLeaf;
    for (Version each = head; each != null; each = each.older) {
      if (!(each.writes == own ? each.written : each.writes.isVisibleAt(at))) {
        cell = each.before(cell);
      } else if (!each.increment) {
        return cell;
      }
    }
    return cell;
  }

  /** Memory that it keeps besides the before-image, about. */
  long shellBytes() {
    return OVERHEAD_BYTES + (long) key().length;
  }

  /** Memory that it keeps, the before-image too. */
  long keptBytes() {
    return shellBytes() + imageBytes();
  }

  private long imageBytes() {
    Cell image = before;
    return image == null ? 0 : image.value().length;
  }

  /** Nobody needs the before-image any more; returns how many bytes that frees. */
  long drop() {
    long freed = imageBytes();
    unlinked = true;
    before = null;
    return freed;
  }
}
