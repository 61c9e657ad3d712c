package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the flight recorder is told of restarts. */
class RestartEventTest {
  @TempDir Path folder;

  @Test
  void aFullRestartIsToldOnceWithItsTimesAndCounts() throws IOException {
    MemoryDisk disk = crashed();
    List<RecordedEvent> told;
    RecoveryReport report;
    try (Recording recording = started()) {
      try (Engine engine = Engines.open(disk)) {
        report = engine.lastRecovery();
      }
      told = events(recording);
    }
    assertEquals(1, told.size());
    assertAs(report, told.getFirst());
    assertTrue(report.checkpointTime().toNanos() > 0);
  }

  @Test
  void anInstantRestartIsToldWhenTheStoreOpensAndWhenNothingIsLeft() throws IOException {
    MemoryDisk disk = crashed();
    List<RecordedEvent> told;
    RecoveryReport opened;
    RecoveryReport ended;
    try (Recording recording = started()) {
      try (Engine engine = Engines.open(disk, Engines.SMALL.withRestart(RestartMode.INSTANT))) {
        opened = engine.lastRecovery();
        engine.continueRestart();
        engine.restart().await();
        ended = engine.lastRecovery();
      }
      told = events(recording);
    }
    assertEquals(2, told.size());
    assertAs(opened, told.getFirst());
    assertAs(ended, told.getLast());
    assertFalse(opened.complete());
    assertTrue(ended.complete());
    assertEquals(2, told.getLast().getLong("clrsWritten"));
  }

  /** Two updates of a loser, one of a winner. */
  private static MemoryDisk crashed() {
    MemoryDisk disk = new MemoryDisk();
    Cells cells = Engines.CELLS;
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    cells.set(engine, loser, page, 0, 1);
    cells.set(engine, loser, page, 1, 1);
    Transaction winner = engine.begin();
    cells.set(engine, winner, page, 2, 1);
    engine.log().force(winner.commit());
    engine.abandon();
    return disk.afterPowerLoss();
  }

  private static Recording started() {
    Recording recording = new Recording();
    recording.enable("dev.redoubt.Restart").withoutThreshold();
    recording.start();
    return recording;
  }

  /** In the order in which they ended: a recording has them in any. */
  private List<RecordedEvent> events(Recording recording) throws IOException {
    recording.stop();
    Path file = folder.resolve("restarts.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(each -> each.getEventType().getName().equals("dev.redoubt.Restart"))
        .sorted(Comparator.comparing(RecordedEvent::getEndTime))
        .toList();
  }

  private static void assertAs(RecoveryReport report, RecordedEvent event) {
    assertEquals(report.clean(), event.getBoolean("clean"));
    assertEquals(report.complete(), event.getBoolean("complete"));
    assertEquals(report.analysisTime(), event.getDuration("analysisTime"));
    assertEquals(report.redoTime(), event.getDuration("redoTime"));
    assertEquals(report.undoTime(), event.getDuration("undoTime"));
    assertEquals(report.checkpointTime(), event.getDuration("checkpointTime"));
    assertEquals(report.scannedRecords(), event.getLong("scannedRecords"));
    assertEquals(report.redone(), event.getLong("redone"));
    assertEquals(report.skippedNotDirty(), event.getLong("skippedNotDirty"));
    assertEquals(report.skippedRecLsn(), event.getLong("skippedRecLsn"));
    assertEquals(report.skippedPageLsn(), event.getLong("skippedPageLsn"));
    assertEquals(report.losers(), event.getInt("losers"));
    assertEquals(report.clrsWritten(), event.getLong("clrsWritten"));
    assertEquals(report.inDoubt(), event.getInt("inDoubt"));
    assertEquals(report.tornPagesRestored() + report.pagesRebuilt(), event.getInt("pagesMended"));
    assertEquals(report.quarantinedPages().size(), event.getInt("pagesQuarantined"));
  }
}
