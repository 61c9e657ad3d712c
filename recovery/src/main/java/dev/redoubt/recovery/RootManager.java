package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Resource manager 2: the root directory's page. Behind the page header: u16 number of entries,
 * then each {u8 length, name in UTF-8, u8 length, value}, sorted by name; the rest is zero. A body
 * is a sequence of {u8 operation, u8 length, name, u8 length, value}; the value of a removal is
 * empty. Stateless.
 */
final class RootManager implements CheckedManager {
  static final int ID = 2;
  static final int FORMAT = 1;
  static final int PUT = 2;
  static final int REMOVE = 3;

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "root";
  }

  @Override
  public void redo(MemorySegment page, long pageId, MemorySegment body) {
    if (body.get(ValueLayout.JAVA_BYTE, 0) == FORMAT) {
      PageLayout.format(page, pageId, PageTypes.ROOT_DIRECTORY, PageTypes.OWNER_ENGINE);
      return;
    }
    store(page, apply(entries(page), body));
  }

  @Override
  public void check(MemorySegment page, long pageId, MemorySegment body) {
    Map<String, byte[]> entries = apply(entries(page), body);
    long bytes = PageLayout.HEADER_BYTES + 2L;
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      bytes += 2L + utf8(entry.getKey()).length + entry.getValue().length;
    }
    if (bytes > page.byteSize()) {
      throw new IllegalStateException(
          "the root directory is full: " + entries.size() + " entries need " + bytes + " bytes");
    }
  }

  private static Map<String, byte[]> apply(Map<String, byte[]> entries, MemorySegment body) {
    PayloadReader in = new PayloadReader(body, 0);
    while (in.remaining() > 0) {
      int operation = in.getByte("operation");
      String name = new String(bytes(in), StandardCharsets.UTF_8);
      byte[] value = bytes(in);
      if (operation == PUT) {
        entries.put(name, value);
      } else {
        entries.remove(name);
      }
    }
    return entries;
  }

  static Map<String, byte[]> entries(MemorySegment page) {
    PayloadReader in =
        new PayloadReader(page.asSlice(PageLayout.HEADER_BYTES), PageLayout.pageLsn(page));
    Map<String, byte[]> entries = new TreeMap<>();
    int count = in.getByte("entries") | in.getByte("entries") << 8;
    for (int i = 0; i < count; i++) {
      String name = new String(bytes(in), StandardCharsets.UTF_8);
      entries.put(name, bytes(in));
    }
    return entries;
  }

  private static void store(MemorySegment page, Map<String, byte[]> entries) {
    page.asSlice(PageLayout.HEADER_BYTES).fill((byte) 0);
    page.set(PayloadWriter.SHORT, PageLayout.HEADER_BYTES, (short) entries.size());
    long at = PageLayout.HEADER_BYTES + 2L;
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      at = put(page, at, utf8(entry.getKey()));
      at = put(page, at, entry.getValue());
    }
  }

  private static long put(MemorySegment page, long at, byte[] bytes) {
    page.set(ValueLayout.JAVA_BYTE, at, (byte) bytes.length);
    MemorySegment.copy(bytes, 0, page, ValueLayout.JAVA_BYTE, at + 1, bytes.length);
    return at + 1 + bytes.length;
  }

  private static byte[] bytes(PayloadReader in) {
    return in.getBytes(in.getByte("length"), "bytes").toArray(ValueLayout.JAVA_BYTE);
  }

  static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void undo(UndoContext context, LogRecord.Update update) {
    throw new IllegalStateException("the root directory has no updates of its own to undo");
  }

  @Override
  public String describe(MemorySegment body) {
    PayloadReader in = new PayloadReader(body, 0);
    StringBuilder text = new StringBuilder();
    while (in.remaining() > 0) {
      int operation = in.getByte("operation");
      if (operation == FORMAT) {
        return "format";
      }
      text.append(operation == PUT ? "put " : "remove ");
      text.append(new String(bytes(in), StandardCharsets.UTF_8)).append(' ');
      text.append(Arrays.toString(bytes(in))).append(' ');
    }
    return text.toString().trim();
  }

  static byte @Nullable [] find(MemorySegment page, String name) {
    return entries(page).get(name);
  }
}
