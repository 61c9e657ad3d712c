package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide shows of writing does what its comments say. */
final class GuideWritingTest {
  @Test
  void theExamplesDoWhatTheirCommentsSay(@TempDir Path dir) throws IOException {
    GuideWritingExample example = new GuideWritingExample();
    Store store = Store.open(dir);
    new GuideExample().write(store);
    example.compute(store);
    example.add(store);
    example.savepoint(store);
    example.stream(store, new ByteArrayInputStream(new byte[100_000]), 100_000);
    example.drop(store);
    assertEquals(
        List.of(Map.entry("ann", 52L), Map.entry("bob", 45L), Map.entry("eve", 0L)),
        store.read(tx -> tx.tree(GuideExample.ACCOUNTS).stream(KeyRange.lessThan("f")).toList()));
    example.load(store, Stream.of(Map.entry("b", 2L), Map.entry("c", 3L), Map.entry("a", 1L)));
    assertEquals(
        List.of(Map.entry("a", 1L), Map.entry("b", 2L), Map.entry("c", 3L)),
        store.read(tx -> tx.tree(GuideExample.ACCOUNTS).stream().toList()));
    example.async(store);
    store.close(); // whoever committed without waiting has been told
    List<String> printed = List.of("70", "35", "null", "true", "62", "2", "true", "3", "true");
    assertEquals(printed, example.printed());
  }
}
