package dev.redoubt.wal;

import static dev.redoubt.wal.Recordings.named;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log's JFR events say what happened, and are free when nobody records. */
final class EventsTest {
  private static final String STALL = "dev.redoubt.AppendStall";
  private static final String LATE = "dev.redoubt.SegmentLate";
  private static final String FORCE = "dev.redoubt.LogForce";
  private static final String HALT = "dev.redoubt.Halt";

  @TempDir Path directory;

  @Test
  void eachRoundIsAnEventWithItsGroupAndBytes() throws Exception {
    List<RecordedEvent> events =
        Recordings.during(
            directory,
            List.of(FORCE),
            () -> {
              try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
                Logs.append(log, "one");
                Logs.append(log, "two");
                log.force(Logs.append(log, Logs.text(3, 5000)));
                log.force(Logs.append(log, "four"));
              }
            });
    List<RecordedEvent> forces = named(events, FORCE);
    assertEquals(3, forces.size(), "two forces and the seal");
    assertEquals(3, forces.get(0).getInt("records"));
    assertEquals(1, forces.get(0).getInt("batches"));
    assertEquals(8192, forces.get(0).getLong("bytes"));
    assertEquals(4096 + 8192, forces.get(0).getLong("durableEndLsn"));
    assertEquals(1, forces.get(1).getInt("records"));
    assertEquals(4096, forces.get(1).getLong("bytes"));
    assertEquals(0, forces.get(2).getInt("records"));
  }

  @Test
  void anAppendThatFindsTheRingFullIsAnEventAndCounted() throws Exception {
    List<RecordedEvent> events =
        Recordings.during(
            directory,
            List.of(STALL),
            () -> {
              try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
                for (int i = 0; i < 3; i++) {
                  Logs.append(log, Logs.text(i, 7000));
                }
                assertEquals(0, log.stats().appendStalls());
                Logs.append(log, Logs.text(3, 7000));
                assertEquals(1, log.stats().appendStalls());
              }
            });
    assertEquals(1, named(events, STALL).size());
    assertEquals(4096, named(events, STALL).get(0).getLong("awaitedLsn"));
    assertTrue(named(events, STALL).get(0).getDuration().toNanos() > 0);
  }

  @Test
  void anAppendThatWaitsForASegmentIsAnEventAndCounted() throws Exception {
    List<RecordedEvent> events =
        Recordings.during(
            directory,
            List.of(LATE),
            () -> {
              try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
                for (int i = 0; i < 5; i++) {
                  log.force(Logs.append(log, Logs.text(i, 7000)));
                }
                assertEquals(1, log.stats().lateSegments());
              }
            });
    assertEquals(1, named(events, LATE).size());
    assertEquals(1, named(events, LATE).get(0).getLong("segment"));
  }

  @Test
  void aHaltIsOneEventWithItsFirstReason() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    List<RecordedEvent> events =
        Recordings.during(
            directory,
            List.of(HALT),
            () -> {
              try (Log log = Logs.create(disk, Logs.SMALL)) {
                long lsn = Logs.append(log, "x");
                disk.onCall(
                    call -> {
                      if (call.kind().equals("force")) {
                        throw new StorageIoException("force failed: EIO");
                      }
                    });
                assertThrows(EngineHaltedException.class, () -> log.force(lsn));
                assertThrows(EngineHaltedException.class, log::forceAll);
              }
            });
    assertEquals(1, named(events, HALT).size());
    String reason = named(events, HALT).get(0).getString("reason");
    assertTrue(reason.contains("StorageIoException: force failed: EIO"), reason);
  }

  @Test
  void everyEventAndFieldIsLabelledAndDescribed() throws Exception {
    FlightRecorder recorder = FlightRecorder.getFlightRecorder(); // first, or nothing is told
    try (Log log = Logs.create(new MemoryDisk(), Logs.SMALL)) {
      log.force(Logs.append(log, "x"));
      assertThrows(
          EngineHaltedException.class,
          () -> {
            throw log.gate().halt(new StorageIoException("on purpose"));
          });
    }
    for (Class<? extends jdk.jfr.Event> event :
        List.of(AppendStallEvent.class, SegmentLateEvent.class, ForceEvent.class)) {
      FlightRecorder.register(event);
    }
    List<EventType> ours =
        recorder.getEventTypes().stream()
            .filter(type -> type.getName().startsWith("dev.redoubt."))
            .toList();
    assertEquals(
        List.of(STALL, HALT, FORCE, LATE), ours.stream().map(EventType::getName).sorted().toList());
    for (EventType type : ours) {
      assertNotNull(type.getLabel(), type.getName());
      assertNotNull(type.getDescription(), type.getName());
      assertEquals("Redoubt", type.getCategoryNames().get(0));
    }
  }

  @Test
  void appendsAndTheQuestionWhetherAnybodyRecordsAllocateNothing() {
    assertFalse(AppendStallEvent.isOn() || SegmentLateEvent.isOn() || ForceEvent.isOn());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    MemorySegment record = MemorySegment.ofArray(new byte[100]);
    LogOptions options =
        LogOptions.defaults()
            .withSegmentBytes(1 << 22)
            .withBuffers(2, 1 << 20)
            .withBackground(false);
    try (Log log = Logs.create(new MemoryDisk(), options)) {
      appendSome(log, record, 20_000); // now the ring has its buffers
      log.forceAll();
      long before = threads.getCurrentThreadAllocatedBytes();
      appendSome(log, record, 5_000);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < 5_000, allocated + " bytes for 5000 appends");
    }
  }

  private static void appendSome(Log log, MemorySegment record, int count) {
    boolean on = false;
    for (int i = 0; i < count; i++) {
      log.append(record, 0, 100);
      on = on || AppendStallEvent.isOn() || SegmentLateEvent.isOn() || ForceEvent.isOn();
    }
    assertFalse(on);
  }
}
