package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;

/**
 * What a transaction has logged, with what undoing it may take, would alone break the cap of the
 * retained log. Nothing was changed by the call; the transaction lives: what it did before can be
 * committed or rolled back, which needs no more space.
 */
public final class TransactionTooLargeException extends StorageException {
  private static final long serialVersionUID = 1L;

  TransactionTooLargeException(long id, long ownBytes, long wantedBytes, long maxWalBytes) {
    super(
        "transaction "
            + id
            + " has logged or set aside "
            + ownBytes
            + " bytes and asks for "
            + wantedBytes
            + " more, undo included: the cap of the log of "
            + maxWalBytes
            + " bytes does not allow it. Commit or roll back, and do the work in several"
            + " transactions, or open the store with a larger maxWalBytes");
  }

  @Override
  public String code() {
    return "transaction-too-large";
  }
}
