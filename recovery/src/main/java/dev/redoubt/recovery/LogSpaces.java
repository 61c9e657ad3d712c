package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import org.jspecify.annotations.Nullable;

/**
 * The log space of transactions that have ended, for those that begin: with what it has still set
 * aside, so that short transactions seldom come to the log's accounts, which all share. A few are
 * kept, and what they keep set aside is next to nothing beside a segment. Thread-safe.
 */
final class LogSpaces {
  /** More transactions than this at a time make their own. */
  private static final int IDLE = 16;

  private final Log log;
  private final WalCap cap;
  private final IdleObjects<LogSpace> idle = new IdleObjects<>(IDLE);

  LogSpaces(Log log, WalCap cap) {
    this.log = log;
    this.cap = cap;
  }

  /** Space of that transaction alone, until it {@link #give gives it back}. */
  LogSpace take(Transaction transaction) {
    @Nullable LogSpace space = idle.take();
    return (space == null ? new LogSpace(log, cap) : space).of(transaction);
  }

  /** The transaction that had it has ended. */
  void give(LogSpace space) {
    space.clear();
    if (!idle.give(space)) {
      space.close();
    }
  }
}
