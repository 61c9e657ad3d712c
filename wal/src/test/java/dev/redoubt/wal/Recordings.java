package dev.redoubt.wal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Flight recordings around a piece of work. */
final class Recordings {
  private Recordings() {}

  /** Work that may fail in any way. */
  interface Work {
    void run() throws Exception;
  }

  /**
   * All events of those names, however short, that were committed while the work ran, in the order
   * in which they ended: a recording has them in any.
   */
  static List<RecordedEvent> during(Path directory, List<String> names, Work work)
      throws Exception {
    try (Recording recording = new Recording()) {
      for (String name : names) {
        recording.enable(name).withThreshold(Duration.ZERO).with("throttle", "off");
      }
      recording.start();
      work.run();
      recording.stop();
      return events(recording, directory.resolve("recording.jfr"));
    }
  }

  private static List<RecordedEvent> events(Recording recording, Path file) throws IOException {
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .sorted(Comparator.comparing(RecordedEvent::getEndTime))
        .toList();
  }

  static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
  }
}
