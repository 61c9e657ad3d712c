package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scan of a tree larger than the pool has its leaves brought in before it comes to them. */
class ScanAheadTest {
  private static final TreeDef<Long, String> NAMES =
      TreeDef.of("names", Codecs.INT64, Codecs.UTF_8);
  private static final int ENTRIES = 20_000;

  @TempDir Path dir;

  @BeforeEach
  void fill() {
    try (Store store = Store.open(dir)) {
      for (int from = 0; from < ENTRIES; from += 2_000) {
        long first = from;
        store.write(
            tx -> {
              Tree<Long, String> names = tx.tree(NAMES);
              for (long key = first; key < first + 2_000; key++) {
                names.put(key, "a name that fills some of a page, number " + key);
              }
            });
      }
    }
  }

  private static Store open(Path dir) {
    return Store.open(
        dir, StoreOptions.defaults().withEngine(StoreOptions.defaults().engine().withFrames(64)));
  }

  private List<RecordedEvent> reads(Runnable scan) throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable("dev.redoubt.PageRead").withThreshold(Duration.ZERO);
      recording.start();
      scan.run();
      recording.stop();
      Path file = dir.resolveSibling(dir.getFileName() + ".jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals("dev.redoubt.PageRead"))
          .toList();
    }
  }

  private static List<Long> keys(Store store, boolean ascending) {
    return store.read(
        tx -> {
          ReadTree<Long, String> names = tx.tree(NAMES);
          Iterable<Map.Entry<Long, String>> range =
              ascending ? names.range(KeyRange.all()) : names.descending(KeyRange.all());
          return StreamSupport.stream(range.spliterator(), false).map(Map.Entry::getKey).toList();
        });
  }

  private void assertReadsAhead(boolean ascending) throws IOException {
    try (Store store = open(dir)) {
      List<RecordedEvent> events =
          reads(
              () -> {
                List<Long> keys = keys(store, ascending);
                assertEquals(ENTRIES, keys.size());
                for (int i = 0; i < ENTRIES; i++) {
                  assertEquals(ascending ? i : ENTRIES - 1 - i, keys.get(i));
                }
              });
      int ahead =
          events.stream().filter(e -> e.getBoolean("ahead")).mapToInt(e -> e.getInt("pages")).sum();
      assertTrue(ahead > 20, ahead + " pages ahead in " + events.size() + " reads");
      assertTrue(store.verify(page -> {}).ok());
    }
  }

  @Test
  void aScanForwardsReadsAhead() throws IOException {
    assertReadsAhead(true);
  }

  @Test
  void aScanBackwardsReadsAhead() throws IOException {
    assertReadsAhead(false);
  }

  @Test
  void aShortRangeReadsNothingThatItDoesNotNeed() throws IOException {
    try (Store store = open(dir)) {
      List<RecordedEvent> events =
          reads(
              () ->
                  store.read(
                      tx -> {
                        int seen = 0;
                        for (Map.Entry<Long, String> entry :
                            tx.tree(NAMES).range(KeyRange.closed(7_000L, 7_020L))) {
                          assertEquals(7_000L + seen++, entry.getKey());
                        }
                        return assertCount(21, seen);
                      }));
      assertTrue(events.stream().noneMatch(event -> event.getBoolean("ahead")));
    }
  }

  private static int assertCount(int expected, int found) {
    assertEquals(expected, found);
    return found;
  }
}
