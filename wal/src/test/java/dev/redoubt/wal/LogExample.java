package dev.redoubt.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The example of the package's documentation: a journal of events that survives its process. */
final class LogExample {
  private LogExample() {}

  // @start region="example"
  static List<String> appendAndReplay(Path directory, String event) {
    LogOptions options = LogOptions.defaults().withSegmentBytes(1 << 20);
    try (RealDisk disk = RealDisk.create(directory);
        Log log =
            Log.exists(disk)
                ? Log.open(disk, Environment.system(), options)
                : Log.create(disk, Environment.system(), options, new byte[0])) {
      List<String> events = new ArrayList<>();
      try (LogCursor cursor = log.cursor(0)) {
        while (cursor.next()) {
          events.add(new String(cursor.payload().toArray(ValueLayout.JAVA_BYTE), UTF_8));
        }
      }
      log.startAppending();
      byte[] bytes = event.getBytes(UTF_8);
      long lsn = log.append(MemorySegment.ofArray(bytes), 0, bytes.length);
      log.force(lsn); // now it survives a power cut
      return events;
    }
  }
  // @end
}
