package dev.redoubt.wal;

import static dev.redoubt.wal.Recordings.named;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.io.RealDisk;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The JDK's own events as a witness, from outside of the log: for every acknowledged record the
 * right file was forced, from after the append to before the acknowledgement. (That the bytes were
 * written before the force, no event of the JDK tells: positional writes have none. The crash
 * sweeps do.)
 */
final class ForceWitnessTest {
  private static final String ACKNOWLEDGED = "test.Acknowledged";
  private static final String FORCE = "jdk.FileForce";

  @TempDir Path directory;

  /** From the append to the acknowledgement, on the clock of the JDK's events. */
  @Name(ACKNOWLEDGED)
  static final class Acknowledged extends Event {
    long lsn;
  }

  private static void commit(Log log, int number, boolean fromReturnOfAppend) {
    Acknowledged event = new Acknowledged();
    event.begin();
    long lsn = Logs.append(log, Logs.text(number, 1 + number * 131 % 3000));
    if (fromReturnOfAppend) {
      event.begin();
    }
    log.force(lsn);
    event.end();
    event.lsn = lsn;
    event.commit();
  }

  private static final List<String> NAMES = List.of(ACKNOWLEDGED, FORCE);

  @Test
  void everyAcknowledgedRecordOfOneClientWasForced() throws Exception {
    for (boolean direct : new boolean[] {true, false}) {
      LogOptions options = Logs.SMALL.withDirectIo(direct);
      Path place = directory.resolve("direct-" + direct);
      List<RecordedEvent> events =
          Recordings.during(
              directory,
              NAMES,
              () -> {
                try (RealDisk disk = RealDisk.create(place);
                    Log log = Logs.create(disk, options)) {
                  for (int i = 0; i < 200; i++) {
                    commit(log, i, true);
                  }
                }
              });
      check(events, 200);
    }
  }

  @Test
  void everyAcknowledgedRecordOfManyClientsWasForced() throws Exception {
    List<RecordedEvent> events =
        Recordings.during(
            directory,
            NAMES,
            () -> {
              try (RealDisk disk = RealDisk.create(directory.resolve("many"));
                  Log log = Logs.create(disk, Logs.SMALL.withBackground(true))) {
                List<Thread> clients = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                  clients.add(
                      Thread.ofPlatform()
                          .start(
                              () -> {
                                for (int n = 0; n < 50; n++) {
                                  commit(log, n, false);
                                }
                              }));
                }
                for (Thread client : clients) {
                  client.join();
                }
              }
            });
    check(events, 400);
  }

  private static void check(List<RecordedEvent> events, int acknowledged) {
    List<RecordedEvent> acknowledgements = named(events, ACKNOWLEDGED);
    List<RecordedEvent> forces = named(events, FORCE);
    assertEquals(acknowledged, acknowledgements.size());
    long witnessed = acknowledgements.stream().filter(ack -> isWitnessed(ack, forces)).count();
    System.out.println(
        "acknowledged: " + acknowledged + ", witnessed: " + witnessed + ", of " + forces.size());
    assertEquals(acknowledged, witnessed, "acknowledged, and no force seen");
  }

  private static boolean isWitnessed(RecordedEvent acknowledgement, List<RecordedEvent> forces) {
    Instant from = acknowledgement.getStartTime();
    Instant to = acknowledgement.getEndTime();
    long segment = acknowledgement.getLong("lsn") / Logs.SMALL.segmentBytes();
    return forces.stream()
        .anyMatch(
            force ->
                force.getString("path").endsWith(LogLayout.segmentName(segment))
                    && !force.getStartTime().isBefore(from)
                    && !force.getEndTime().isAfter(to));
  }
}
