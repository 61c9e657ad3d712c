package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the stage that went wrong began with.
 *
 * @param disk as the last recovery found it; of a run without a crash, as it was at the end
 * @param oracle what was known of its commits then
 */
record Evidence(SimDisk disk, PrefixOracle<?> oracle) {
  static Evidence of(SimDisk disk, PrefixOracle<?> oracle) {
    return new Evidence(disk.crash(CrashChoice.all()), oracle.fork());
  }

  void writeTo(Path folder) throws IOException {
    Path store = Files.createDirectories(folder.resolve("store"));
    disk.writeTo(store);
    Files.write(folder.resolve("history.txt"), oracle.history(), StandardCharsets.UTF_8);
  }
}
