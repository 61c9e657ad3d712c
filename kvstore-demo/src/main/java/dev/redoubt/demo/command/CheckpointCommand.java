package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.kv.Store;
import java.time.Duration;
import picocli.CommandLine.Command;

/** {@code redoubt checkpoint}. */
@Command(
    name = "checkpoint",
    header = "Take a checkpoint.",
    description = "Take a fuzzy checkpoint and print its LSN; the log before it may be recycled.")
final class CheckpointCommand extends StoreCommand {
  CheckpointCommand() {}

  @Override
  int run(Store store) {
    long start = System.nanoTime();
    long lsn = store.checkpoint();
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    print(
        Json.object("checkpointLsn", lsn, "timeMillis", time),
        "checkpoint at LSN " + lsn + ", " + Text.duration(time));
    return ExitCode.OK;
  }
}
