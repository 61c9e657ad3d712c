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
}
