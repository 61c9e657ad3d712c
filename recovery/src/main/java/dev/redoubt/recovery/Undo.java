package dev.redoubt.recovery;

import dev.redoubt.wal.LogWindow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The third pass (ARIES §6.3, Undo Pass): undoes all losers in one backward sweep over the log, the
 * largest undoNextLSN first. Used once, by one thread.
 *
 * <p><b>Differences from the paper.</b> Nested top actions that were open at the crash are undone
 * before everything else, page-oriented, of all losers together: logical undo descends through
 * structures and must find them whole [rule 14: the sweep undoes a key through a half-made split].
 * A loser whose undo meets a damaged page is left unfinished and the others go on (rule 18).
 */
final class Undo {
  private final LoserStep step;
  private final UndoSlack slack;
  private final RestartCheckpoints checkpoints;
  private final RecoveryMeter listener;
  private final List<Transaction> quarantined = new ArrayList<>();
  private long clrsWritten;
  private long visited;
  private long fromLsn;
  private long toLsn;

  Undo(
      Rollback rollback,
      LogWindow log,
      UndoSlack slack,
      RestartCheckpoints checkpoints,
      RecoveryMeter listener) {
    this.checkpoints = checkpoints;
    this.step = new LoserStep(rollback, log);
    this.slack = slack;
    this.listener = listener;
  }

  /**
   * Undoes {@code losers} and writes their end records.
   *
   * @throws dev.redoubt.io.DiskFullException if log or page file cannot take what undo needs;
   *     nothing is lost, and the next restart goes on from there
   */
  void run(List<Transaction> losers) {
    nested(losers);
    sweep(losers, false);
    for (Transaction loser : losers) {
      if (!quarantined.contains(loser)) {
        TransactionEnd.ofRestart(loser);
      }
    }
  }

  /**
   * Undoes only the nested top actions that were open at the crash: then every structure is whole.
   *
   * @throws dev.redoubt.io.DiskFullException as {@link #run}
   */
  void nested(List<Transaction> losers) {
    slack.refill();
    fromLsn = losers.stream().mapToLong(Transaction::undoNextLsn).max().orElse(0);
    toLsn = losers.stream().mapToLong(Transaction::firstLsn).min().orElse(0);
    sweep(losers, true);
  }

  private void sweep(List<Transaction> losers, boolean nestedOnly) {
    PriorityQueue<Transaction> byUndoNextLsn =
        new PriorityQueue<>(Comparator.comparingLong(Transaction::undoNextLsn).reversed());
    for (Transaction loser : losers) {
      if (loser.undoNextLsn() != 0 && !quarantined.contains(loser)) {
        byUndoNextLsn.add(loser);
      }
    }
    while (!byUndoNextLsn.isEmpty()) {
      Transaction loser = byUndoNextLsn.remove();
      if (step(loser, nestedOnly) && loser.undoNextLsn() != 0) {
        byUndoNextLsn.add(loser);
      }
    }
  }

  /** One record of one loser; whether the sweep has more to do for it. */
  private boolean step(Transaction loser, boolean nestedOnly) {
    long lsn = loser.undoNextLsn();
    switch (step.run(loser, nestedOnly)) {
      case UNDONE -> clrsWritten++;
      case PASSED -> {}
      case NOT_NESTED -> {
        return false;
      }
      case STUCK -> {
        quarantined.add(loser);
        return false;
      }
    }
    visited++;
    checkpoints.inUndo();
    listener.progress(RecoveryListener.Phase.UNDO, lsn, fromLsn, toLsn, visited);
    return true;
  }

  long clrsWritten() {
    return clrsWritten;
  }

  /** Losers that could not be undone to their end. */
  List<Transaction> quarantined() {
    return quarantined;
  }
}
