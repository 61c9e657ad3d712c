package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.RecordView;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogTail;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code redoubt wal follow}. */
@Command(
    name = "follow",
    header = "Print records as they become durable.",
    description = {
      "Print records of the log as they become durable, while the store is open elsewhere or not:"
          + " from now on, or from an LSN. With --json one object a line. Goes on until it is"
          + " interrupted, or as the options say. Writes nothing and holds nothing: if the store"
          + " recycles log before it was read, that is an error that says from where to where."
    })
final class WalFollowCommand extends InspectCommand {
  private static final Duration LOOK_AT_READER = Duration.ofSeconds(1);

  @Option(
      names = "--from",
      paramLabel = "LSN",
      description = "First LSN, included; 0 for the start of the log. Default: from now on.")
  private @Nullable Long from;

  @Option(names = "--limit", paramLabel = "N", description = "End after so many records.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      description = "End when no record has come for so long.")
  private long idleSeconds = Long.MAX_VALUE;

  WalFollowCommand() {}

  @Override
  int run(Inspection store) {
    if ((from != null && from < 0) || limit < 0 || idleSeconds < 0) {
      throw new InputException("usage", "--from, --limit and --idle take 0 or more");
    }
    Log log = store.log();
    long fromLsn = from == null ? log.durableEndLsn() : from;
    if (!json()) {
      out().println(RecordView.heads());
    }
    try (LogTail tail = log.followers().tail(fromLsn, Long.MAX_VALUE)) {
      follow(store, tail);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out().flush();
    return ExitCode.OK;
  }

  private void follow(Inspection store, LogTail tail) throws InterruptedException {
    Duration idle = Duration.ofSeconds(Math.min(idleSeconds, Integer.MAX_VALUE));
    Duration waited = Duration.ZERO;
    for (long printed = 0; printed < limit; ) {
      boolean moved = tail.poll();
      if (!moved) {
        out().flush();
        Duration left = idle.minus(waited);
        Duration wait = left.compareTo(LOOK_AT_READER) < 0 ? left : LOOK_AT_READER;
        moved = tail.next(wait);
        waited = waited.plus(wait);
      }
      if (moved) {
        RecordView view = new RecordView(store.dump().describe(tail.lsn(), tail.payload()));
        out().println(json() ? Json.of(view.json()) : view.line());
        printed++;
        waited = Duration.ZERO;
      } else if (waited.compareTo(idle) >= 0 || out().checkError()) {
        // checkError is how a PrintWriter says that the reader has gone (wal follow ... | head).
        return;
      }
    }
  }
}
