package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Binds {@code docs/format-page.md} to the code: the golden bytes stand in both. */
class PageFormatTest {
  private static final String PAGE_HEADER =
      """
      74dd262c 03 01 0000 0900000000000000
      8813000000000000 0c000000 00000000
      """;

  private static final String DOUBLE_WRITE_HEADER =
      """
      5244425444424c57 01000000 7257eee3
      efcdab8967452301 8877665544332211
      0100000000000000 00100000 01000000
      0900000000000000 de850661 00000000
      """;

  private static byte[] page() {
    MemorySegment page = MemorySegment.ofArray(new byte[4096]);
    PageLayout.format(page, 9, 3, 12);
    PageLayout.setPageLsn(page, 5_000);
    new PageVerifier(FakeLog.STORE, 4096).seal(page, 9);
    return page.toArray(ValueLayout.JAVA_BYTE);
  }

  private static String hex(byte[] bytes, int from, int to) {
    return HexFormat.of().formatHex(Arrays.copyOfRange(bytes, from, to));
  }

  @Test
  void aPageHeaderIsAsDocumented() {
    assertEquals(PAGE_HEADER.replaceAll("\\s", ""), hex(page(), 0, PageLayout.HEADER_BYTES));
  }

  @Test
  void theDoubleWriteHeaderIsAsDocumented() {
    MemoryDisk disk = new MemoryDisk();
    try (FilePageStore store = FilePageStore.open(disk, FakeLog.STORE, 4096, true)) {
      store.ensureCapacity(10);
      store.writeDurably(List.of(new PageStore.PageImage(9, ByteBuffer.wrap(page()))));
    }
    byte[] file = disk.bytes(DoubleWriteFile.NAME);
    assertEquals(DOUBLE_WRITE_HEADER.replaceAll("\\s", ""), hex(file, 0, 64));
    assertEquals("", hex(file, 64, 4096).replace("0", ""));
    assertEquals(hex(page(), 0, 4096), hex(file, 4096, 8192));
    assertEquals(4096 + 128 * 4096, file.length);
    assertEquals(hex(page(), 0, 4096), hex(disk.bytes(FilePageStore.PAGES_FILE), 9 * 4096, 40960));
  }
}
