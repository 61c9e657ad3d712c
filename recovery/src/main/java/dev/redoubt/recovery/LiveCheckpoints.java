package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;

/** Checkpoints of a running engine, and what has to be told of them. Thread-safe. */
final class LiveCheckpoints {
  private final Engine engine;
  private final Log log;
  private final Checkpointer checkpointer;
  private final PageRebuild rebuild;
  private final WalCap cap;

  LiveCheckpoints(Engine engine, Checkpointer checkpointer, PageRebuild rebuild, WalCap cap) {
    this.engine = engine;
    this.log = engine.log();
    this.checkpointer = checkpointer;
    this.rebuild = rebuild;
    this.cap = cap;
  }

  /** Takes one; at return it is complete and durable. Returns its begin LSN. */
  long take(Checkpointer.Tables tables) {
    engine.slack().refill();
    engine.pacing().checkpointBegins();
    long beginLsn = checkpointer.checkpoint(tables, false);
    engine.pacing().checkpointEnded();
    rebuild.checkpointed(beginLsn);
    cap.moved();
    try {
      int frames = engine.pool().stats().frames();
      checkpointer.reserve(frames, 2 * engine.transactions().size() + 16);
    } catch (DiskFullException full) {
      // This checkpoint is complete. The next one takes what there is.
    }
    return beginLsn;
  }

  /** Takes one and holds the log that restart from it needs, until the hold is closed. */
  LogHolder hold(String name) {
    LogHolder hold = LogPin.holdStart(log, name);
    try {
      take(engine.tables());
      hold.advance(checkpointer.last().boundLsn());
      return hold;
    } catch (Throwable failure) {
      hold.close();
      throw failure;
    }
  }
}
