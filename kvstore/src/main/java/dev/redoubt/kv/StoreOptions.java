package dev.redoubt.kv;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.Objects;

/**
 * Settings of a store. Immutable; the withers return changed copies.
 *
 * @param engine settings of log, pool and checkpoints
 * @param transaction how a read-write transaction runs that does not say
 * @param conflictWait how long a writer waits for a key that another transaction owns
 * @param maxAttempts how often {@code write} runs its closure before a conflict is passed on
 * @param versionBudgetBytes memory for before-images, about: of commits, kept for old snapshots
 *     (over it the oldest snapshot gets a {@link SnapshotTooOldException}), and as much again of
 *     transactions that have not ended (over it large ones get a {@link TooLargeException})
 * @param readOnly whether not a byte is written: a store that crashed is recovered in memory, and
 *     whoever wants to write gets a {@link ReadOnlyStoreException}. Many may read at a time; nobody
 *     can open it for writing meanwhile, nor it while somebody has it open for writing
 * @param readOnlyMemoryBytes memory that the recovery of a store may take that is read only, beyond
 *     the pages in the pool: pages that do not fit there and the log of what is undone
 */
public record StoreOptions(
    EngineOptions engine,
    TransactionOptions transaction,
    Duration conflictWait,
    int maxAttempts,
    long versionBudgetBytes,
    boolean readOnly,
    long readOnlyMemoryBytes) {
  private static final long LEAST_BUDGET_BYTES = 1 << 16;
  private static final int HEAP_SHARE = 5;
  private static final long LEAST_READ_ONLY_BYTES = 64 << 20;

  /** Refuses what makes no sense. */
  public StoreOptions {
    Objects.requireNonNull(engine, "engine");
    Objects.requireNonNull(transaction, "transaction");
    if (conflictWait.isNegative() || maxAttempts < 1) {
      throw new IllegalArgumentException(
          "conflictWait of " + conflictWait + ", maxAttempts of " + maxAttempts);
    }
    if (versionBudgetBytes < LEAST_BUDGET_BYTES) {
      throw new IllegalArgumentException(
          "versionBudgetBytes of " + versionBudgetBytes + "; at least " + LEAST_BUDGET_BYTES);
    }
    if (readOnlyMemoryBytes < 0) {
      throw new IllegalArgumentException("readOnlyMemoryBytes of " + readOnlyMemoryBytes);
    }
    if (readOnly && engine.pages().id() != PageStoreKind.FILE.id()) {
      throw new IllegalArgumentException(
          "a store with its pages in a "
              + engine.pages().name()
              + " cannot be opened read-only; copy it and open the copy");
    }
  }

  /**
   * Serializable, durable, waits of ten seconds, a fifth of the heap for each half of versions;
   * open at once after a crash ({@link RestartMode#INSTANT}), which {@link EngineOptions#defaults}
   * is not.
   */
  public static StoreOptions defaults() {
    return new StoreOptions(
        EngineOptions.defaults().withRestart(RestartMode.INSTANT),
        new TransactionOptions(Isolation.SERIALIZABLE, Durability.SYNC),
        Duration.ofSeconds(10),
        20,
        Math.max(LEAST_BUDGET_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE),
        false,
        Math.max(LEAST_READ_ONLY_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
  }

  /** What {@code commit()} means when a transaction does not say. */
  public Durability durability() {
    return transaction.durability();
  }

  /** The same with other settings of the engine; best made from {@link #engine}. */
  public StoreOptions withEngine(EngineOptions changed) {
    return new StoreOptions(
        changed,
        transaction,
        conflictWait,
        maxAttempts,
        versionBudgetBytes,
        readOnly,
        readOnlyMemoryBytes);
  }

  /** The same with another way of opening a store that a crash left work in. */
  public StoreOptions withRestart(RestartMode mode) {
    return withEngine(engine.withRestart(mode));
  }

  /** The same with another durability. */
  public StoreOptions withDurability(Durability changed) {
    return withTransaction(transaction.withDurability(changed));
  }

  /** The same with another isolation. */
  public StoreOptions withIsolation(Isolation changed) {
    return withTransaction(transaction.withIsolation(changed));
  }

  /** The same with other defaults of transactions. */
  public StoreOptions withTransaction(TransactionOptions changed) {
    return new StoreOptions(
        engine,
        changed,
        conflictWait,
        maxAttempts,
        versionBudgetBytes,
        readOnly,
        readOnlyMemoryBytes);
  }

  /** The same with another longest wait. */
  public StoreOptions withConflictWait(Duration changed) {
    return new StoreOptions(
        engine,
        transaction,
        changed,
        maxAttempts,
        versionBudgetBytes,
        readOnly,
        readOnlyMemoryBytes);
  }

  /** The same with another number of attempts. */
  public StoreOptions withMaxAttempts(int changed) {
    return new StoreOptions(
        engine,
        transaction,
        conflictWait,
        changed,
        versionBudgetBytes,
        readOnly,
        readOnlyMemoryBytes);
  }

  /** The same with another version budget. */
  public StoreOptions withVersionBudgetBytes(long changed) {
    return new StoreOptions(
        engine, transaction, conflictWait, maxAttempts, changed, readOnly, readOnlyMemoryBytes);
  }

  /** The same opened for reading only, or not. */
  public StoreOptions withReadOnly(boolean changed) {
    return new StoreOptions(
        engine,
        transaction,
        conflictWait,
        maxAttempts,
        versionBudgetBytes,
        changed,
        readOnlyMemoryBytes);
  }

  /** The same with another bound of the memory for what is only read. */
  public StoreOptions withReadOnlyMemoryBytes(long changed) {
    return new StoreOptions(
        engine, transaction, conflictWait, maxAttempts, versionBudgetBytes, readOnly, changed);
  }
}
