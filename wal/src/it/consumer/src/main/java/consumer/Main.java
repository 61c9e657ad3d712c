package consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.nio.file.Path;

/** Prints what is in the log of a directory, then appends a line. */
public final class Main {
  private Main() {}

  /** Takes the directory and the line. */
  public static void main(String[] args) {
    try (Log log = Log.openOrCreate(Path.of(args[0]), LogOptions.defaults())) {
      log.replay(0, (_, payload) -> System.out.println(UTF_8.decode(payload)));
      log.force(log.append(args[1].getBytes(UTF_8)));
    }
  }
}
