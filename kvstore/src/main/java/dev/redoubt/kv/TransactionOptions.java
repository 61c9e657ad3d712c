package dev.redoubt.kv;

import java.util.Objects;

/**
 * How a read-write transaction is to run. Immutable; {@link StoreOptions#transaction} gives those
 * of a store.
 *
 * @param isolation what it may not notice of others
 * @param durability when {@code commit()} returns
 */
public record TransactionOptions(Isolation isolation, Durability durability) {
  /** Refuses nulls. */
  public TransactionOptions {
    Objects.requireNonNull(isolation, "isolation");
    Objects.requireNonNull(durability, "durability");
  }

  /** The same with another isolation. */
  public TransactionOptions withIsolation(Isolation changed) {
    return new TransactionOptions(changed, durability);
  }

  /** The same with another durability. */
  public TransactionOptions withDurability(Durability changed) {
    return new TransactionOptions(isolation, changed);
  }
}
