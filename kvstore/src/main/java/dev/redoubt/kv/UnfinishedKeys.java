package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafBefore;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives transactions that restart left unfinished the keys that they changed and that have not been
 * undone, with the committed state from before (recovery rules 17 and 18, store rule 13): losers by
 * an index, {@link LoserKeys}, those in doubt by versions. Runs before the store lets anyone in;
 * confined to the opening thread.
 */
final class UnfinishedKeys {
  private static final System.Logger LOG = LazyLogger.of(UnfinishedKeys.class);

  private final Engine engine;
  private final KeyTable keys;

  /** Those whose back chains are walked, record by record. */
  private final List<Transaction> walked = new ArrayList<>();

  private @Nullable LoserKeys losers;

  UnfinishedKeys(Engine engine, KeyTable keys) {
    this.engine = engine;
    this.keys = keys;
  }

  /**
   * Finds the keys of losers. At return the catalog is as it was committed, but for what cannot be
   * undone: {@link #inCatalog}.
   */
  void findLosers(BTree catalog) {
    List<Transaction> undone = new ArrayList<>();
    for (Transaction each : engine.unfinished()) {
      (each.state() == Transaction.State.PREPARED ? walked : undone).add(each);
    }
    if (undone.isEmpty()) {
      return;
    }
    try {
      LoserKeys found = LoserKeys.read(engine, undone);
      found.undoOwnersIn(catalog);
      losers = found;
    } catch (CorruptionException e) {
      LOG.log(System.Logger.Level.WARNING, "the log of losers cannot be read in one go", e);
      walked.addAll(undone);
    }
  }

  /**
   * What was committed of a key of the catalog, whose leaf is latched: a damaged page may keep the
   * loser that dropped or replaced a tree from being undone.
   */
  @Nullable Cell inCatalog(byte[] key, Cell inLeaf) {
    LoserKeys found = losers;
    return found == null
        ? inLeaf
        : Version.visible(found.find(Catalog.CATALOG_TREE_ID, key), inLeaf, Long.MAX_VALUE, null);
  }

  /** Walks the chains of the others; one that is damaged leaves what lies behind unknown. */
  void rebuild(Catalog catalog, PendingFree pendingFree, InDoubt inDoubt) {
    LoserKeys found = losers;
    if (found != null) {
      found.trees(catalog::rootOf);
      keys.setLosers(found);
    }
    boolean complete = true;
    for (Transaction each : walked) {
      WriteSet owner =
          new WriteSet(
              new UnfinishedTransaction(each.id(), each.state() == Transaction.State.PREPARED));
      try {
        engine.forEachUpdate(each, update -> own(catalog, owner, update));
      } catch (CorruptionException e) {
        complete = false;
        LOG.log(
            System.Logger.Level.WARNING,
            "not every key of transaction " + each.id() + " is known; no ghost is purged",
            e);
      }
      if (each.state() == Transaction.State.PREPARED) {
        inDoubt.enter(prepared(each, owner, catalog, pendingFree));
      }
    }
    if (complete) {
      keys.everyOwnerIsKnown();
    }
  }

  /** All that the decision needs, its read ranges too (store rule 12). */
  private static PreparedWork prepared(
      Transaction transaction, WriteSet writes, Catalog catalog, PendingFree pendingFree) {
    Leftovers leftovers = new Leftovers(pendingFree);
    for (Version each = writes.first(); each != null; each = each.nextOfSet) {
      leftovers.found(each.alone());
      writes.grow(rebuilt(each, catalog));
    }
    return new PreparedWork(
        transaction,
        transaction.globalId(),
        writes,
        ReadRanges.decode(transaction.payload(), transaction.id()),
        leftovers,
        null);
  }

  /**
   * Gives the version an image of its own; returns the bytes that it keeps. On a damaged leaf it
   * stays as it is, since nobody reads the key there.
   */
  private static long rebuilt(Version version, Catalog catalog) {
    BTree tree = catalog.byId(version.treeId());
    if (tree != null && version.needsLeaf()) {
      try {
        version.rebuilt(tree.<@Nullable Cell>read(version.key(), cell -> cell));
      } catch (CorruptionException | StorageIoException e) {
        LOG.log(System.Logger.Level.WARNING, "the state before a deletion is not known", e);
      }
    }
    return version.keptBytes();
  }

  private void own(Catalog catalog, WriteSet owner, LogRecord.Update update) {
    if (update.managerId() != TreePages.ID) {
      return;
    }
    @Nullable LeafBefore before = LeafBefore.of(update);
    @Nullable BTree tree = before == null ? null : catalog.byRoot(before.root());
    // A tree that the catalog does not name was never committed: nobody reaches it.
    if (before != null && tree != null) {
      keys.own(owner, tree.treeId(), before.key(), before);
    }
  }
}
