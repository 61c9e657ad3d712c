package dev.redoubt.kv;

/** Who can own keys: what others see of them is the committed state from before. */
sealed interface KeyOwner permits WriteTransaction, UnfinishedTransaction {
  /** Id of the transaction. */
  long id();
}
