package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.SalvageSource;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads what can be read of one tree. From the root down as far as nodes are whole; what lies below
 * one that is not is a gap, to be filled from leaves of this tree that nobody led to: they carry
 * their owner and both fences. What then is still missing is lost, and named. Confined to one
 * thread.
 */
public final class TreeSalvage {
  /** Takes what is found; ranges are from {@code lower} to below {@code upper}, null: no bound. */
  public interface Sink {
    /** An entry; each key once. */
    void entry(byte[] key, byte[] value);

    /** Entries in that range are lost, if there were any. */
    void lost(byte[] lower, byte @Nullable [] upper, String why);

    /** The value of that key is lost. */
    void lost(byte[] key, String why);

    /** What was found in that range may not be what was committed last. */
    void uncertain(byte[] lower, byte @Nullable [] upper, String why);

    /** The same of one key. */
    void uncertain(byte[] key, String why);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Gap(byte[] lower, byte @Nullable [] upper, String why) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Leaf(
      long pageId, long pageLsn, byte[] lower, byte @Nullable [] upper, boolean surelyInUse) {}

  private final SalvageSource source;
  private final int treeId;
  private final Map<ByteBuffer, SalvagedChanges.Change> changes;
  private final BitSet visited;
  private final Sink sink;
  private final List<Gap> gaps = new ArrayList<>();
  private final List<Leaf> leaves = new ArrayList<>();

  /**
   * @param root page of the root, 0 if it is not known: then all of the tree is a gap
   * @param visited pages that some tree has reached; this one adds its own
   */
  public TreeSalvage(
      SalvageSource source,
      int treeId,
      long root,
      SalvagedChanges changes,
      BitSet visited,
      Sink sink) {
    this.source = source;
    this.treeId = treeId;
    this.changes = changes.of(treeId, root);
    this.visited = visited;
    this.sink = sink;
    if (root == 0) {
      gaps.add(new Gap(new byte[0], null, "the root of the tree is not known"));
    } else {
      node(root, new byte[0], null, -1);
    }
  }

  /** Whether anything could not be reached from the root. */
  public boolean hasGaps() {
    return !gaps.isEmpty();
  }

  /** Offers a page that no tree has reached; leaves of this tree that fall into a gap are kept. */
  public void offer(long pageId, MemorySegment page, boolean surelyInUse) {
    if (problem(pageId, page, 0).isEmpty()) {
      byte[] lower = Node.lowerFence(page);
      byte[] upper = Node.upperFence(page);
      if (gaps.stream().anyMatch(gap -> meet(gap.lower, gap.upper, lower, upper))) {
        leaves.add(new Leaf(pageId, PageLayout.pageLsn(page), lower, upper, surelyInUse));
      }
    }
  }

  /** The owner of a page that is a node of some tree; 0 if it is none. */
  public static int owner(MemorySegment page) {
    return Node.isNode(page) ? PageLayout.owner(page) : 0;
  }

  /** Fills the gaps from the leaves that were offered; names what is left of them. */
  public void finish() {
    // Where two say they hold a key, the one that was changed last does: the other was freed.
    leaves.sort(Comparator.comparingLong(Leaf::pageLsn).reversed());
    for (Gap gap : gaps) {
      List<Gap> left = new ArrayList<>(List.of(gap));
      for (Leaf leaf : leaves) {
        List<Gap> next = new ArrayList<>();
        left.forEach(part -> fill(part, leaf, next));
        left = next;
      }
      left.sort((a, b) -> Arrays.compareUnsigned(a.lower, b.lower));
      left.forEach(part -> sink.lost(part.lower, part.upper, part.why));
    }
    gaps.clear();
  }

  /** What {@code leaf} has of {@code part} goes out; the rest is added to {@code left}. */
  private void fill(Gap part, Leaf leaf, List<Gap> left) {
    if (!meet(part.lower, part.upper, leaf.lower, leaf.upper)) {
      left.add(part);
      return;
    }
    byte[] lower = larger(part.lower, leaf.lower);
    byte @Nullable [] upper = smaller(part.upper, leaf.upper);
    SalvageSource.Page page = source.page(leaf.pageId);
    MemorySegment bytes = page.bytes();
    if (bytes == null) {
      left.add(part);
      return;
    }
    visited.set((int) leaf.pageId);
    entries(bytes, lower, upper);
    if (!leaf.surelyInUse) {
      String why = "page " + leaf.pageId + " holds it, which may have been given up before";
      sink.uncertain(lower, upper, why);
    }
    outdated(page, lower, upper);
    if (Arrays.compareUnsigned(part.lower, lower) < 0) {
      left.add(new Gap(part.lower, lower, part.why));
    }
    if (upper != null && isBelow(upper, part.upper)) {
      left.add(new Gap(upper, part.upper, part.why));
    }
  }

