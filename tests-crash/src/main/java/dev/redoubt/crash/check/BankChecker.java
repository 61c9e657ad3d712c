package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Conservation: every range read of all accounts shows the same sum, and no account below 0 where
 * that is not allowed.
 *
 * @param from first key of the accounts
 * @param to the key behind the last one
 * @param total what they hold together; the setup is one transaction before all others
 * @param mayOverdraw whether an account may be below 0
 */
public record BankChecker(String from, String to, long total, boolean mayOverdraw)
    implements Checker {
  private static final int TOLD = 8;

  @Override
  public String name() {
    return "bank";
  }

  @Override
  public Verdict check(History history) {
    List<Anomaly> anomalies = new ArrayList<>();
    for (Transaction txn : history.transactions()) {
      for (MicroOp step : txn.isAcknowledged() ? txn.steps() : List.<MicroOp>of()) {
        if (step instanceof MicroOp.Scan scan && isOfAll(scan)) {
          String wrong = wrong(scan);
          if (!wrong.isEmpty() && anomalies.size() < TOLD) {
            anomalies.add(
                new Anomaly(AnomalyKind.TOTAL, "T" + txn.id() + " saw " + wrong, List.of(txn)));
          }
        }
      }
    }
    return Verdict.of(history.transactions().size(), anomalies);
  }

  private boolean isOfAll(MicroOp.Scan scan) {
    return scan.from().compareTo(from) <= 0 && scan.to().compareTo(to) >= 0;
  }

  private String wrong(MicroOp.Scan scan) {
    long sum = 0;
    List<MicroOp.Entry> found = scan.found();
    for (MicroOp.Entry entry : found == null ? List.<MicroOp.Entry>of() : found) {
      if (entry.key().compareTo(from) < 0 || entry.key().compareTo(to) >= 0) {
        continue;
      }
      switch (entry.value()) {
        case Value.Single(long balance) -> {
          sum += balance;
          if (balance < 0 && !mayOverdraw) {
            return "account " + entry.key() + " at " + balance;
          }
        }
        case Elements list -> {
          return "a list in account " + entry.key() + ": " + list;
        }
      }
    }
    return sum == total ? "" : "a total of " + sum + ", not " + total;
  }
}
