package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.wal.Log;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checkpoints on the way through a long restart, so that one which is killed again and again gets
 * on. Confined to the thread of restart.
 *
 * <p>In redo, at the record at x, a page of the analysis table is in one of three states. Dirty in
 * the pool: the pool's recLSN holds. Suspect: it keeps its analysis recLSN. Neither: its home is
 * durable with all its changes below x, so nothing of it is owed below x; it is entered with x,
 * since records from x on are still to come (ARIES §5.1, the table's meaning).
 */
final class RestartCheckpoints {
  /** Of the bytes between checkpoints in normal work: each one costs restart a flush. */
  private static final int APART = 4;

  private final Engine engine;
  private final AnalysisResult analysis;
  private final long apartBytes;
  private long lastLsn;

  RestartCheckpoints(Engine engine, AnalysisResult analysis, long checkpointBytes) {
    this.engine = engine;
    this.analysis = analysis;
    this.apartBytes = apartBytes(checkpointBytes);
    this.lastLsn = analysis.redoLsn();
  }

  /** Log between two checkpoints of restart: no round of redo holds more. */
  static long apartBytes(long checkpointBytes) {
    return checkpointBytes > Long.MAX_VALUE / APART ? checkpointBytes : checkpointBytes * APART;
  }

  long apartBytes() {
    return apartBytes;
  }

  /** Redo has done everything below {@code lsn} and nothing above, and no guard is open. */
  void inRedo(long lsn, Set<Long> suspects) {
    if (lsn - lastLsn < apartBytes) {
      return;
    }
    engine.pool().flushAll();
    Checkpointer.Tables live = engine.tables();
    engine.checkpoint(
        new Checkpointer.Tables() {
          @Override
          public List<TransactionEntry> transactions() {
            return live.transactions();
          }

          @Override
          public List<DirtyPage> dirtyPages() {
            return owed(lsn, live.dirtyPages(), suspects);
          }

          @Override
          public long nextTransactionId() {
            return live.nextTransactionId();
          }

          @Override
          public RestartRates rates() {
            return live.rates();
          }
        });
    lastLsn = lsn;
  }

  private List<DirtyPage> owed(long lsn, List<DirtyPage> dirty, Set<Long> suspects) {
    Map<Long, DirtyPage> owed = new TreeMap<>();
    for (DirtyPage page : analysis.dirtyPages().entries()) {
      long from = suspects.contains(page.pageId()) ? page.recLsn() : Math.max(lsn, page.recLsn());
      owed.put(page.pageId(), new DirtyPage(page.pageId(), from, page.headLsn()));
    }
    for (DirtyPage page : dirty) {
      owed.merge(page.pageId(), page, DirtyPage::and);
    }
    return List.copyOf(owed.values());
  }

  /** Undo has logged something, and no guard is open. */
  void inUndo() {
    Log log = engine.log();
    BufferPool pool = engine.pool();
    long since = Math.max(lastLsn, analysis.endLsn());
    if (log.endLsn() - since >= apartBytes) {
      pool.flushAll();
      engine.checkpoint();
      lastLsn = log.endLsn();
    }
  }
}
