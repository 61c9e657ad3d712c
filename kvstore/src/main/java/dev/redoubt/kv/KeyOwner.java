package dev.redoubt.kv;

/** Who can own keys: what others see of them are the states from before. */
sealed interface KeyOwner permits WriteTransaction, UnfinishedTransaction {
  /** Id of the transaction. */
  long id();
}
