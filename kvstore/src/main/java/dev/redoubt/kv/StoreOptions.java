package dev.redoubt.kv;

import dev.redoubt.recovery.EngineOptions;
import java.time.Duration;

/**
 * Settings of a store. Immutable; the withers return changed copies.
 *
 * @param engine settings of log, pool and checkpoints
 * @param durability what {@code commit()} means when a transaction does not say
 * @param conflictWait how long a writer waits for a key that another transaction owns
 * @param maxAttempts how often {@code write} runs its closure before a conflict is passed on
 */
public record StoreOptions(
    EngineOptions engine, Durability durability, Duration conflictWait, int maxAttempts) {
  public static StoreOptions defaults() {
    return new StoreOptions(EngineOptions.defaults(), Durability.SYNC, Duration.ofSeconds(10), 20);
  }

  public StoreOptions withEngine(EngineOptions changed) {
    return new StoreOptions(changed, durability, conflictWait, maxAttempts);
  }

  public StoreOptions withDurability(Durability changed) {
    return new StoreOptions(engine, changed, conflictWait, maxAttempts);
  }

  public StoreOptions withConflictWait(Duration changed) {
    return new StoreOptions(engine, durability, changed, maxAttempts);
  }
}
