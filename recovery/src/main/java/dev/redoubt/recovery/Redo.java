package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The second pass (ARIES §6.2, Redo Pass): repeats history, losers included, from the smallest
 * recLSN on. Used once, by one thread, which has another help it.
 *
 * <p><b>Differences from the paper.</b>
 *
 * <ul>
 *   <li>Not record by record: the log is taken in rounds of bounded memory, in each of which the
 *       changes are grouped by page and then applied page by page, in LSN order within a page. That
 *       is the same history to each page, since a change reads and writes one page only. The next
 *       round is read while the last one is applied.
 *   <li>A record is applied only to the exact version that it was made against (I-5); a page that
 *       is older than its chain says (a lost write) or unreadable is set aside, and cured by a
 *       later record that formats it, else rebuilt from its chain further back in the log, else it
 *       goes into quarantine (rule 18).
 *   <li>No page leaves the table because its pageLSN is new enough: the version that was read may
 *       stand in a cache only. It becomes dirty with its recLSN from analysis (rule 13). The
 *       paper's correction of recLSN on the way (§6.2) is left out for the same reason.
 * </ul>
 */
final class Redo implements AutoCloseable {
  private final Log log;
  private final BufferPool pool;
  private final AnalysisResult analysis;
  private final RoundReader reader;
  private final RestartCheckpoints checkpoints;
  private final RecoveryMeter listener;
  private final ConcurrentSkipListMap<Long, Suspect> suspects = new ConcurrentSkipListMap<>();
  private final RedoCrew crew;
  private final boolean alone;
  private long budgetBytes = RedoRound.BUDGET_BYTES;
  private final RecordView view = new RecordView();
  private @Nullable RedoRound round;
  private @Nullable RedoRound spare;
  private final List<RedoRound> both = new ArrayList<>();
  private @Nullable LogCursor cursor;

  /** The cursor stands on a record that found no room. */
  private boolean pending;

  private long fromLsn;
  private boolean fromRecord;
  private volatile long doneTo;
  private long rounds;
  private long records;
  private long mostBytes;

  /**
   * @param reader has sorted the first round
   * @param owed if the store is open meanwhile
   * @param alone to do without a second thread
   */
  Redo(
      Log log,
      BufferPool pool,
      Managers managers,
      AnalysisResult analysis,
      RoundReader reader,
      RestartCheckpoints checkpoints,
      RecoveryMeter listener,
      @Nullable OwedPages owed,
      Environment environment,
      boolean alone) {
    this.log = log;
    this.pool = pool;
    this.analysis = analysis;
    this.reader = reader;
    this.checkpoints = checkpoints;
    this.listener = listener;
    this.alone = alone;
    this.crew =
        new RedoCrew(pool, managers, analysis.dirtyPages(), suspects, owed, environment, alone);
  }

  /**
   * A page that could not be brought up to date by this pass.
   *
   * @param lastLsn its last record in the log
   */
  record Suspect(RuntimeException why, long lastLsn) {}

  /**
   * Rounds after the first take so much memory, or a single longer record; every second one has the
   * memory of the first again, and takes what that has.
   */
  void setBudget(long bytes) {
    budgetBytes = bytes;
  }

  /**
   * Runs the pass; {@link #suspects} are set aside then.
   *
   * @param first round, as analysis has grouped it
   */
  void run(RedoRound first) {
    pool.pauseCleaning(true);
    try (this) {
      begin(first);
      while (step()) {
        checkpoints.inRedo(doneTo(), suspects.keySet());
      }
    } finally {
      pool.pauseCleaning(false);
    }
  }

  /** Begins the pass: {@link #step} after step, to be closed then. */
  void begin(RedoRound first) {
    reader.tellHome(pool);
    fromLsn = first.endLsn();
    fromRecord = first.records() > 0; // then it ended before a record
    both.add(first);
    if (analysis.redoLsn() < analysis.endLsn()) {
      round = first;
      spare = new RedoRound(budgetBytes);
      both.add(spare);
    }
  }

  /** Does one round, if any is left, and reads the next one; whether there is one. */
  boolean step() {
    RedoRound current = round;
    RedoRound next = spare;
    if (current == null || next == null) {
      return false;
    }
    boolean more = current.endLsn() < analysis.endLsn();
    crew.begin(current);
    boolean read = false;
    try {
      if (more && !alone) {
        fill(next, current.endLsn());
      }
      read = true;
    } finally {
      if (!read) {
        crew.cancel();
      }
    }
    crew.finish(current);
    rounds++;
    records += current.records();
    mostBytes = Math.max(mostBytes, current.usedBytes());
    doneTo = current.endLsn();
    listener.progress(
        RecoveryListener.Phase.REDO, doneTo, analysis.redoLsn(), analysis.endLsn(), records);
    if (more && alone) {
      fill(next, current.endLsn());
    }
    round = more ? next : null;
    spare = current;
    if (!more) {
      reader.tellHome(pool);
    }
    return more;
  }

  /** Everything below has been applied; 0 before the first step. */
  long doneTo() {
    return doneTo;
  }

  /** Fills the round from {@code startLsn} on; it ends before the end of the log if it is full. */
  private void fill(RedoRound into, long startLsn) {
    LogCursor open = cursor;
    if (open == null) {
      open = fromRecord ? log.cursorAheadAt(fromLsn) : log.cursorAhead(fromLsn);
      cursor = open;
    }
    into.begin(startLsn);
    while (pending || open.next()) {
      long lsn = open.lsn();
      if (lsn >= analysis.endLsn()) {
        break;
      }
      if (!pending) {
        view.read(open.payload(), lsn);
      }
      pending = lsn - startLsn >= checkpoints.apartBytes() || !reader.add(view, into);
      if (pending) {
        into.endAt(lsn);
        return;
      }
    }
    into.endAt(analysis.endLsn());
  }

  /** Gives memory and cursor back, the first round's too. */
  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
    }
    both.forEach(RedoRound::close);
    cursor = null;
    round = null;
    spare = null;
  }

  /** Pages that could not be brought up to date, by id. */
  SortedMap<Long, Suspect> suspects() {
    return suspects;
  }

  /** Records of the log in the rounds that were done. */
  long records() {
    return records;
  }

  long redone() {
    return crew.redone();
  }

  long skippedNotDirty() {
    return reader.skippedNotDirty();
  }

  long skippedRecLsn() {
    return reader.skippedRecLsn();
  }

  long skippedPageLsn() {
    return crew.skippedPageLsn();
  }

  /** Pages asked for so far, once in each round. */
  long pagesAsked() {
    return crew.pagesAsked();
  }

  /** What waiting for them took of the time so far. */
  long pageWaitNanos() {
    return crew.waitedNanos();
  }

  /** Rounds it took. */
  long rounds() {
    return rounds;
  }

  /** Off-heap memory that the changes of the largest round took. */
  long mostBytes() {
    return mostBytes;
  }
}
