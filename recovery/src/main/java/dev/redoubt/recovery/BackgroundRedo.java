package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.LogHolder;
import java.time.Duration;

/**
 * Redo behind an open engine: a round at a time, then the pages that need more of the log than
 * redo's part. The log is held until the end: chains may lead further back than redo began.
 */
final class BackgroundRedo implements RestartWork {
  private static final System.Logger LOG = LazyLogger.of(BackgroundRedo.class);

  private final Engine engine;
  private final AnalysisResult analysis;
  private final OwedPages owed;
  private final Redo redo;
  private final LogHolder chains;
  private long nanos; // of the steps; by the one who does them, as those below
  private long pagesRead;

  /**
   * @param redo is begun, with these pages owed; closed with this
   */
  BackgroundRedo(Engine engine, AnalysisResult analysis, OwedPages owed, Redo redo) {
    this.engine = engine;
    this.analysis = analysis;
    this.owed = owed;
    this.redo = redo;
    this.chains = engine.log().hold("redo", engine.log().startLsn());
  }

  @Override
  public boolean step() {
    if (owed.left() == 0) {
      return false;
    }
    long start = engine.environment().nanoTime();
    long readBefore = engine.pool().pagesRead();
    boolean more = round();
    if (more) {
      owed.redoneTo(redo.doneTo());
    } else {
      owed.pageIds().forEach(this::rebuildOrRefuse);
    }
    nanos += engine.environment().nanoTime() - start;
    pagesRead += engine.pool().pagesRead() - readBefore;
    return more;
  }

  /**
   * The log before the checkpoint was not read before the store was opened. Where it is damaged the
   * pages are brought one by one: only those whose chains lead there are lost (rule 18).
   */
  private boolean round() {
    try {
      return redo.step();
    } catch (CorruptionException | StorageIoException damagedLog) {
      LOG.log(
          System.Logger.Level.ERROR,
          "redo in the background cannot read on in the log; the pages are brought one by one",
          damagedLog);
      return false;
    }
  }

  /** Pages made anew from their chains, by whoever needed them. */
  int rebuilt() {
    return owed.rebuilt();
  }

  /** Pages that the pool brought in during the steps, for whomever. */
  long pagesRead() {
    return pagesRead;
  }

  /** What the steps took. */
  Duration time() {
    return Duration.ofNanos(nanos);
  }

  /** A page that the rounds could not complete is brought in for use, which follows its chain. */
  private void rebuildOrRefuse(long pageId) {
    BufferPool pool = engine.pool();
    try (PageGuard guard = pool.shared(pageId)) {
      guard.pageLsn(); // it is up to date now
    } catch (CorruptionException | StorageIoException lost) {
      if (owed.isOwed(pageId)) {
        DirtyPageTable table = analysis.dirtyPages();
        long headLsn = table.headLsnOf(table.find(pageId));
        engine.quarantine().add(pageId, table.recLsn(pageId), headLsn, lost);
        engine.quarantine().refuseIn(engine.pool(), pageId);
        owed.brought(pageId);
      }
    }
  }

  @Override
  public void close() {
    redo.close();
    chains.close();
  }

  @Override
  public long pagesOwed() {
    return owed.left();
  }

  @Override
  public long redoBytesLeft() {
    long from = Math.max(redo.doneTo(), analysis.redoLsn());
    return owed.left() == 0 ? 0 : Math.max(0, analysis.endLsn() - from);
  }
}
