package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafImage;
import dev.redoubt.kv.btree.LeavesAhead;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a range leaf by leaf, and through the entries of each that a viewer sees. Between
 * leaves and entries nothing is held. Confined to one thread at a time.
 *
 * <p>A leaf is copied and the versions of its keys are looked up under one hold of its latch (store
 * rule 1). Most keys have none: their entries stay in the copy until they are asked for. If no key
 * of the store has versions, which one look at the table tells, none is looked up. That look may
 * come late, at the end of the hold: whoever changed this leaf before the hold had put a version
 * into the table by then, and it leaves the table only when every snapshot sees the change, this
 * one's among them, or when the change has been undone in this leaf, which needs the latch.
 */
final class LeafScan {
  /** What a viewer sees of a key that has no value for it. */
  private static final Cell NOTHING = new Cell(true, false, new byte[0]);

  private final Viewer viewer;
  private final TreeReader reader;
  private final BTree tree;
  private final RangeScan.Bounds bounds;
  private final LeavesAhead leaves;
  private final LeafImage image;
  private @Nullable Position next;

  /** By slot, what the viewer sees of keys with versions where that is not what the leaf holds. */
  private @Nullable Cell[] seen = new @Nullable Cell[0];

  private boolean anySeen;
  private int slot = -1;
  private int left;

  /**
   * A scan that has read nothing yet.
   *
   * @param handsOut see {@link LeafImage}
   */
  LeafScan(
      Viewer viewer, TreeReader reader, BTree tree, RangeScan.Bounds bounds, boolean handsOut) {
    this.image = new LeafImage(handsOut);
    this.viewer = viewer;
    this.reader = reader;
    this.tree = tree;
    this.bounds = bounds;
    this.leaves = new LeavesAhead(tree, bounds.ascending());
    restart(bounds.start());
  }

  /** Forgets the leaf in hand: the next one is that where {@code from} is. */
  void restart(Position from) {
    left = 0;
    next = from.key() != null && isPastBound(from.key()) ? null : from;
  }

  private boolean isPastBound(byte[] key) {
    return TreeReader.isPast(key, bounds.bound(), bounds.boundInclusive(), bounds.ascending());
  }

  /** Where the next leaf is; null if the range ends with this one. */
  @Nullable Position next() {
    return next;
  }

  /**
   * Reads the leaf at {@code from}, which {@link #next} has told. The caller has entered.
   *
   * @throws SnapshotTooOldException if the snapshot has been given up
   */
  void read(Position from) {
    left = 0;
    byte[] fence;
    try {
      leaves.beforeLeaf(from.key());
      fence =
          image.read(
              tree,
              new LeafImage.Part(
                  from.key(),
                  from.inclusive(),
                  bounds.bound(),
                  bounds.boundInclusive(),
                  bounds.ascending()),
              this::lookUpVersions);
      viewer.check();
    } catch (CorruptionException e) {
      viewer.check(); // the tree may be dropped and gone, if the snapshot was given up
      throw e;
    }
    next = fence == null || isPastBound(fence) ? null : new Position(fence, bounds.ascending());
    left = image.high() - image.low();
    slot = bounds.ascending() ? image.low() : image.high() - 1;
    goToVisible();
  }

  private void lookUpVersions() {
    if (anySeen) {
      Arrays.fill(seen, null);
      anySeen = false;
    }
    KeyTable keys = reader.keys();
    if (keys.isEmpty()) {
      return;
    }
    for (int each = image.low(); each < image.high(); each++) {
      image.goTo(each);
      if (keys.mayHave(tree.treeId(), image.keyHash())) {
        Cell inLeaf = image.cell();
        Cell visible = viewer.visible(keys, tree.treeId(), image.key(), inLeaf);
        note(each, visible == null ? NOTHING : visible, inLeaf);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // whether it is that very copy
  private void note(int at, Cell visible, Cell inLeaf) {
    if (visible == inLeaf) {
      return;
    }
    if (seen.length <= at) {
      seen = Arrays.copyOf(seen, image.high());
    }
    seen[at] = visible;
    anySeen = true;
  }

  private @Nullable Cell seen() {
    return anySeen && slot < seen.length ? seen[slot] : null;
  }

  /** Goes on until the viewer sees an entry, from the slot where the scan stands. */
  private void goToVisible() {
    while (left > 0) {
      image.goTo(slot);
      Cell other = seen();
      if (!(other == null ? image.isGhost() : other.ghost())) {
        return;
      }
      step();
    }
  }

  private void step() {
    left--;
    slot += bounds.ascending() ? 1 : -1;
  }

  /** Whether the scan stands at an entry of the leaf. */
  boolean hasEntry() {
    return left > 0;
  }

  /** Goes on to the next entry of the leaf. */
  void pass() {
    step();
    goToVisible();
  }

  /** The leaf that is in hand, gone to the entry's slot, for those who copy out of it. */
  LeafImage image() {
    return image;
  }

  /** Whether the entry is what the leaf holds, and in the leaf as a whole. */
  boolean isPlain() {
    return seen() == null && !image.isOverflow();
  }

  /** The entry's key, the caller's own. */
  byte[] key() {
    return image.key();
  }

  /** The entry's value, or where it is; the caller's own; asked for once. */
  Cell cell() {
    Cell other = seen();
    // What comes from a version is an image that others look at, too.
    return other == null
        ? image.takeCell()
        : new Cell(other.ghost(), other.overflow(), other.value().clone());
  }

  /** The entry's value, the caller's own; asked for once. The caller has entered. */
  byte[] value() {
    return isPlain() ? image.takeValue() : reader.valueOf(viewer, cell());
  }
}
