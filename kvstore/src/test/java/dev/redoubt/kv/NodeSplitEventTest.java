package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flight recorder is told of every node that a tree gets. */
final class NodeSplitEventTest {
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);

  @Test
  void everyNewNodeIsToldOnce(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("splits.jfr");
    long pages;
    int treeId;
    try (Store store = Store.open(dir.resolve("store"), IsolationFixture.INLINE);
        Recording recording = new Recording()) {
      store.write(tx -> tx.tree(TREE).put(-1L, new byte[50]));
      treeId = store.parts().catalog().allTrees().getLast().treeId();
      long before = store.stats().allocatedPages();
      recording.enable("dev.redoubt.NodeSplit").withoutThreshold();
      recording.start();
      store.write(
          tx -> {
            for (long i = 0; i < 3000; i++) {
              tx.tree(TREE).put(i, new byte[50]);
            }
          });
      recording.stop();
      recording.dump(file);
      pages = store.stats().allocatedPages() - before;
    }
    int id = treeId;
    List<RecordedEvent> told =
        RecordingFile.readAllEvents(file).stream()
            .filter(each -> each.getEventType().getName().equals("dev.redoubt.NodeSplit"))
            .filter(each -> each.getInt("treeId") == id)
            .toList();
    assertTrue(pages > 20, "new pages " + pages);
    assertEquals(pages, told.stream().map(each -> each.getLong("newPageId")).distinct().count());
    assertEquals(pages, told.size());
    List<RecordedEvent> roots = told.stream().filter(each -> each.getBoolean("root")).toList();
    assertEquals(List.of(0), roots.stream().map(each -> each.getInt("level")).toList());
  }
}
