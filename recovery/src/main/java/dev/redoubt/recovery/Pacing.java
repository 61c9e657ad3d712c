package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.time.Duration;

/**
 * Keeps the engine to its restart time: tells the cleaner its redo distance and says when a
 * checkpoint is due. Called again and again by the checkpoint thread, or by {@link Engine#tick}.
 * Thread-safe.
 */
final class Pacing implements Pacer.View {
  /** The cleaner is told of changes of a sixteenth and more. */
  private static final double NOTABLE = 1.0 / 16;

  private final Log log;
  private final BufferPool pool;
  private final Checkpointer checkpointer;
  private final TransactionTable transactions;
  private final Environment environment;
  private final EngineOptions options;
  private final Pacer pacer;
  private volatile long checkpointedNanos;
  private volatile long checkpointedEndLsn;

  /** What restart began with; until there is a checkpoint of this opening. */
  private volatile Pacer.Start opened = new Pacer.Start(0, 0, 0, 0);

  Pacing(
      Log log,
      BufferPool pool,
      Checkpointer checkpointer,
      TransactionTable transactions,
      Environment environment,
      EngineOptions options) {
    this.log = log;
    this.pool = pool;
    this.checkpointer = checkpointer;
    this.transactions = transactions;
    this.environment = environment;
    this.options = options;
    this.pacer =
        new Pacer(
            this, RestartRates.DEFAULTS, options.targetRestartTime(), options.maxWalBytes() / 2);
    this.checkpointedNanos = environment.nanoTime();
  }

  /** Restart begins with what the last checkpoint says of those before. */
  void startFrom(AnalysisResult analysis) {
    pacer.setRates(analysis.rates());
    DirtyPageTable pages = analysis.dirtyPages();
    opened =
        new Pacer.Start(
            analysis.checkpointLsn(), analysis.redoLsn(), analysis.redoLsn(), pages.size());
    long redoBytes = analysis.endLsn() - analysis.redoLsn();
    if (analysis.scannedBytes() > 0 && redoBytes > 0) {
      double records = (double) analysis.scannedRecords() / analysis.scannedBytes() * redoBytes;
      pacer.mark(new Pacer.Mark(analysis.redoLsn(), -records, -records, 0));
    }
    update();
  }

  /** Restart has come to its end; what it took moves the estimate. */
  void measured(RestartRates.Measured measured) {
    pacer.setRates(pacer.rates().after(measured));
    pacer.mark(now());
    update();
  }

  /** The same of one that came to its end behind the open engine. Any thread. */
  void measuredBehind(RestartRates.Measured measured) {
    pacer.setRates(pacer.rates().after(measured));
  }

  RestartRates rates() {
    return pacer.rates();
  }

  RestartEstimate estimate() {
    return pacer.estimate();
  }

  /** A checkpoint begins. */
  void checkpointBegins() {
    pacer.mark(now());
  }

  /** It is complete. */
  void checkpointEnded() {
    checkpointedNanos = environment.nanoTime();
    checkpointedEndLsn = log.endLsn();
  }

  /** Looks at the load and tells the cleaner what to keep to. */
  void update() {
    pacer.update();
    long wanted = pacer.cleanerBytes();
    if (Math.abs(wanted - pool.redoTarget()) > NOTABLE * pool.redoTarget()) {
      pool.setRedoTarget(wanted);
    }
  }

  /** Whether a checkpoint is due, by log bytes or by time. */
  boolean isCheckpointDue() {
    long grown = log.endLsn() - checkpointedEndLsn;
    long nanos = environment.nanoTime() - checkpointedNanos;
    return grown >= Math.min(options.checkpointBytes(), pacer.checkpointBytes())
        || (grown > 0 && nanos >= options.checkpointInterval().toNanos());
  }

  Duration target() {
    return options.targetRestartTime();
  }

  @Override
  public Pacer.Mark now() {
    double records = (double) log.stats().records();
    // A transaction that wrote ends with two, which change no page.
    double changes = Math.max(0, records - 2 * (double) transactions.endedWithRecords());
    return new Pacer.Mark(log.endLsn(), records, changes, (double) pool.pagesDirtied());
  }

  @Override
  public Pacer.Start start() {
    Checkpointer.Last last = checkpointer.last();
    return last.beginLsn() == 0
        ? opened
        : new Pacer.Start(last.beginLsn(), last.redoLsn(), last.meanRecLsn(), last.dirtyPages());
  }

  @Override
  public long pages() {
    return pool.store().capacityPages();
  }

  @Override
  public long owedUndo() {
    return transactions.owedUndo();
  }
}
