package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the updates of one transaction get into the log. Confined to the transaction's user. */
final class UpdateRecords implements ChangeLogger.Way {
  private final Transaction transaction;
  private @Nullable AtomicChange change;
  private @Nullable ResourceManager manager;

  UpdateRecords(Transaction transaction) {
    this.transaction = transaction;
  }

  /** The next record is of this change; returns this. */
  UpdateRecords of(AtomicChange nextChange, ResourceManager undoneBy) {
    change = nextChange;
    manager = undoneBy;
    return this;
  }

  @Override
  public void admit(int recordBytes) {
    transaction.space().reserveLatched(recordBytes);
  }

  @Override
  public long append(MemorySegment record, int start, int lengthBytes) {
    long undoNextBefore = transaction.undoNextLsn();
    long lsn = transaction.chain().appendUpdate(record, start, lengthBytes);
    transaction.space().updated(lengthBytes);
    boolean many = transaction.space().owedUndo() > UndoIndex.FEWEST_UPDATES;
    long tag = many ? tag() : 0;
    transaction.chain().index(many, lsn, tag, undoNextBefore);
    return lsn;
  }

  /** As {@link PendingUpdates} reads it from the record. */
  private long tag() {
    AtomicChange logged = Objects.requireNonNull(change);
    ResourceManager undoneBy = Objects.requireNonNull(manager);
    for (AtomicChange.Part part : logged.parts()) {
      if (part.manager.id() == undoneBy.id()) {
        return undoneBy.undoTag(logged.body(part));
      }
    }
    return 0;
  }
}
