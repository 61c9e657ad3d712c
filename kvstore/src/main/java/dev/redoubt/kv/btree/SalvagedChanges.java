package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.SalvageSource;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What transactions that have not ended changed in the leaves of a store, and what was there
 * before: so that what they left is not taken for committed. Confined to one thread.
 */
public final class SalvagedChanges {
  /** The cell as it is with the flags of before. */
  private static final int NO_FLAGS = -1;

  private final SalvageSource source;

  /** By root page, then by key. */
  private final Map<Long, Map<ByteBuffer, Change>> byRoot = new HashMap<>();

  /**
   * By root page: pages that these changes touched. Leaves tell their tree where the root cannot.
   */
  private final Map<Long, Set<Long>> touched = new HashMap<>();

  /** What is known of one key: the oldest state is the committed one. */
  static final class Change {
    SalvageSource.Fate fate;
    long transactionId;
    boolean current = true;
    int flags = NO_FLAGS;
    long added;
    @Nullable Cell before;

    Change(SalvageSource.Fate fate, long transactionId) {
      this.fate = fate;
      this.transactionId = transactionId;
    }

    /** One more update is taken back; they come newest first. */
    void undo(LeafBefore update) {
      switch (update) {
        case LeafBefore.Absent _ -> set(null);
        case LeafBefore.Stored stored -> set(stored.cell());
        case LeafBefore.Added more when current -> added += more.delta();
        case LeafBefore.Added more -> {
          Cell after = before;
          before = after == null ? null : after.plus(-more.delta());
        }
        case LeafBefore.Flagged flagged when current -> flags = flagged.flags();
        case LeafBefore.Flagged flagged -> {
          Cell after = before;
          set(after == null ? null : flagged.cell(after));
        }
      }
    }

    private void set(@Nullable Cell cell) {
      current = false;
      before = cell;
    }

    @Nullable Cell resolve(Cell now) {
      if (!current) {
        return before;
      }
      Cell then = now.plus(-added);
      return flags == NO_FLAGS ? then : new LeafBefore.Flagged(0, new byte[0], flags).cell(then);
    }

    /** Another transaction has changed the key, too: both have added to its number. */
    Change with(SalvageSource.Fate otherFate, long otherId) {
      if (otherFate == SalvageSource.Fate.UNDECIDED) {
        fate = otherFate;
        transactionId = otherId;
      }
      return this;
    }
  }

  /** What became of a key: its committed cell, or doubt about it. */
  record Resolved(@Nullable Cell cell, String doubt) {}

  /** Takes over the changes of all unfinished transactions of {@code source}. */
  public SalvagedChanges(SalvageSource source) {
    this.source = source;
    for (SalvageSource.Unfinished each : source.unfinished()) {
      for (LogRecord.Update update : each.updates()) {
        add(each, update);
      }
    }
  }

  private void add(SalvageSource.Unfinished transaction, LogRecord.Update update) {
    if (update.managerId() != TreePages.ID) {
      return;
    }
    LeafBefore before;
    try {
      before = LeafBefore.of(update);
    } catch (CorruptionException unknown) {
      return;
    }
    if (before != null) {
      Set<Long> pages = touched.computeIfAbsent(before.root(), root -> new TreeSet<>());
      pages.add(before.root());
      update.changes().forEach(change -> pages.add(change.pageId()));
      byRoot
          .computeIfAbsent(before.root(), root -> new HashMap<>())
          .computeIfAbsent(
              ByteBuffer.wrap(before.key()),
              key -> new Change(transaction.fate(), transaction.transactionId()))
          .with(transaction.fate(), transaction.transactionId())
          .undo(before);
    }
  }

  /** Changes of the tree with that root, or, if it is 0, of the tree with that id. */
  Map<ByteBuffer, Change> of(int treeId, long root) {
    if (root != 0) {
      return byRoot.getOrDefault(root, Map.of());
    }
    Map<ByteBuffer, Change> found = new HashMap<>();
    byRoot.forEach(
        (page, ofTree) -> {
          if (touched.getOrDefault(page, Set.of()).stream().anyMatch(id -> isOf(treeId, id))) {
            found.putAll(ofTree);
          }
        });
    return found;
  }

  private boolean isOf(int treeId, long pageId) {
    MemorySegment page = source.page(pageId).bytes();
    return page != null && Node.isNode(page) && PageLayout.owner(page) == treeId;
  }

  /** The committed state of a key whose leaf has this cell. */
  static Resolved resolve(Map<ByteBuffer, Change> changes, byte[] key, Cell now) {
    Change change = changes.isEmpty() ? null : changes.get(ByteBuffer.wrap(key));
    if (change == null) {
      return new Resolved(now, "");
    }
    return switch (change.fate) {
      case IN_DOUBT, LOSER -> new Resolved(change.resolve(now), "");
      case UNDECIDED ->
          new Resolved(
              now,
              "transaction "
                  + change.transactionId
                  + " wrote it; whether that was committed stood in the unreadable log");
    };
  }
}
