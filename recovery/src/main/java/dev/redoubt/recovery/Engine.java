package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.util.List;

/** Skeleton: log, pool, transactions, checkpoints and restart under one roof. */
public final class Engine implements AutoCloseable {
  private Engine() {}

  public static Engine open(
      Disk disk,
      Environment environment,
      EngineOptions options,
      List<ResourceManager> managers,
      RecoveryListener listener) {
    throw new AssertionError("skeleton");
  }

  public Log log() {
    throw new AssertionError("skeleton");
  }

  public BufferPool pool() {
    throw new AssertionError("skeleton");
  }

  public SpaceMap space() {
    throw new AssertionError("skeleton");
  }

  public RootDirectory roots() {
    throw new AssertionError("skeleton");
  }

  public Environment environment() {
    throw new AssertionError("skeleton");
  }

  public Transaction begin() {
    throw new AssertionError("skeleton");
  }

  /** Transactions that restart left unfinished: prepared ones, and losers kept by a bad page. */
  public List<Transaction> unfinished() {
    throw new AssertionError("skeleton");
  }

  /** Logs and applies a redo-only change of one or more pages: structure, allocation, purging. */
  public long change(AtomicChange change) {
    throw new AssertionError("skeleton");
  }

  /** Takes a fuzzy checkpoint; at return it is complete and durable. Returns its begin LSN. */
  public long checkpoint() {
    throw new AssertionError("skeleton");
  }

  /** What the restart of this opening did. */
  public RecoveryReport lastRecovery() {
    throw new AssertionError("skeleton");
  }

  /** Drops everything as a crash of the process would: nothing is written. */
  public void abandon() {
    throw new AssertionError("skeleton");
  }

  @Override
  public void close() {
    throw new AssertionError("skeleton");
  }
}
