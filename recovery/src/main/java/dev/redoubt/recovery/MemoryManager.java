package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Resource manager 3: the pages of {@link RecoverableMemory}. Bodies: {@code FORMAT_DATA}; {@code
 * FORMAT_INDEX} {u64 next, u32 count, u64 ids}; {@code WRITE} {varint offset, varint length, bytes
 * after, bytes before}; {@code RESTORE} {varint offset, varint length, bytes}. Offsets count from
 * the page's header on. Undo is page-oriented: a range is owned until its writer ends. Stateless.
 */
final class MemoryManager implements ResourceManager {
  static final int ID = 3;
  static final int FORMAT_DATA = 1;
  static final int FORMAT_INDEX = 2;
  static final int WRITE = 3;
  static final int RESTORE = 4;

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public void redo(MemorySegment page, long pageId, MemorySegment body) {
    switch (body.get(ValueLayout.JAVA_BYTE, 0)) {
      case FORMAT_DATA -> PageLayout.format(page, pageId, PageTypes.MEMORY_DATA, ID);
      case FORMAT_INDEX -> {
        PageLayout.format(page, pageId, PageTypes.MEMORY_INDEX, ID);
        MemorySegment.copy(body, 1, page, MemoryLayout.NEXT, body.byteSize() - 1);
      }
      default -> {
        Range range = range(body);
        MemorySegment.copy(range.bytes(), 0, page, range.offset(), range.lengthBytes());
      }
    }
  }

  /** What a WRITE or RESTORE puts where in its page. */
  record Range(long offset, long lengthBytes, MemorySegment bytes, MemorySegment before) {}

  static Range range(MemorySegment body) {
    PayloadReader in = new PayloadReader(body, 0);
    in.getByte("operation");
    long offset = PageLayout.HEADER_BYTES + in.getVarint("offset");
    long length = in.getVarint("length");
    MemorySegment bytes = in.getBytes(length, "bytes");
    return new Range(offset, length, bytes, in.getBytes(in.remaining(), "bytes before"));
  }

  static boolean isWrite(LogRecord.PageChange change) {
    return change.managerId() == ID && change.body().get(ValueLayout.JAVA_BYTE, 0) == WRITE;
  }

  /** A write gets its bytes back; a page made for a memory that never came to be is freed. */
  @Override
  public void undo(UndoContext context, LogRecord.Update update) {
    AtomicChange change = new AtomicChange();
    Engine engine = context.engine();
    LogRecord.PageChange first = update.changes().getFirst();
    if (isWrite(first)) {
      try (PageGuard guard = engine.pool().exclusive(first.pageId())) {
        Range range = range(first.body());
        change.on(guard, this);
        putRestore(change, range.offset() - PageLayout.HEADER_BYTES, range.before());
        context.compensate(change);
      }
      return;
    }
    for (LogRecord.PageChange part : update.changes()) {
      switch (part.managerId()) {
        case ID -> engine.space().addFree(change, part.pageId());
        case RootManager.ID -> engine.roots().addRemove(change, rootName(part.body()));
        default -> {} // The bit of the space map, which addFree has seen to.
      }
    }
    context.compensate(change);
  }

  private static String rootName(MemorySegment body) {
    PayloadReader in = new PayloadReader(body, 0);
    in.getByte("operation");
    byte[] name = in.getBytes(in.getByte("length"), "name").toArray(ValueLayout.JAVA_BYTE);
    return new String(name, StandardCharsets.UTF_8);
  }

  private static void putRestore(AtomicChange change, long offset, MemorySegment bytes) {
    int length = Math.toIntExact(bytes.byteSize());
    change.putByte(RESTORE).putVarint(offset).putVarint(length).putBytes(bytes, 0, length);
  }

  @Override
  public String describe(MemorySegment body) {
    return switch (body.get(ValueLayout.JAVA_BYTE, 0)) {
      case FORMAT_DATA -> "format data";
      case FORMAT_INDEX -> "format index";
      case WRITE -> "write " + range(body).lengthBytes() + " bytes at " + range(body).offset();
      default -> "restore " + range(body).lengthBytes() + " bytes at " + range(body).offset();
    };
  }
}
