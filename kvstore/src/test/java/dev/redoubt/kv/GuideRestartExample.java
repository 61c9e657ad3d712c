package dev.redoubt.kv;

import static dev.redoubt.kv.GuideExample.ACCOUNTS;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the guide shows of restarts and decisions; {@link GuideRestartTest} runs it. */
final class GuideRestartExample {
  private final List<String> printed = new ArrayList<>();

  /** What the examples have printed. */
  List<String> printed() {
    return printed;
  }

  private void print(@Nullable Object line) {
    printed.add(String.valueOf(line));
  }

  void prepare(Store store) {
    // region prepare
    try (WriteTx tx = store.beginWrite()) {
      tx.tree(ACCOUNTS).put("ann", 40L);
      tx.prepare("transfer 7".getBytes(UTF_8)); // survives any crash from here on
    }
    // end
  }

  void restart(Path directory) {
    // region restart
    StoreOptions options = StoreOptions.defaults().withRestart(RestartMode.FULL);
    RecoveryListener listener =
        told -> print(told.phase() + " at LSN " + told.lsn() + ", left: " + told.timeLeft());
    try (Store store = Store.open(directory, options, listener)) {
      RecoveryReport report = store.lastRecovery();
      print(report.losers() + " rolled back, " + report.inDoubt() + " in doubt");
    }
    // end
  }

  void readOnly(Path directory) {
    // region readonly
    try (Store store = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
      print(store.listPrepared().size()); // 1
    }
    // end
  }

  void decide(Store store) {
    // region decide
    for (PreparedTransaction each : store.listPrepared()) {
      print(new String(each.gtrid(), UTF_8)); // transfer 7
      store.commitPrepared(each.id()); // or rollbackPrepared
    }
    // end
  }
}
