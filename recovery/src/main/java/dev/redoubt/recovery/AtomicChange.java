package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects the page changes of one log record, all of which happen or none (rule 14). Each page is
 * started by {@link #on} or {@link #format}; the put methods that follow write the body that the
 * manager's redo will get. Nothing happens before the change is handed to {@link
 * Transaction#update}, {@link Engine#change} or {@link UndoContext#compensate}.
 *
 * <p>Guards stay the caller's: they must be exclusive, on different pages, and stay open until the
 * change has been logged. Pages of the space map and the root directory are latched by the engine
 * itself. Reusable after {@link #reset}; confined to one thread at a time.
 */
public final class AtomicChange {
  /** Room in front of the bodies for what is only known when the change is logged. */
  private static final int HEAD_ROOM = 256;

  private static final long[] NONE = {};

  private final PayloadWriter bodies = new PayloadWriter(2048);
  private final PayloadWriter late = new PayloadWriter(64);
  private final PayloadWriter head = new PayloadWriter(HEAD_ROOM);
  private final List<Part> parts = new ArrayList<>();
  private final List<Part> lateParts = new ArrayList<>();
  private final List<Part> spareParts = new ArrayList<>();
  private final List<PageGuard> lateGuards = new ArrayList<>();
  private final UpdateRecords updates = new UpdateRecords(this);
  private long[] reserved = new long[4];
  private int reservedCount;
  private PayloadWriter out = bodies;
  private int recordStart;

  /** One page's part while it is collected; used again for another. */
  static final class Part {
    ResourceManager manager;
    long pageId;
    boolean format;
    int start;
    int end;
    @Nullable PageGuard guard;

    Part(ResourceManager manager, long pageId, boolean format, int start) {
      this.manager = manager;
      this.pageId = pageId;
      this.format = format;
      this.start = start;
    }

    PageGuard guard() {
      return Objects.requireNonNull(guard, "not latched yet");
    }
  }

  /** Makes an empty change. */
  public AtomicChange() {
    bodies.position(HEAD_ROOM);
  }

  /** Forgets everything that was collected; returns this. */
  public AtomicChange reset() {
    bodies.position(HEAD_ROOM);
    late.position(0);
    forget(parts);
    forget(lateParts);
    reservedCount = 0;
    out = bodies;
    return this;
  }

  private void forget(List<Part> used) {
    for (int i = 0; i < used.size(); i++) {
      Part each = used.get(i);
      each.guard = null;
      spareParts.add(each);
    }
    used.clear();
  }

  private Part part(ResourceManager manager, long pageId, boolean format, int start) {
    if (spareParts.isEmpty()) {
      return new Part(manager, pageId, format, start);
    }
    Part part = spareParts.removeLast();
    part.manager = manager;
    part.pageId = pageId;
    part.format = format;
    part.start = start;
    part.end = 0;
    return part;
  }

  /** Whether no page has been added. */
  public boolean isEmpty() {
    return parts.isEmpty() && lateParts.isEmpty();
  }

  /** Bytes of the bodies so far; what {@link Transaction#reserve} wants to know, roughly. */
  public int sizeBytes() {
    return bodies.position() - HEAD_ROOM + late.position() + 40 * (parts.size() + lateParts.size());
  }

  /** Starts the change of one page; the put methods that follow write its body. */
  public AtomicChange on(PageGuard guard, ResourceManager manager) {
    return start(guard, manager, false);
  }

  /** The same for a change that formats the page: redo applies it to whatever is there. */
  public AtomicChange format(PageGuard guard, ResourceManager manager) {
    return start(guard, manager, true);
  }

  private AtomicChange start(PageGuard guard, ResourceManager manager, boolean format) {
    if (!guard.isExclusive()) {
      throw new IllegalArgumentException("page " + guard.pageId() + " is not latched exclusively");
    }
    for (int i = 0; i < parts.size(); i++) {
      Part other = parts.get(i);
      if (other.pageId == guard.pageId()) {
        throw new IllegalArgumentException("page " + guard.pageId() + " is in this change already");
      }
    }
    finishPart();
    Part part = part(manager, guard.pageId(), format, bodies.position());
    part.guard = guard;
    parts.add(part);
    out = bodies;
    return this;
  }

  /** Starts the change of a page that the engine latches when the change is logged. */
  AtomicChange late(long pageId, ResourceManager manager) {
    finishPart();
    lateParts.add(part(manager, pageId, false, late.position()));
    out = late;
    return this;
  }

  /** Remembers what to tell the space map once the change is applied: a page, negative if freed. */
  void settles(long pageId) {
    if (reservedCount == reserved.length) {
      reserved = Arrays.copyOf(reserved, 2 * reservedCount);
    }
    reserved[reservedCount++] = pageId;
  }

  long[] settled() {
    return reservedCount == 0 ? NONE : Arrays.copyOf(reserved, reservedCount);
  }

  private void finishPart() {
    if (out == bodies) {
      if (!parts.isEmpty()) {
        parts.getLast().end = bodies.position();
      }
    } else {
      lateParts.getLast().end = late.position();
    }
  }

  /**
   * Latches the pages that were left to the engine, in page order, and moves their bodies behind
   * the others, several bodies of one page becoming one. Whoever calls this calls {@link
   * #unlatchLate} in the end. Everything that can fail fails here, before the append.
   */
  void latchLate(BufferPool pool) {
    finishPart();
    out = bodies;
    if (lateParts.isEmpty()) {
      return;
    }
    lateParts.sort(Comparator.comparingLong(part -> part.pageId));
    Part merged = null;
    for (Part part : lateParts) {
      if (merged == null || merged.pageId != part.pageId) {
        PageGuard guard = pool.exclusive(part.pageId);
        lateGuards.add(guard);
        start(guard, part.manager, false);
        merged = parts.getLast();
      }
      bodies.putBytes(late.segment(), part.start, part.end - part.start);
      merged.end = bodies.position();
    }
    forget(lateParts);
    for (Part part : parts) {
      if (part.manager instanceof CheckedManager checked) {
        checked.check(part.guard().page(), part.pageId, body(part));
      }
    }
  }

  void unlatchLate() {
    for (int i = lateGuards.size() - 1; i >= 0; i--) {
      lateGuards.get(i).close();
    }
    lateGuards.clear();
  }

  UpdateRecords updates() {
    return updates;
  }

  List<Part> parts() {
    return parts;
  }

  void apply(Part part) {
    part.manager.redo(
        part.guard().page(),
        part.pageId,
        bodies.segment(),
        part.start,
        (long) part.end - part.start);
  }

  MemorySegment body(Part part) {
    return bodies.segment().asSlice(part.start, (long) part.end - part.start);
  }

  /** Where the head of the record is to be written before {@link #seal}. */
  PayloadWriter startHead() {
    head.position(0);
    return head;
  }

  /** Puts head and part heads in front of the bodies; the record is then ready. */
  void seal() {
    head.putVarint(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      LogRecordCodec.putPartHead(
          head,
          part.manager.id(),
          part.format,
          part.pageId,
          part.guard().pageLsn(),
          (long) part.end - part.start);
    }
    int headBytes = head.position();
    int room = parts.isEmpty() ? bodies.position() : parts.getFirst().start;
    if (headBytes > room) {
      int shift = headBytes - room;
      bodies.shift(room, shift);
      for (Part part : parts) {
        part.start += shift;
        part.end += shift;
      }
      room = headBytes;
    }
    recordStart = room - headBytes;
    MemorySegment.copy(head.segment(), 0, bodies.segment(), recordStart, headBytes);
  }

  MemorySegment record() {
    return bodies.segment();
  }

  int recordStart() {
    return recordStart;
  }

  int recordBytes() {
    return bodies.position() - recordStart;
  }

  /** Adds one byte to the body. */
  public AtomicChange putByte(int value) {
    out.putByte(value);
    return this;
  }

  /** Adds two bytes, little-endian. */
  public AtomicChange putShort(int value) {
    out.putShort(value);
    return this;
  }

  /** Adds four bytes, little-endian. */
  public AtomicChange putInt(int value) {
    out.putInt(value);
    return this;
  }

  /** Adds eight bytes, little-endian. */
  public AtomicChange putLong(long value) {
    out.putLong(value);
    return this;
  }

  /** Adds an unsigned LEB128: one byte for each seven bits. */
  public AtomicChange putVarint(long value) {
    out.putVarint(value);
    return this;
  }

  /** Adds all of {@code bytes}. */
  public AtomicChange putBytes(byte[] bytes) {
    return putBytes(bytes, 0, bytes.length);
  }

  /** Adds {@code lengthBytes} from {@code offset} of {@code source} on. */
  public AtomicChange putBytes(byte[] source, int offset, int lengthBytes) {
    out.putBytes(source, offset, lengthBytes);
    return this;
  }

  /** Adds {@code lengthBytes} from {@code offset} of {@code source} on. */
  public AtomicChange putBytes(MemorySegment source, long offset, int lengthBytes) {
    out.putBytes(source, offset, lengthBytes);
    return this;
  }
}
