package dev.redoubt.crash.plant;

import static dev.redoubt.crash.plant.Patch.callSentTo;
import static dev.redoubt.crash.plant.Patch.emptied;
import static dev.redoubt.crash.plant.Patch.withoutCall;

import java.util.List;

/** Bugs of the log and of the gate to the disk. */
final class LogBugs {
  private static final String WAL = "dev.redoubt.wal.";

  private LogBugs() {}

  static List<Case> cases() {
    return List.of(
        Case.of(
            Hunt.LOG,
            "written-not-forced",
            "R1",
            "a record counts as durable when it is written",
            withoutCall(WAL + "BatchWriter", "forceTouched", "DiskFile.force")),
        Case.of(
            Hunt.LOG,
            "only-last-segment-forced",
            "R2",
            "a round that touches two segments forces the last only",
            withoutCall(WAL + "BatchWriter", "leave", "List.add")),
        Case.of(
            Hunt.LOG,
            "watermark-ahead",
            "R2",
            "a batch calls itself forced",
            callSentTo(
                WAL + "BatchWriter", "write", "BatchBuffer.finish", Wrong.class, "watermarkAhead")),
        Case.of(
            Hunt.LOG,
            "stale-tail-accepted",
            "R3",
            "the chain of batches is not compared",
            emptied(WAL + "LogScanner", "checkChain")),
        Case.of(
            Hunt.LOG,
            "segment-without-name",
            "R3",
            "a segment is used before its name is durable",
            withoutCall(WAL + "SegmentMaker", "dress", "Disk.forceDirectory")),
        Case.of(
            Hunt.LOG,
            "torn-batch-accepted",
            "R3",
            "checksums of batches are not compared",
            emptied(WAL + "BatchReader", "checkBody")),
        Case.of(
            Hunt.FULL_LOG,
            "undo-not-reserved",
            "R4",
            "no log space is set aside for a record and its undo",
            emptied("dev.redoubt.recovery.LogSpace", "reserve"),
            emptied("dev.redoubt.recovery.LogSpace", "reserveLatched")),
        Case.of(
            Hunt.FAILED_FORCE,
            "gate-left-open",
            "R6",
            "work goes on behind a failed force",
            emptied("dev.redoubt.io.HaltGate", "check")),
        Case.of(
            Hunt.LOG,
            "master-not-forced",
            "R12",
            "truncation goes by a master record that was not forced",
            withoutCall(WAL + "MasterFile", "write", "DiskFile.force")),
        Case.of(
            Hunt.LOG,
            "tail-trusted",
            "R13",
            "what a dead process left readable is not forced",
            emptied(WAL + "LogOpener", "forceAll")));
  }
}
