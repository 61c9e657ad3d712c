package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.redoubt.io.CorruptionException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageEventsTest {
  @TempDir Path dir;

  private final MemoryDisk disk = new MemoryDisk();
  private final FakeLog log = new FakeLog();

  /** In the order in which they ended: a recording has them in any. */
  private List<RecordedEvent> events(String name, Runnable work) throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable(name).withThreshold(Duration.ZERO);
      recording.start();
      work.run();
      recording.stop();
      Path file = dir.resolve("recording.jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals(name))
          .sorted(Comparator.comparing(RecordedEvent::getEndTime))
          .toList();
    }
  }

  private Fixture store(int pages) {
    Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false));
    for (long id = 1; id <= pages; id++) {
      fixture.create(id, id);
    }
    fixture.pool.flushAll();
    return fixture;
  }

  @Test
  void everyReadOfAPageIsAnEvent() throws IOException {
    try (Fixture fixture = store(40)) {
      List<RecordedEvent> found =
          events(
              "dev.redoubt.PageRead",
              () -> {
                fixture.read(1);
                fixture.read(1);
                fixture.read(2);
              });
      assertEquals(List.of(1L, 2L), found.stream().map(event -> event.getLong("pageId")).toList());
      assertEquals(1, found.getFirst().getInt("pages"));
      assertFalse(found.getFirst().getBoolean("ahead"));
    }
  }

  @Test
  void readAheadIsOneEventForARun() throws IOException {
    store(40).close();
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(640, true))) {
      List<RecordedEvent> found =
          events(
              "dev.redoubt.PageRead",
              () -> {
                fixture.pool.prefetch(LongStream.rangeClosed(5, 14).toArray());
                while (fixture.pool.stats().faults() < 10) {
                  Thread.onSpinWait();
                }
              });
      assertEquals(1, found.size());
      assertEquals(5, found.getFirst().getLong("pageId"));
      assertEquals(10, found.getFirst().getInt("pages"));
      assertTrue(found.getFirst().getBoolean("ahead"));
    }
  }

  @Test
  void everyBatchThatGoesHomeIsAnEvent() throws IOException {
    try (Fixture fixture = store(0)) {
      for (long id = 3; id <= 7; id++) {
        fixture.create(id, id);
      }
      List<RecordedEvent> found = events("dev.redoubt.PageWrite", () -> fixture.pool.cleanSome(16));
      assertEquals(1, found.size());
      assertEquals(3, found.getFirst().getLong("firstPageId"));
      assertEquals(7, found.getFirst().getLong("lastPageId"));
      assertEquals(5, found.getFirst().getInt("pages"));
      assertEquals(5L * Fixture.PAGE, found.getFirst().getLong("bytes"));
    }
  }

  @Test
  void everyPageThatMakesRoomIsAnEvent() throws IOException {
    try (Fixture fixture = store(16)) {
      List<RecordedEvent> found =
          events(
              "dev.redoubt.PageEvict",
              () -> {
                for (long id = 17; id <= 20; id++) {
                  fixture.create(id, id);
                }
              });
      assertEquals(4, found.size());
      for (RecordedEvent event : found) {
        assertTrue(event.getLong("pageId") <= 16);
      }
    }
  }

  @Test
  void aDamagedPageIsAnEventWithItsReason() throws IOException {
    store(40).close();
    disk.damage(FilePageStore.PAGES_FILE, 3 * Fixture.PAGE + 50, new byte[] {9});
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false))) {
      List<RecordedEvent> found =
          events(
              "dev.redoubt.ChecksumFailure",
              () -> {
                assertThrows(CorruptionException.class, () -> fixture.read(3));
                fixture.read(4);
              });
      assertEquals(2, found.size(), "it is read a second time");
      for (RecordedEvent event : found) {
        assertEquals(3, event.getLong("pageId"));
        assertTrue(event.getString("reason").contains("checksum"));
      }
    }
  }

  @Test
  void nothingIsAllocatedForEventsThatNobodyRecords() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    long cost = Long.MAX_VALUE;
    long least = Long.MAX_VALUE;
    // The least of some rounds: in the first, classes are initialized, and the JVM may do the same.
    for (int round = 0; round < 20; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      cost = Math.min(cost, threads.getThreadAllocatedBytes(id) - before);
      before = threads.getThreadAllocatedBytes(id);
      tellNobody();
      least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
    }
    assertEquals(cost, least);
  }

  private static void tellNobody() {
    for (int i = 0; i < 10_000; i++) {
      if (PageReadEvent.begun(1, 1, false) != null
          || PageWriteEvent.begun(List.of()) != null
          || ChecksumFailureEvent.isOn()) {
        throw new AssertionError("recorded by somebody");
      }
      PageEvictEvent.emit(1);
    }
  }
}
