package dev.redoubt.demo.command;

import dev.redoubt.buffer.BufferPoolStats;
import dev.redoubt.demo.inspect.PinsView;
import dev.redoubt.demo.output.Fields;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineStats;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.wal.LogStats;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Figures that need no tree, for a store whose trees cannot be opened. Stateless. */
final class EngineLines {
  private EngineLines() {}

  static String text(Engine engine, String damage) {
    EngineStats stats = engine.stats();
    LogStats log = engine.log().stats();
    BufferPoolStats pool = engine.pool().stats();
    RecoveryReport restart = engine.restartReports().afterCrash();
    List<Long> pages = stats.quarantinedPages();
    return new Fields()
        .add("trees", "cannot be opened: " + damage)
        .add("page size", Text.bytes(engine.pool().pageSize()))
        .add("pages", Text.count(engine.pool().store().capacityPages()))
        .add("pages in memory", Text.count(pool.resident()) + " of " + Text.count(pool.frames()))
        .add("in doubt", inDoubt(stats.preparedTransactions()))
        .add("in quarantine", pages.isEmpty() ? "nothing" : "pages " + pages)
        .add("log kept", "LSN " + log.startLsn() + " to " + log.endLsn())
        .add("log segments", log.segmentCount() + " in use, " + log.spareSegments() + " spare")
        .add("segment size", Text.bytes(engine.log().segmentBytes()))
        .add("last checkpoint", "LSN " + engine.log().master().checkpointLsn())
        .add("log is held by", PinsView.line(engine.logPins()))
        .add("last restart", restart == null ? "none after a crash" : RestartText.kept(restart))
        .toString();
  }

  static Map<String, @Nullable Object> json(Engine engine, String damage) {
    return Json.object(
        "damage",
        damage,
        "pageSize",
        engine.pool().pageSize(),
        "capacityPages",
        engine.pool().store().capacityPages(),
        "log",
        engine.log().stats(),
        "segmentBytes",
        engine.log().segmentBytes(),
        "lastCheckpointLsn",
        engine.log().master().checkpointLsn(),
        "preparedTransactions",
        engine.stats().preparedTransactions(),
        "quarantinedPages",
        engine.stats().quarantinedPages(),
        "lastCrashRecovery",
        engine.restartReports().afterCrash());
  }

  static String inDoubt(int transactions) {
    return transactions == 0 ? "none" : RestartText.inDoubt(transactions);
  }
}
