package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a change gets into the log as an update of a transaction. Part of the change. */
final class UpdateRecords implements ChangeLogger.Way {
  private final AtomicChange change;

  /** While it is being logged. */
  private @Nullable Transaction transaction;

  private @Nullable ResourceManager manager;

  UpdateRecords(AtomicChange change) {
    this.change = change;
  }

  /** The change is an update of that transaction; returns this. {@link #over} follows. */
  UpdateRecords of(Transaction updating, ResourceManager undoneBy) {
    transaction = updating;
    manager = undoneBy;
    return this;
  }

  /**
   * It has been logged, or not: the change, which others use again, knows the transaction no more.
   */
  void over() {
    transaction = null;
    manager = null;
  }

  @Override
  public void admit(int recordBytes) {
    updating().space().reserveLatched(recordBytes);
  }

  @Override
  public long append(MemorySegment record, int start, int lengthBytes) {
    Transaction updating = updating();
    long undoNextBefore = updating.undoNextLsn();
    long lsn = updating.chain().appendUpdate(record, start, lengthBytes);
    updating.space().updated(lengthBytes);
    boolean many = updating.space().owedUndo() > UndoIndex.FEWEST_UPDATES;
    long tag = many ? tag() : 0;
    updating.chain().index(many, lsn, tag, undoNextBefore);
    return lsn;
  }

  private Transaction updating() {
    return Objects.requireNonNull(transaction);
  }

  /** As {@link PendingUpdates} reads it from the record. */
  private long tag() {
    ResourceManager undoneBy = Objects.requireNonNull(manager);
    for (AtomicChange.Part part : change.parts()) {
      if (part.manager.id() == undoneBy.id()) {
        return undoneBy.undoTag(change.body(part));
      }
    }
    return 0;
  }
}
