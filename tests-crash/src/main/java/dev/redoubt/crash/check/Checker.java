package dev.redoubt.crash.check;

import dev.redoubt.crash.history.History;
import java.util.List;

/** Judges a history. Checkers keep no state and are safe from any thread. */
public interface Checker {
  /** Short name, for reports. */
  String name();

  /** Judges. Looking for the first few anomalies of each kind is enough. */
  Verdict check(History history);

  /** All of them, one after the other. */
  static Checker all(String name, List<Checker> checkers) {
    return new Checker() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Verdict check(History history) {
        return checkers.stream()
            .map(c -> c.check(history))
            .reduce(Verdict.good(history.transactions().size()), Verdict::and);
      }
    };
  }
}
