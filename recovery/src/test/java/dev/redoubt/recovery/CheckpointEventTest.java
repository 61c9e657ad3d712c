package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the flight recorder is told of checkpoints. */
class CheckpointEventTest {
  @TempDir Path folder;

  @Test
  void beginAndEndAreToldWithTheSizesOfTheTables() throws IOException {
    Cells cells = Engines.CELLS;
    Path file = folder.resolve("checkpoints.jfr");
    long beginLsn;
    try (Recording recording = new Recording();
        Engine engine = Engines.open(new MemoryDisk())) {
      long first = cells.makePage(engine);
      long second = cells.makePage(engine);
      engine.pool().flushAll();
      cells.set(engine, engine.begin(), first, 0, 1);
      cells.set(engine, engine.begin(), second, 0, 1);
      recording.enable("dev.redoubt.Checkpoint").withoutThreshold();
      recording.enable("dev.redoubt.CheckpointBegin");
      recording.start();
      beginLsn = engine.checkpoint();
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    RecordedEvent begun = only(events, "dev.redoubt.CheckpointBegin");
    RecordedEvent ended = only(events, "dev.redoubt.Checkpoint");
    assertEquals(beginLsn, begun.getLong("beginLsn"));
    assertEquals(beginLsn, ended.getLong("beginLsn"));
    assertEquals(2, ended.getInt("transactions"));
    assertEquals(2, ended.getInt("dirtyPages"));
    assertTrue(ended.getLong("boundLsn") < beginLsn);
    assertTrue(ended.getDuration().toNanos() > 0);
  }

  private static RecordedEvent only(List<RecordedEvent> events, String name) {
    List<RecordedEvent> found =
        events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
    assertEquals(1, found.size(), name);
    return found.getFirst();
  }
}
