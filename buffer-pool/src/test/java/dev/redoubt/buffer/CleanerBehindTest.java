package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cleaner that is behind writes until it is no longer, and tells the flight recorder of it. */
class CleanerBehindTest {
  private static final String EVENT = "dev.redoubt.CleanerBehind";

  @TempDir Path folder;

  @Test
  void spellBeyondTheTargetIsWrittenOutAndIsOneEvent() throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).withoutThreshold();
      recording.start();
      FakeLog log = new FakeLog();
      try (Fixture fixture =
          new Fixture(new MemoryDisk(), log, new BufferPoolOptions(512, false))) {
        for (long id = 1; id <= 300; id++) {
          fixture.create(id, 1);
        }
        fixture.pool.setRedoTarget(1 << 20);
        fixture.pool.cleanDue(); // 30 kB of log: not behind
        assertEquals(300, fixture.pool.stats().dirty());
        fixture.pool.setRedoTarget(5_000);
        int looks = 0;
        while (log.endLsn() - Math.min(fixture.pool.oldestRecLsn(), log.endLsn()) > 5_000) {
          long before = fixture.pool.stats().pagesWritten();
          log.forceAwaited = true; // behind, it yields to nobody
          fixture.pool.cleanDue();
          assertTrue(fixture.pool.stats().pagesWritten() > before, "look " + looks);
          looks++;
        }
        assertTrue(looks > 1, "more than one batch was due");
        fixture.pool.cleanDue(); // sees that it is behind no more
      }
      recording.stop();
      Path file = folder.resolve("behind.jfr");
      recording.dump(file);
      List<RecordedEvent> spells =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals(EVENT))
              .toList();
      assertEquals(1, spells.size(), spells::toString);
      RecordedEvent spell = spells.getFirst();
      assertEquals(5_000, spell.getLong("targetBytes"));
      assertEquals(300, spell.getInt("dirtyPages"));
      assertTrue(spell.getInt("dirtyPagesAtEnd") <= 50, spell::toString);
    }
  }
}
