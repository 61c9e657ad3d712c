package dev.redoubt.demo.command;

import dev.redoubt.buffer.BufferPoolStats;
import dev.redoubt.demo.inspect.PinsView;
import dev.redoubt.demo.output.Fields;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.RestartLeft;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreStats;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartEstimate;
import dev.redoubt.wal.LogStats;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code redoubt stats}. */
@Command(
    name = "stats",
    header = "Print figures of trees, pages, log and buffer pool.",
    description = {
      "Print figures of pages, log, buffer pool and the last restart, and of each tree: entries,"
          + " pages, depth, and how full its leaves are. Of large trees, marked ~, some leaves are"
          + " read and stand for the others.",
      "Exit code 1 if a tree, or the catalog of trees, is damaged: the rest is printed."
    })
final class StatsCommand extends ReadCommand {
  StatsCommand() {}

  @Override
  int call(Path where) {
    try {
      return super.call(where);
    } catch (CorruptionException e) {
      // The trees do not open: what is below them may, and is what one wants to see then.
      String damage = Objects.requireNonNullElse(e.getMessage(), e.code());
      try {
        Stores.lookBelowTrees(
            where,
            engine -> {
              print(EngineLines.json(engine, damage), EngineLines.text(engine, damage));
              return null;
            });
      } catch (StorageException neither) {
        e.addSuppressed(neither);
        throw e;
      }
      return ExitCode.NO;
    }
  }

  @Override
  int run(Store store) {
    StoreStats stats = store.stats();
    List<Map<String, @Nullable Object>> trees = TreeLines.json(store, stats.trees());
    print(json(stats, store, trees), text(stats, store));
    boolean damaged = trees.stream().anyMatch(tree -> tree.containsKey("damage"));
    return damaged ? ExitCode.NO : ExitCode.OK;
  }

  private static Map<String, @Nullable Object> json(
      StoreStats stats, Store store, List<Map<String, @Nullable Object>> trees) {
    Map<String, @Nullable Object> pool = Json.members(stats.pool());
    if (stats.pool().oldestRecLsn() == Long.MAX_VALUE) {
      pool.put("oldestRecLsn", null);
    }
    Map<String, @Nullable Object> members = Json.members(stats);
    members.put("pool", pool);
    members.put("restart", Json.members(stats.restart()));
    members.put("restartNanos", stats.restart().total().toNanos());
    members.put("freePages", stats.freePages());
    members.put("treeStats", trees);
    members.put("segmentBytes", store.engine().log().segmentBytes());
    members.put("preparedTransactions", store.engine().stats().preparedTransactions());
    members.put("quarantinedPages", store.engine().stats().quarantinedPages());
    members.put("lastRecovery", store.lastRecovery());
    members.put("lastCrashRecovery", store.engine().restartReports().afterCrash());
    return members;
  }

  private static String text(StoreStats stats, Store store) {
    LogStats log = stats.log();
    BufferPoolStats pool = stats.pool();
    boolean anyDirty = pool.oldestRecLsn() != Long.MAX_VALUE;
    Fields fields = new Fields();
    TreeLines.add(fields, store, stats.trees());
    return fields
        .add("page size", Text.bytes(stats.pageSize()))
        .add("pages kept in", stats.pageStore())
        .add("pages in use", used(stats))
        .add("pages freed", Text.count(stats.freedPages()) + " since opening")
        .add("to be cleared up", Text.count(stats.cleaning()))
        .add("pages in memory", Text.count(pool.resident()) + " of " + Text.count(pool.frames()))
        .add("dirty pages", Text.count(pool.dirty()))
        .add("oldest recLSN", anyDirty ? pool.oldestRecLsn() : "none")
        .add("open transactions", Text.count(stats.activeTransactions()))
        .add("in doubt", EngineLines.inDoubt(store.engine().stats().preparedTransactions()))
        .add("in quarantine", quarantine(store))
        .add("log kept", "LSN " + log.startLsn() + " to " + log.endLsn())
        .add("log segments", log.segmentCount() + " in use, " + log.spareSegments() + " spare")
        .add("segment size", Text.bytes(store.engine().log().segmentBytes()))
        .add("last checkpoint", "LSN " + stats.lastCheckpointLsn())
        .add("redo distance", Text.bytes(stats.redoDistanceBytes()))
        .add("restart now", restartNow(stats.restart()))
        .add("log is held by", PinsView.line(stats.logPins()))
        .add("last restart", lastRestart(store.engine().restartReports().afterCrash()))
        .add("left of it", left(stats.restartLeft()))
        .toString();
  }

  /** Pages that are refused, and transactions that cannot be rolled back because of them. */
  private static String quarantine(Store store) {
    List<Long> pages = store.engine().stats().quarantinedPages();
    List<Long> losers = store.lastRecovery().unfinishedLosers();
    return (pages.isEmpty() ? "nothing" : "pages " + pages + "; see 'redoubt help give-up'")
        + (losers.isEmpty() ? "" : "; transactions " + losers + " cannot be rolled back");
  }

  private static String lastRestart(@Nullable RecoveryReport report) {
    return report == null ? "none after a crash" : RestartText.kept(report);
  }

  private static String left(RestartLeft left) {
    return left.isNothing()
        ? "nothing"
        : Text.count(left.pages(), "page")
            + " and "
            + Text.bytes(left.redoBytes())
            + " of log to redo, "
            + Text.count(left.losers(), "loser")
            + " with "
            + Text.count(left.updates(), "update")
            + " to undo";
  }

  private static String restartNow(RestartEstimate restart) {
    return "about "
        + restart.total().toMillis()
        + " ms: open "
        + restart.opening().toMillis()
        + ", analysis "
        + restart.analysis().toMillis()
        + ", redo "
        + restart.redo().toMillis()
        + ", pages "
        + restart.pageReads().toMillis()
        + ", undo "
        + restart.undo().toMillis()
        + "; wanted "
        + restart.wanted().toMillis()
        + (restart.canBeHeld() ? "" : ", which opening and undo alone exceed");
  }

  private static String used(StoreStats stats) {
    return Text.count(stats.allocatedPages())
        + " of "
        + Text.count(stats.capacityPages())
        + " ("
        + Text.bytes(stats.allocatedPages() * stats.pageSize())
        + "), "
        + Text.count(stats.freePages())
        + " free";
  }
}
