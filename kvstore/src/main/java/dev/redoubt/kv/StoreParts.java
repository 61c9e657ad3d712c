package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Roster;

/**
 * What an open store is made of, wired once when it is opened; transactions and views reach it
 * through {@link Store#parts}. All parts are thread-safe.
 */
record StoreParts(
    Limits limits,
    WaitGraph waits,
    Roster<WriteTransaction> active,
    KeyTable keys,
    InDoubt inDoubt,
    CommitOrder commits,
    VersionKeeper versions,
    Overflow overflow,
    TreeReader reader,
    KeyOperations operations,
    Catalog catalog,
    TreeUse treeUse,
    PendingFree pendingFree,
    Housekeeper housekeeper,
    AsyncCommits asyncCommits) {
  /** Makes the trees of a new store; gives what restart left unfinished its keys back. */
  static StoreParts make(Engine engine, TreePages pages, StoreOptions options) {
    WaitGraph waits = new WaitGraph(options.conflictWait(), engine.log().gate());
    KeyTable keys = new KeyTable(waits);
    pages.onUndoneIncrement(keys::incrementUndone);
    pages.nameTrees(Catalog::calledUnread);
    Overflow overflow = new Overflow(engine, pages);
    SystemTrees roots = SystemTrees.openOrCreate(engine, pages);
    InDoubt inDoubt = new InDoubt(waits);
    CommitOrder commits = new CommitOrder(engine.log(), inDoubt);
    VersionKeeper versions =
        new VersionKeeper(
            commits,
            new Snapshots(),
            keys,
            options.versionBudgetBytes(),
            engine.environment()::nanoTime);
    UnfinishedKeys unfinished = new UnfinishedKeys(engine, keys);
    BTree names = new BTree(engine, pages, Catalog.CATALOG_TREE_ID, roots.catalogRoot());
    unfinished.findLosers(names);
    Catalog catalog =
        new Catalog(
            engine, pages, names, roots.pendingRoot(), keys::isSurelyFree, unfinished::inCatalog);
    PendingFree pendingFree = new PendingFree(catalog.pending(), overflow);
    keys.waits().nameTrees(catalog::called);
    pages.nameTrees(catalog::called);
    pendingFree.disposeBy(new TreeDisposal(engine, pages, catalog, pendingFree));
    unfinished.rebuild(catalog, pendingFree, inDoubt);
    Housekeeper housekeeper =
        new Housekeeper(
            catalog,
            pendingFree,
            versions,
            engine.environment(),
            engine.log().gate(),
            options.engine().background());
    Limits limits = Limits.under(options.engine().maxWalBytes());
    Roster<WriteTransaction> active = new Roster<>();
    TreeReader reader = new TreeReader(keys, overflow);
    OwnedKeys owned = new OwnedKeys(keys, versions);
    TreeWrites writes =
        new TreeWrites(limits, owned, keys, versions, overflow, engine.log().gate());
    return new StoreParts(
        limits,
        waits,
        active,
        keys,
        inDoubt,
        commits,
        versions,
        overflow,
        reader,
        new KeyOperations(owned, writes, reader),
        catalog,
        new TreeUse(engine, catalog, keys, active),
        pendingFree,
        housekeeper,
        new AsyncCommits(engine.log(), engine.environment(), options.engine().background()));
  }
}
