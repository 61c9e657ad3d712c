package dev.redoubt.wal;

import dev.redoubt.io.RealDisk;
import java.nio.file.Path;

/**
 * A process that appends numbered records to a log, forces each, and says so on standard output:
 * {@code LSN number}. Checkpoints now and then. Ends when it is killed, or at the number it was
 * given.
 */
final class FollowedWriter {
  private FollowedWriter() {}

  static final LogOptions OPTIONS =
      LogOptions.defaults().withSegmentBytes(256 << 10).withBuffers(4, 32 << 10);

  static String record(int number) {
    return Logs.text(number, 8 + number * 53 % 3000);
  }

  /** Directory, first number, last number left out. */
  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    try (RealDisk disk = RealDisk.create(directory);
        Log log = Log.exists(disk) ? Logs.open(disk, OPTIONS) : Logs.create(disk, OPTIONS)) {
      log.startAppending();
      int from = Integer.parseInt(args[1]);
      int to = Integer.parseInt(args[2]);
      for (int number = from; number < to; number++) {
        long lsn = Logs.append(log, record(number));
        log.force(lsn);
        System.out.println(lsn + " " + number);
      }
    }
  }
}
