package dev.redoubt.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The operating system's cache of files. */
final class SystemCache {
  private SystemCache() {}

  /**
   * Has it written and dropped, as after a power cut; Linux lets root do that.
   *
   * @throws IOException if that is not permitted here
   */
  static void drop() throws IOException, InterruptedException {
    int failed = new ProcessBuilder("sync").inheritIO().start().waitFor();
    if (failed != 0) {
      throw new IOException("sync failed: " + failed);
    }
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3\n");
  }
}
