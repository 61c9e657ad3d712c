package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadCommandTest {
  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  @Test
  void everythingAfterTheFirstTabIsTheValue() {
    Result result = load("# comment\nk1\tv1\n\nk2\tv2\twith\ttabs\r\nk3\t\n");
    assertEquals(0, result.code(), result.err());
    assertTrue(
        result.out().startsWith("loaded 3 entries from 5 lines in 1 transaction"), result.out());
    assertEquals("k1\tv1\nk2\tv2\twith\ttabs\nk3\t\n", Program.run("scan", store()).out());
  }

  @Test
  void gzippedFilesAreUnpacked() throws IOException {
    Path file = folder.resolve("data.tsv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(Program.utf8(numbered(500)));
    }
    assertEquals(0, Program.run("load", store(), file, "--tree", "numbers").code());
    assertEquals("500", Program.run("count", store(), "--tree", "numbers").out().strip());
  }

  @Test
  void badLineEndsTheLoadAndItsBatchIsNotCommitted() {
    String text = numbered(25) + "no tab here\n" + "z\tz\n";
    Result result = load(text, "--batch", "10");
    assertEquals(2, result.code());
    assertEquals(
        "redoubt: line 26: no tab after the key; lines 1 to 20 are durable", result.err().strip());
    assertEquals("20", Program.run("count", store()).out().strip());
  }

  @Test
  void badLineWithSeveralThreadsKeepsTheSamePromise() {
    String text = numbered(2_500) + "no tab here\n";
    Result result = load(text, "--batch", "100", "--threads", "4", "--json");
    assertEquals(2, result.code());
    assertTrue(result.err().contains("lines 1 to 2,500 are durable"), result.err());
    assertEquals("2500", Program.run("count", store()).out().strip());
  }

  @Test
  void skippedLinesAreCounted() {
    byte[] text = Program.utf8("a\tA\nno tab\n\tno key\nX\tY\n# c\nb\tB");
    text[19] = (byte) 0xff; // the X, now neither a character nor a line
    Result result = Program.runWithInput(text, "load", store(), "-", "--skip-bad", "--json");
    assertEquals(0, result.code(), result.err());
    assertTrue(
        result.out().startsWith("{\"lines\":6,\"entries\":2,\"ignored\":1,\"skipped\":3,"),
        result.out());
  }

  @Test
  void keyTooLongIsABadLine() {
    String text = "a\tA\n" + "k".repeat(100_000) + "\tv\nb\tB\n";
    Result result = load(text);
    assertEquals(2, result.code());
    assertTrue(result.err().startsWith("redoubt: line 2: "), result.err());
    Result skipping = load(text, "--skip-bad", "--json");
    assertEquals(0, skipping.code(), skipping.err());
    assertTrue(
        skipping.out().contains("\"entries\":2,\"ignored\":0,\"skipped\":1"), skipping.out());
  }

  @Test
  void acksNameTheDurableLinesAfterEachCommit() {
    Result result = load("# c\n" + numbered(25), "--batch", "10", "--acks");
    assertEquals(List.of("11", "21", "26"), result.lines().subList(0, 3));
  }

  @Test
  void acksOfSeveralThreadsNeverFall() {
    Result result = load(numbered(5_000), "--batch", "50", "--threads", "8", "--acks", "--json");
    List<Long> acks =
        result.lines().stream()
            .filter(line -> line.startsWith("{\"durableLines\":"))
            .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .toList();
    assertEquals(100, acks.size());
    assertEquals(acks.stream().sorted().toList(), acks);
    assertEquals(5_000, acks.getLast());
  }

  @Test
  void inputThatCannotBeReadCreatesNothing() throws IOException {
    Result missing = Program.run("load", store(), folder.resolve("missing.tsv"));
    assertEquals(2, missing.code());
    assertTrue(missing.err().contains("missing.tsv"), missing.err());
    Path broken = folder.resolve("broken.gz");
    Files.writeString(broken, "not gzip");
    assertEquals(2, Program.run("load", store(), broken).code());
    assertEquals(2, Program.run("load", store(), folder).code());
    assertTrue(Files.notExists(store()));
  }

  @Test
  void truncatedGzipSaysHowFarItCame() throws IOException {
    Path file = folder.resolve("cut.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(Program.utf8(numbered(100_000)));
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
    Result result = Program.run("load", store(), file, "--batch", "100");
    assertEquals(2, result.code());
    assertTrue(result.err().contains("cannot be read past line "), result.err());
    assertTrue(result.err().contains(" are durable"), result.err());
  }

  private Result load(String text, String... options) {
    Object[] args = new Object[3 + options.length];
    args[0] = "load";
    args[1] = store();
    args[2] = "-";
    System.arraycopy(options, 0, args, 3, options.length);
    return Program.runWithInput(Program.utf8(text), args);
  }

  private static String numbered(int count) {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, count).forEach(i -> text.append(String.format("%06d\tvalue %d\n", i, i)));
    return text.toString();
  }
}
