package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.StorageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pages of an engine that restart has opened over a disk that it cannot change. */
final class RecoveredSource extends SalvageSource {
  private final Engine engine;
  private final Disk disk;
  private final List<String> notes;

  /** Both are closed with this. */
  RecoveredSource(Engine engine, Disk disk, List<String> notes) {
    this.engine = engine;
    this.disk = disk;
    this.notes = notes;
  }

  /** Whether its log held no record at all, as that of a store that is being created. */
  boolean isNew() {
    return engine.lastRecovery().scannedRecords() == 0;
  }

  @Override
  public int pageSize() {
    return engine.pool().pageSize();
  }

  @Override
  public long capacityPages() {
    return engine.pool().store().capacityPages();
  }

  @Override
  public Page page(long pageId) {
    if (pageId < 1 || pageId > capacityPages()) {
      return Page.none("page " + pageId + " is beyond the end of the file of pages");
    }
    // "Or blank": a page that was never used must not make the pool search the log for it.
    try (PageGuard guard = engine.pool().orBlank(pageId)) {
      if (PageLayout.type(guard.page()) == 0) {
        return Page.none("page " + pageId + " was never formatted");
      }
      return Page.of(MemorySegment.ofArray(guard.page().toArray(ValueLayout.JAVA_BYTE)));
    } catch (StorageException e) {
      return Page.none(message(e));
    }
  }

  @Override
  public Allocation allocation(long pageId) {
    try {
      return engine.space().isAllocated(pageId) ? Allocation.IN_USE : Allocation.FREE;
    } catch (StorageException e) {
      return Allocation.UNKNOWN;
    }
  }

  @Override
  public byte @Nullable [] root(String name) {
    try {
      return engine.roots().get(name);
    } catch (StorageException e) {
      return null;
    }
  }

  @Override
  public List<Unfinished> unfinished() {
    List<Unfinished> found = new ArrayList<>();
    for (Transaction each : engine.unfinished()) {
      List<LogRecord.Update> updates = new ArrayList<>();
      String problem = "";
      try {
        engine.forEachUpdate(each, updates::add);
      } catch (CorruptionException e) {
        problem = message(e);
      }
      boolean inDoubt = each.state() == Transaction.State.PREPARED;
      Fate fate = inDoubt ? Fate.IN_DOUBT : Fate.LOSER;
      found.add(new Unfinished(each.id(), fate, updates, problem));
    }
    return found;
  }

  @Override
  public boolean isRecovered() {
    return true;
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public void close() {
    try (disk) {
      engine.abandon();
    }
  }
}
