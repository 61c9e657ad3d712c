package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A toy resource manager: pages of 64-bit cells. Bodies: {FORMAT} and {SET, varint cell, u64 after,
 * u64 before}.
 */
final class Cells implements ResourceManager {
  static final int ID = 200;
  static final int TYPE = 200;
  private static final int FORMAT = 1;
  private static final int SET = 2;

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "cells";
  }

  @Override
  public void redo(MemorySegment page, long pageId, MemorySegment body) {
    if (body.get(ValueLayout.JAVA_BYTE, 0) == FORMAT) {
      PageLayout.format(page, pageId, TYPE, ID);
      return;
    }
    PayloadReader in = new PayloadReader(body, 0);
    in.getByte("operation");
    long at = at(in.getVarint("cell"));
    page.set(PayloadWriter.LONG, at, in.getBytes(8, "after").get(PayloadWriter.LONG, 0));
  }

  private static long at(long cell) {
    return PageLayout.HEADER_BYTES + 8 * cell;
  }

  @Override
  public void undo(UndoContext context, LogRecord.Update update) {
    AtomicChange change = new AtomicChange();
    LogRecord.PageChange first = update.changes().getFirst();
    if (first.body().get(ValueLayout.JAVA_BYTE, 0) == FORMAT) {
      context.engine().space().addFree(change, first.pageId());
      context.compensate(change);
      return;
    }
    PayloadReader in = new PayloadReader(first.body(), 0);
    in.getByte("operation");
    long cell = in.getVarint("cell");
    long after = in.getBytes(8, "after").get(PayloadWriter.LONG, 0);
    long before = in.getBytes(8, "before").get(PayloadWriter.LONG, 0);
    try (PageGuard guard = context.engine().pool().exclusive(first.pageId())) {
      context.compensate(
          change.on(guard, this).putByte(SET).putVarint(cell).putLong(before).putLong(after));
    }
  }

  /** The cell and one, of a change of a cell. */
  @Override
  public long undoTag(MemorySegment body) {
    return body.get(ValueLayout.JAVA_BYTE, 0) == FORMAT
        ? 0
        : new PayloadReader(body.asSlice(1), 0).getVarint("cell") + 1;
  }

  @Override
  public String describe(MemorySegment body) {
    return body.get(ValueLayout.JAVA_BYTE, 0) == FORMAT ? "format" : "set";
  }

  /** Allocates and formats a page in one structure change. */
  long makePage(Engine engine) {
    long pageId = engine.space().reserve();
    AtomicChange change = new AtomicChange();
    try (PageGuard guard = engine.pool().fresh(pageId)) {
      change.format(guard, this).putByte(FORMAT);
      engine.space().addAllocate(change, pageId);
      Engines.change(engine, change);
    }
    return pageId;
  }

  /** The same as an update of {@code transaction}: its undo frees the page. */
  long makePage(Engine engine, Transaction transaction) {
    long pageId = engine.space().reserve();
    AtomicChange change = new AtomicChange();
    try (PageGuard guard = engine.pool().fresh(pageId)) {
      change.format(guard, this).putByte(FORMAT);
      engine.space().addAllocate(change, pageId);
      transaction.update(change, this);
    }
    return pageId;
  }

  long set(Engine engine, Transaction transaction, long pageId, int cell, long value) {
    AtomicChange change = new AtomicChange();
    try (PageGuard guard = engine.pool().exclusive(pageId)) {
      long before = guard.page().get(PayloadWriter.LONG, at(cell));
      change.on(guard, this).putByte(SET).putVarint(cell).putLong(value).putLong(before);
      return transaction.update(change, this);
    }
  }

  static long get(Engine engine, long pageId, int cell) {
    try (PageGuard guard = engine.pool().shared(pageId)) {
      return guard.page().get(PayloadWriter.LONG, at(cell));
    }
  }
}
