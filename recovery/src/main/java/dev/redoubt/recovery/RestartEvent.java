package dev.redoubt.recovery;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * A restart has come so far that the store is open, and once more when what went on behind the open
 * store has come to its end: the counts and times of {@link RecoveryReport}.
 */
@Name("dev.redoubt.Restart")
@Label("Restart")
@Category("Redoubt")
@StackTrace(false)
final class RestartEvent extends Event {
  @Label("Closed in Order")
  boolean clean;

  @Label("Nothing Left")
  boolean complete;

  @Label("Analysis Time")
  @Timespan
  long analysisTime;

  @Label("Redo Time")
  @Timespan
  long redoTime;

  @Label("Undo Time")
  @Timespan
  long undoTime;

  @Label("Checkpoint Time")
  @Timespan
  long checkpointTime;

  @Label("Records Scanned by Analysis")
  long scannedRecords;

  @Label("Changes Redone")
  long redone;

  @Label("Skipped: Page not in the Dirty Page Table")
  long skippedNotDirty;

  @Label("Skipped: LSN below recLSN")
  long skippedRecLsn;

  @Label("Skipped: pageLSN at or past the LSN")
  long skippedPageLsn;

  @Label("Losers")
  int losers;

  @Label("CLRs Written")
  long clrsWritten;

  @Label("In Doubt")
  int inDoubt;

  @Label("Damaged Pages Restored or Rebuilt")
  int pagesMended;

  @Label("Pages in Quarantine")
  int pagesQuarantined;

  static void tell(RecoveryReport report) {
    RestartEvent event = new RestartEvent();
    if (!event.shouldCommit()) {
      return;
    }
    event.clean = report.clean();
    event.complete = report.complete();
    event.analysisTime = report.analysisTime().toNanos();
    event.redoTime = report.redoTime().toNanos();
    event.undoTime = report.undoTime().toNanos();
    event.checkpointTime = report.checkpointTime().toNanos();
    event.scannedRecords = report.scannedRecords();
    event.redone = report.redone();
    event.skippedNotDirty = report.skippedNotDirty();
    event.skippedRecLsn = report.skippedRecLsn();
    event.skippedPageLsn = report.skippedPageLsn();
    event.losers = report.losers();
    event.clrsWritten = report.clrsWritten();
    event.inDoubt = report.inDoubt();
    event.pagesMended = report.tornPagesRestored() + report.pagesRebuilt();
    event.pagesQuarantined = report.quarantinedPages().size();
    event.commit();
  }
}
