package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Resource manager 1: the bits of the space map's pages. A body is a sequence of operations, each
 * one byte and a varint: format with the first bits as a mask, set a bit, clear a bit. Stateless.
 *
 * <p>Bit b of group g stands for page {@code g * span + 1 + b}; the bitmap of the group is its
 * second page. One means in use.
 */
final class SpaceManager implements CheckedManager {
  static final int ID = 1;
  static final int FORMAT = 1;
  static final int SET = 2;
  static final int CLEAR = 3;

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "space";
  }

  static long span(long pageSize) {
    return (pageSize - PageLayout.HEADER_BYTES) * 8;
  }

  static boolean isSet(MemorySegment page, long bit) {
    int octet = page.get(ValueLayout.JAVA_BYTE, PageLayout.HEADER_BYTES + (bit >>> 3));
    return (octet & 1 << (bit & 7)) != 0;
  }

  @Override
  public void redo(MemorySegment page, long pageId, MemorySegment body) {
    PayloadReader in = new PayloadReader(body, 0);
    while (in.remaining() > 0) {
      int operation = in.getByte("operation");
      long operand = in.getVarint("operand");
      switch (operation) {
        case FORMAT -> {
          PageLayout.format(page, pageId, PageTypes.SPACE_MAP, PageTypes.OWNER_ENGINE);
          page.set(ValueLayout.JAVA_BYTE, PageLayout.HEADER_BYTES, (byte) operand);
        }
        case SET -> put(page, operand, true);
        default -> put(page, operand, false);
      }
    }
  }

  private static void put(MemorySegment page, long bit, boolean on) {
    long at = PageLayout.HEADER_BYTES + (bit >>> 3);
    int mask = 1 << (bit & 7);
    int octet = page.get(ValueLayout.JAVA_BYTE, at);
    page.set(ValueLayout.JAVA_BYTE, at, (byte) (on ? octet | mask : octet & ~mask));
  }

  /** A page is allocated only when free and freed only when in use. */
  @Override
  public void check(MemorySegment page, long pageId, MemorySegment body) {
    PayloadReader in = new PayloadReader(body, 0);
    while (in.remaining() > 0) {
      int operation = in.getByte("operation");
      long bit = in.getVarint("bit");
      if (operation != FORMAT) {
        boolean wanted = operation == CLEAR;
        if (isSet(page, bit) != wanted) {
          throw new IllegalStateException(
              "page "
                  + (pageId - 1 + bit)
                  + (wanted ? " is freed and free already" : " is allocated and in use already"));
        }
      }
    }
  }

  @Override
  public void undo(UndoContext context, LogRecord.Update update) {
    throw new IllegalStateException("the space map has no updates of its own to undo");
  }

  @Override
  public String describe(MemorySegment body) {
    StringBuilder text = new StringBuilder();
    PayloadReader in = new PayloadReader(body, 0);
    while (in.remaining() > 0) {
      int operation = in.getByte("operation");
      String name = operation == FORMAT ? "format" : operation == SET ? "allocate" : "free";
      text.append(text.isEmpty() ? "" : ", ").append(name);
      text.append(' ').append(in.getVarint("operand"));
    }
    return text.toString();
  }
}
