package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.LeafBefore;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Gives transactions that restart left unfinished the keys that they changed and that have not been
 * undone, with the committed state from before (recovery rules 17 and 18). Runs before the store
 * lets anyone in; confined to the opening thread.
 */
final class UnfinishedKeys {
  private static final System.Logger LOG = System.getLogger(UnfinishedKeys.class.getName());

  private final Engine engine;
  private final Catalog catalog;
  private final KeyTable keys;

  UnfinishedKeys(Engine engine, Catalog catalog, KeyTable keys) {
    this.engine = engine;
    this.catalog = catalog;
    this.keys = keys;
  }

  /** Walks the chain of each; a chain that is damaged leaves what lies behind unknown. */
  void rebuild() {
    boolean complete = true;
    for (Transaction each : engine.unfinished()) {
      WriteSet owner =
          new WriteSet(
              new UnfinishedTransaction(each.id(), each.state() == Transaction.State.PREPARED));
      try {
        engine.forEachUpdate(each, update -> own(owner, update));
      } catch (CorruptionException e) {
        complete = false;
        LOG.log(
            System.Logger.Level.WARNING,
            "not every key of transaction " + each.id() + " is known; no ghost is purged",
            e);
      }
    }
    if (complete) {
      keys.everyOwnerIsKnown();
    }
  }

  private void own(WriteSet owner, LogRecord.Update update) {
    if (update.managerId() != TreePages.ID) {
      return;
    }
    @Nullable LeafBefore before = LeafBefore.of(update);
    @Nullable BTree tree = before == null ? null : catalog.byRoot(before.root());
    // A tree that the catalog does not name was never committed: nobody reaches it.
    if (before != null && tree != null) {
      keys.own(owner, new KeyRef(tree.treeId(), before.key()), before);
    }
  }
}