  /** The node that is to hold the keys from {@code lower} to below {@code upper}, and all below. */
  private void node(long pageId, byte[] lower, byte @Nullable [] upper, int level) {
    SalvageSource.Page found = source.page(pageId);
    MemorySegment page = found.bytes();
    String problem = page == null ? found.problem() : problem(pageId, page, level);
    if (page == null || !problem.isEmpty()) {
      gaps.add(new Gap(lower, upper, problem));
      return;
    }
    if (visited.get((int) pageId)) {
      gaps.add(new Gap(lower, upper, "page " + pageId + " stands in two places"));
      return;
    }
    visited.set((int) pageId);
    byte[] from = larger(lower, Node.lowerFence(page));
    byte @Nullable [] to = smaller(upper, Node.upperFence(page));
    String other = "page " + pageId + " holds other keys than the node above it says";
    if (!isBelow(from, to)) {
      gaps.add(new Gap(lower, upper, other));
      return;
    }
    if (Arrays.compareUnsigned(lower, from) < 0) {
      gaps.add(new Gap(lower, from, other));
    }
    if (to != null && isBelow(to, upper)) {
      gaps.add(new Gap(to, upper, other));
    }
    if (Node.level(page) == 0) {
      entries(page, from, to);
      outdated(found, from, to);
    } else {
      children(page, from, to);
    }
  }

  private void children(MemorySegment page, byte[] from, byte @Nullable [] to) {
    int count = Node.slotCount(page);
    for (int i = 0; i <= count; i++) {
      byte[] lower = i == 0 ? from : larger(from, Node.key(page, i - 1));
      byte @Nullable [] upper = i == count ? to : smaller(to, Node.key(page, i));
      if (isBelow(lower, upper)) {
        node(Node.child(page, i), lower, upper, Node.level(page) - 1);
      }
    }
  }

  /** What keeps a page from being a node of this tree; empty if nothing does. */
  private String problem(long pageId, MemorySegment page, int level) {
    if (!Node.isNode(page) || PageLayout.owner(page) != treeId) {
      return "page " + pageId + " is no node of tree " + treeId;
    }
    if (level >= 0 && Node.level(page) != level) {
      return "page " + pageId + " is on level " + Node.level(page) + ", not " + level;
    }
    AtomicReference<String> problem = new AtomicReference<>("");
    NodeChecker.check(page, line -> problem.compareAndSet("", "page " + pageId + ": " + line));
    return problem.get();
  }

  private void entries(MemorySegment page, byte[] lower, byte @Nullable [] upper) {
    for (int slot = 0; slot < Node.slotCount(page); slot++) {
      byte[] key = Node.key(page, slot);
      if (Arrays.compareUnsigned(key, lower) >= 0 && isBelow(key, upper)) {
        SalvagedChanges.Resolved resolved =
            SalvagedChanges.resolve(changes, key, Node.cell(page, slot));
        if (!resolved.doubt().isEmpty()) {
          sink.uncertain(key, resolved.doubt());
        }
        Cell cell = resolved.cell();
        if (cell != null && !cell.ghost()) {
          entry(key, cell);
        }
      }
    }
  }

  private void entry(byte[] key, Cell cell) {
    try {
      sink.entry(key, cell.overflow() ? SalvagedValue.read(source, cell.value()) : cell.value());
    } catch (CorruptionException broken) {
      sink.lost(key, String.valueOf(broken.getMessage()));
    }
  }

  private void outdated(SalvageSource.Page page, byte[] lower, byte @Nullable [] upper) {
    if (!page.outdated().isEmpty()) {
      sink.uncertain(lower, upper, page.outdated());
    }
  }

  private static boolean isBelow(byte[] key, byte @Nullable [] upper) {
    return upper == null || Arrays.compareUnsigned(key, upper) < 0;
  }

  private static boolean meet(
      byte[] lower, byte @Nullable [] upper, byte[] otherLower, byte @Nullable [] otherUpper) {
    return isBelow(lower, otherUpper) && isBelow(otherLower, upper);
  }

  private static byte[] larger(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static byte @Nullable [] smaller(byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
  }
}
