package dev.redoubt.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The example of the package's documentation and of the README. */
final class LogExample {
  private LogExample() {}

  static List<String> appendAndReplay(Path directory) {
    List<String> events = new ArrayList<>();
    // @start region="example"
    try (Log log = Log.openOrCreate(directory, LogOptions.defaults())) {
      log.replay(0, (lsn, bytes) -> events.add(UTF_8.decode(bytes).toString()));

      long lsn =
          log.append("ann gives bob 30".getBytes(UTF_8)); // has its place, is not yet durable
      CompletableFuture<Void> durable = log.forceAsync(lsn); // be told,
      log.force(lsn); // or wait: it survives a power cut; all who wait share one force
      durable.join();

      log.truncateBefore(lsn); // what is older may be recycled
    }
    // @end
    return events;
  }
}
