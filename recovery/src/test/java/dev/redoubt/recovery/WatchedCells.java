package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Cells that write down on which versions of which pages changes are redone, before any undo. */
final class WatchedCells implements ResourceManager {
  final Map<Long, List<Long>> applied = new TreeMap<>();
  boolean undoing;

  @Override
  public int id() {
    return Cells.ID;
  }

  @Override
  public String name() {
    return Engines.CELLS.name();
  }

  @Override
  public void redo(MemorySegment page, long pageId, MemorySegment body) {
    if (!undoing && Engines.CELLS.describe(body).equals("set")) {
      applied.computeIfAbsent(pageId, id -> new ArrayList<>()).add(PageLayout.pageLsn(page));
    }
    Engines.CELLS.redo(page, pageId, body);
  }

  @Override
  public void undo(UndoContext context, LogRecord.Update update) {
    undoing = true;
    Engines.CELLS.undo(context, update);
  }

  @Override
  public String describe(MemorySegment body) {
    return Engines.CELLS.describe(body);
  }
}
