package dev.redoubt.crash.plant;

import static dev.redoubt.crash.plant.Patch.callSentTo;
import static dev.redoubt.crash.plant.Patch.emptied;
import static dev.redoubt.crash.plant.Patch.returningTrue;
import static dev.redoubt.crash.plant.Patch.withoutCall;

import java.util.List;

/** Bugs of commit, visibility and waiting in the store. */
final class StoreBugs {
  private static final String KV = "dev.redoubt.kv.";

  private StoreBugs() {}

  static List<Case> cases() {
    return List.of(
        Case.of(
            Hunt.STORE,
            "commit-not-durable",
            "R19, S6",
            "a SYNC commit returns without a force",
            emptied(KV + "CommitOrder", "force")),
        Case.of(
            Hunt.ISOLATION,
            "dirty-read",
            "S1",
            "a reader takes what stands in the leaf",
            callSentTo(
                KV + "ReadTransaction", "visible", "Version.visible", Wrong.class, "inLeaf")),
        Case.of(
            Hunt.INCREMENTS,
            "undone-increment-seen",
            "S2",
            "what was undone of an increment is taken off once more for readers",
            emptied(KV + "KeyTable", "incrementUndone")),
        Case.of(
            Hunt.INCREMENTS,
            "increment-seen",
            "S2",
            "increments that a reader must not see stay in what it reads",
            callSentTo(KV + "Version", "before", "Cell.plus", Wrong.class, "notSubtracted")),
        Case.of(
            Hunt.RANGES_IN_DOUBT,
            "ranges-in-doubt-written",
            "S12",
            "commits do not look at what transactions in doubt have read",
            emptied(KV + "InDoubt", "readerOf")),
        Case.of(
            Hunt.RANGES_IN_DOUBT,
            "ranges-not-prepared",
            "S12",
            "what was read is not in the prepare record",
            callSentTo(
                KV + "Preparation", "prepare", "ReadRanges.encode", Wrong.class, "noRanges")),
        Case.of(
            Hunt.ISOLATION,
            "ghost-purged-early",
            "S3",
            "a ghost goes although its key has versions",
            returningTrue(KV + "KeyTable", "isSurelyFree")),
        Case.of(
            Hunt.ISOLATION,
            "not-validated",
            "S5",
            "a commit does not validate what was read",
            withoutCall(KV + "CommitOrder", "commit", "TransactionReads.validate")),
        Case.of(
            Hunt.PEEK,
            "unforced-commit-seen",
            "S6",
            "readers see a SYNC commit before it is durable",
            callSentTo(
                KV + "CommitOrder", "acknowledged", "Log.durableEndLsn", Wrong.class, "ignored")),
        Case.of(
            Hunt.ISOLATION,
            "second-updater-wins",
            "S7",
            "under SNAPSHOT a key changed since the snapshot is overwritten",
            emptied(KV + "TransactionReads", "ownToWrite")),
        Case.of(
            Hunt.ISOLATION,
            "version-reclaimed-early",
            "S8",
            "versions go although a snapshot needs them",
            emptied(KV + "Snapshots", "anyWithin")),
        Case.of(
            Hunt.ISOLATION,
            "point-read-not-recorded",
            "S9",
            "keys that were read are not validated",
            emptied(KV + "TransactionReads", "record")),
        Case.of(
            Hunt.ISOLATION,
            "scan-not-recorded",
            "S9",
            "ranges that were read are not validated",
            emptied(KV + "TransactionReads", "scan")),
        Case.of(
            Hunt.ISOLATION,
            "conflict-swallowed",
            "S11",
            "a refused transaction may commit",
            emptied(KV + "Lifecycle", "doom")),
        Case.of(
            Hunt.RESTART,
            "loser-seen",
            "S13",
            "readers see what a loser wrote",
            emptied(KV + "LoserKeys", "find")),
        Case.of(
            Hunt.RESTART,
            "loser-overwritten",
            "S13",
            "a writer takes a key that a loser still owns",
            emptied(KV + "LoserKeys", "awaitFree")));
  }

  /** Of trees, values and views. */
  static List<Case> ofTrees() {
    return List.of(
        Case.of(
            Hunt.CALLBACK,
            "transaction-held",
            "S4",
            "a transaction is in use while user code looks at a value",
            withoutCall(KV + "ZeroCopy", "value", "Viewer.leave")),
        Case.of(
            Hunt.CALLBACK,
            "before-image-given-away",
            "S4",
            "a reader is given the array that others read, too",
            callSentTo(KV + "TreeReader", "get", "[B.clone", Wrong.class, "itself")),
        Case.of(
            Hunt.DROP_OF_USED,
            "users-not-awaited",
            "S14",
            "a tree is dropped under those who use it",
            emptied(KV + "TreeUse", "awaitUsers")),
        Case.of(
            Hunt.DROP_UNSEEN,
            "drop-seen-at-once",
            "S14",
            "snapshots from before a drop do not find the tree",
            emptied(KV + "DroppedTrees", "unseen")),
        Case.of(
            Hunt.DROP_UNSEEN,
            "dropped-tree-freed-at-once",
            "S14",
            "the pages of a tree are freed by its drop",
            callSentTo(
                KV + "Leftovers",
                "dropped",
                "PendingFree.addTree",
                Wrong.class,
                "treeFreedAtOnce")),
        Case.of(
            Hunt.DROP_UNSEEN,
            "tree-id-used-again",
            "S14",
            "the next id of trees is not written down",
            withoutCall(KV + "Catalog", "make", "Catalog.put#0")),
        Case.of(
            Hunt.LOADS,
            "build-not-listed",
            "S14",
            "a tree that is being loaded is not on the list of what nobody has claimed",
            withoutCall(KV + "Catalog", "lambda$makeInstead*", "PendingFree.addTree"),
            emptied(KV + "PendingFree", "claim")),
        Case.of(
            Hunt.LOADS,
            "claim-not-logged",
            "S14",
            "a tree that was loaded stays on that list",
            emptied(KV + "PendingFree", "claim")),
        Case.of(
            Hunt.STORE,
            "chain-not-listed",
            "S15",
            "a replaced value's pages are not put on the list of those to be freed",
            callSentTo(KV + "Leftovers", "replaced", "PendingFree.add", Wrong.class, "notListed")),
        Case.of(
            Hunt.CHAIN,
            "chain-freed-after-rollback",
            "R15, S15",
            "a chain is freed although its replacement was taken back",
            emptied(KV + "Leftovers", "undoneTo")),
        Case.of(
            Hunt.CURSOR,
            "read-ahead-kept",
            "S16",
            "a cursor shows what it had read before its transaction wrote",
            callSentTo(KV + "NearbyEntries", "*", "Viewer.changes", Wrong.class, "noChanges")),
        Case.of(
            Hunt.ITERATOR,
            "map-holds-snapshot",
            "S17",
            "reads of a map leave their snapshots open",
            withoutCall(KV + "Store", "read", "ReadTx.close")),
        Case.of(
            Hunt.BUDGET,
            "budget-not-kept",
            "S18",
            "no snapshot is given up when versions fill their budget",
            emptied(KV + "VersionKeeper", "giveUpOldest")));
  }
}
