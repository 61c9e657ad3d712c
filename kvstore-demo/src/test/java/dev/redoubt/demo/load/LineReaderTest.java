package dev.redoubt.demo.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.output.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTest {
  @Test
  void linesEndInLineFeedWithOrWithoutCarriageReturn() throws IOException {
    assertEquals(List.of("a", "b", "", "c\rd", "e"), lines("a\nb\r\n\nc\rd\ne"));
  }

  @Test
  void lastLineNeedsNoEnd() throws IOException {
    assertEquals(List.of("a"), lines("a"));
    assertEquals(List.of("a"), lines("a\n"));
    assertEquals(List.of(), lines(""));
  }

  @Test
  void byteOrderMarkIsDroppedFromTheFirstLineOnly() throws IOException {
    assertEquals(List.of("a", "\uFEFFb"), lines("\uFEFFa\n\uFEFFb"));
  }

  @Test
  void linesAcrossBlocksAreWhole() throws IOException {
    String first = "x".repeat(200_000);
    String second = "é".repeat(100_000);
    assertEquals(List.of(first, second), lines(first + "\n" + second + "\n"));
  }

  @Test
  void lineOverTheLimitIsRefusedAndTheNextOneRead() throws IOException {
    LineReader reader = reader("12345678901\n1234567890\n", 10);
    assertTrue(reader.next());
    assertThrows(InputException.class, reader::text);
    assertTrue(reader.next());
    assertEquals("1234567890", reader.text());
    assertEquals(2, reader.number());
    assertFalse(reader.next());
  }

  @Test
  void lineThatIsNotUtf8IsRefused() throws IOException {
    byte[] bytes = {'a', '\t', (byte) 0xc3, '\n', 'b', '\n'};
    LineReader reader = new LineReader(new ByteArrayInputStream(bytes), 100);
    assertTrue(reader.next());
    assertThrows(InputException.class, reader::text);
    assertTrue(reader.next());
    assertEquals("b", reader.text());
  }

  private static List<String> lines(String text) throws IOException {
    LineReader reader = reader(text, 1 << 20);
    List<String> lines = new ArrayList<>();
    while (reader.next()) {
      lines.add(reader.text());
    }
    assertEquals(lines.size(), reader.number());
    return lines;
  }

  private static LineReader reader(String text, int maxLineBytes) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new LineReader(new ByteArrayInputStream(bytes), maxLineBytes);
  }
}
