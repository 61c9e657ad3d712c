package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * While the log reaches back to the beginning, every page of a store can be lost: root directory,
 * space map, catalog, inner nodes, leaves, chains of large values.
 */
class RebuiltPagesTest {
  private static final int PAGE_SIZE = 4096;
  private static final List<TreeDef<String, String>> TREES =
      List.of(
          TreeDef.of("a", Codecs.UTF_8, Codecs.UTF_8), TreeDef.of("b", Codecs.UTF_8, Codecs.UTF_8));

  @TempDir Path folder;

  private final Map<String, String> expected = new TreeMap<>();
  private Path pages = Path.of("pages");

  private static StoreOptions options(RestartMode mode) {
    return StoreOptions.defaults()
        .withEngine(
            StoreOptions.defaults()
                .engine()
                .withPageSize(PAGE_SIZE)
                .withFrames(128)
                .withRestart(mode)
                .withLog(
                    LogOptions.defaults().withSegmentBytes(8 << 20).withBuffers(4, 128 << 10)));
  }

  /** All kinds of pages, some of them freed and used again; a checkpoint in the middle. */
  @BeforeEach
  void fill() {
    pages = folder.resolve("pages");
    Store store = Store.open(folder, options(RestartMode.INSTANT));
    for (int round = 0; round < 3; round++) {
      try (WriteTx tx = store.beginWrite()) {
        for (int i = 0; i < 2000; i++) {
          put(tx, i % 2, "key " + (i * 7919L % 1000), "value " + i + " of round " + round);
        }
        put(tx, round % 2, "large", "x".repeat(20_000 + round));
        tx.commit();
      }
      try (WriteTx tx = store.beginWrite()) {
        for (int i = 300; i < 600; i++) {
          tx.tree(TREES.getFirst()).remove("key " + i);
          expected.remove("a/key " + i);
        }
        tx.commit();
      }
      if (round == 1) {
        store.checkpoint();
      }
    }
    assertEquals(0, store.engine().log().startLsn() / store.engine().log().segmentBytes());
    store.engine().log().forceAll();
    store.engine().pool().flushAll();
    store.abandon();
  }

  private void put(WriteTx tx, int tree, String key, String value) {
    tx.tree(TREES.get(tree)).put(key, value);
    expected.put(TREES.get(tree).name() + "/" + key, value);
  }

  private void write(long pageId, byte[] bytes) throws IOException {
    try (FileChannel file = FileChannel.open(pages, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes), pageId * PAGE_SIZE);
    }
  }

  private Store opened(RestartMode mode, String when) {
    Store store = Store.open(folder, options(mode));
    Map<String, String> found = new TreeMap<>();
    for (TreeDef<String, String> tree : TREES) {
      store.view(
          tx ->
              tx.tree(tree).stream()
                  .forEach(each -> found.put(tree.name() + "/" + each.getKey(), each.getValue())));
    }
    assertEquals(expected, found, when);
    assertEquals(List.of(), store.verify(_ -> {}).problems(), when);
    return store;
  }

  @Test
  void eachPageInTurnIsMadeAnewAfterACrashAndInARunningStore() throws IOException {
    byte[] whole = Files.readAllBytes(pages);
    int rebuilt = 0;
    List<Long> same = new ArrayList<>();
    for (long pageId = 1; pageId * PAGE_SIZE < whole.length; pageId++) {
      int from = (int) pageId * PAGE_SIZE;
      byte[] page = Arrays.copyOfRange(whole, from, from + PAGE_SIZE);
      if (Arrays.equals(page, new byte[PAGE_SIZE])) {
        continue; // never used
      }
      byte[] damaged = page.clone();
      damaged[PAGE_SIZE / 2] ^= 0x10;
      write(pageId, pageId % 2 == 0 ? new byte[PAGE_SIZE] : damaged);
      opened(pageId % 3 == 0 ? RestartMode.FULL : RestartMode.INSTANT, "page " + pageId).close();
      byte[] after = new byte[PAGE_SIZE];
      try (FileChannel file = FileChannel.open(pages, StandardOpenOption.READ)) {
        file.read(ByteBuffer.wrap(after), pageId * PAGE_SIZE);
      }
      if (Arrays.equals(page, after)) {
        same.add(pageId);
      }
      rebuilt++;
    }
    int all = rebuilt;
    System.out.println(same.size() + " of " + all + " damaged pages were home again as they were");
    assertTrue(all > 30, () -> "only " + all + " pages");
    assertTrue(same.containsAll(List.of(1L, 2L, 3L)), same::toString);
    assertTrue(same.size() > all / 2, same::toString);
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void allPagesTogetherAreMadeAnew(RestartMode mode) throws IOException {
    Files.write(pages, new byte[(int) Files.size(pages)]);
    Store store = opened(mode, "no page is left");
    store.engine().restart().await();
    store.close();
    opened(mode, "and home again").close();
  }
}
