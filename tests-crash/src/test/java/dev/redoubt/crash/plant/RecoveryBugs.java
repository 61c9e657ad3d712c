package dev.redoubt.crash.plant;

import static dev.redoubt.crash.plant.Patch.callSentTo;
import static dev.redoubt.crash.plant.Patch.emptied;
import static dev.redoubt.crash.plant.Patch.withoutCall;

import java.util.List;

/** Bugs of checkpoints, of truncation and of the passes of restart. */
final class RecoveryBugs {
  private static final String RECOVERY = "dev.redoubt.recovery.";

  private RecoveryBugs() {}

  static List<Case> cases() {
    return List.of(
        Case.of(
            Hunt.CAP,
            "cap-not-kept",
            "R5",
            "log space is given out beyond the cap",
            callSentTo(
                RECOVERY + "WalCap", "extend", "WalCap.admittedBytes", Wrong.class, "ignored")),
        Case.of(
            Hunt.RACES,
            "reclsn-set-late",
            "R11",
            "recLSN is set when the change has been made",
            withoutCall(RECOVERY + "ChangeLogger", "log", "PageGuard.prepareChange"),
            callSentTo(
                RECOVERY + "ChangeLogger",
                "appendAndApply",
                "PageGuard.changed",
                Wrong.class,
                "changedLate")),
        Case.of(
            Hunt.RACES,
            "entry-behind-append",
            "R11",
            "a transaction's entry changes some time after its append",
            callSentTo(
                RECOVERY + "BackChain", "append", "Append.append", Wrong.class, "appendedEarly")),
        Case.of(
            Hunt.DOUBT,
            "prepare-not-durable",
            "R17, S12",
            "prepare returns without a force",
            withoutCall(RECOVERY + "Transaction", "prepare", "Log.force")),
        Case.of(
            Hunt.DOUBT,
            "keys-in-doubt-unknown",
            "R17, S12",
            "restart does not find the keys of transactions in doubt",
            withoutCall("dev.redoubt.kv.UnfinishedKeys", "rebuild", "Engine.forEachUpdate")),
        Case.of(
            Hunt.BAD_PAGE,
            "quarantine-not-in-table",
            "R18",
            "checkpoints do not know of pages in quarantine",
            callSentTo(
                RECOVERY + "LiveTables",
                "dirtyPages",
                "Quarantine.entries",
                Wrong.class,
                "noPages")),
        Case.of(
            Hunt.MANAGER,
            "manager-not-missed",
            "R21",
            "a store opens without a resource manager that it has used",
            emptied(RECOVERY + "Managers", "requireAll")),
        Case.of(
            Hunt.RANGES,
            "range-not-owned",
            "R21",
            "two transactions write the same bytes of a memory",
            emptied(RECOVERY + "RangeOwnership", "claim")),
        Case.of(
            Hunt.MEMORY,
            "tables-not-loaded",
            "R11",
            "analysis does not load the tables of the checkpoint",
            emptied(RECOVERY + "Analysis", "load")),
        Case.of(
            Hunt.MEMORY,
            "undo-log-truncated",
            "R12",
            "truncation passes the first LSN of active transactions",
            callSentTo(
                RECOVERY + "Checkpointer",
                "bound",
                "TransactionEntry.firstLsn",
                Wrong.class,
                "ignored")),
        Case.of(
            Hunt.MEMORY,
            "redo-log-truncated",
            "R12",
            "truncation passes the oldest recLSN",
            callSentTo(
                RECOVERY + "Checkpointer",
                "bound",
                "DirtyPage.recLsn",
                Wrong.class,
                "ignoredPage")),
        Case.of(
            Hunt.DEATHS,
            "page-leaves-table-in-redo",
            "R13",
            "a page whose pageLSN is new enough is taken for durable",
            withoutCall(RECOVERY + "PageRedo", "apply", "PageGuard.prepareRedo#0"),
            withoutCall("dev.redoubt.buffer.FilePageStore", "restore", "PageFile.force")),
        Case.of(
            Hunt.MEMORY,
            "structure-change-in-part",
            "R14",
            "redo leaves the space map's part of a change out",
            callSentTo(
                RECOVERY + "RoundReader", "add", "RedoRound.add", Wrong.class, "addWithoutMap")),
        Case.of(
            Hunt.MEMORY,
            "undone-twice",
            "R15",
            "analysis does not follow undoNextLSN of a CLR",
            callSentTo(
                RECOVERY + "AnalysedTransactions",
                "process",
                "RecordView.undoNextLsn",
                Wrong.class,
                "prevLsn")),
        Case.of(
            Hunt.STORE,
            "chain-freed-at-once",
            "R15",
            "a replaced value's pages are freed before the commit",
            callSentTo(
                "dev.redoubt.kv.Leftovers",
                "replaced",
                "PendingFree.add",
                Wrong.class,
                "freedAtOnce")),
        Case.of(
            Hunt.RESTART,
            "owed-pages-not-in-table",
            "R16",
            "checkpoints do not know of pages owed redo",
            callSentTo(
                RECOVERY + "LiveTables",
                "dirtyPages",
                "OwedPages.entries",
                Wrong.class,
                "noPages")),
        Case.of(
            Hunt.COPY,
            "hold-not-kept",
            "R20",
            "the log that a copy needs is recycled",
            emptied("dev.redoubt.wal.Holders$Hold", "isWithinBound")),
        Case.of(
            Hunt.COPY,
            "hold-from-checkpoint",
            "R20",
            "a copy has the log from its checkpoint, not from that one's bound",
            callSentTo(
                RECOVERY + "LiveCheckpoints", "hold", "Last.boundLsn", Wrong.class, "beginLsn")));
  }
}
