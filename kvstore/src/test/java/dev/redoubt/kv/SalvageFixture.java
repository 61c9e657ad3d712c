package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A store to be damaged, and what is saved of it. */
abstract class SalvageFixture {
  static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  static final TreeDef<String, String> OTHER = TreeDef.of("other", Codecs.UTF_8, Codecs.UTF_8);
  static final int PAGE_SIZE = 4096;
  static final int ENTRIES = 3000;
  static final int NODE = 10;
  static final int OVERFLOW = 11;
  static final int FIRST_TREE = 16;
  static final StoreOptions SMALL =
      StoreOptions.defaults()
          .withEngine(
              StoreOptions.defaults()
                  .engine()
                  .withPageSize(PAGE_SIZE)
                  .withFrames(64)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10)));

  @TempDir Path temp;

  Path dir() {
    return temp.resolve("store");
  }

  /** Committed entries, by label of the tree. */
  final Map<String, TreeMap<String, String>> committed = new TreeMap<>();

  /** End of the log that {@link #crashWithLog} left. */
  long crashedAtLsn;

  void put(WriteTx tx, TreeDef<String, String> tree, String key, String value) {
    tx.tree(tree).put(key, value);
    committed.computeIfAbsent(tree.name(), name -> new TreeMap<>()).put(key, value);
  }

  static String key(int i) {
    return "k%05d".formatted(i);
  }

  void fill(Store store, String value) {
    for (int from = 0; from < ENTRIES; from += 250) {
      int start = from;
      store.write(
          tx -> {
            for (int i = start; i < start + 250; i++) {
              put(tx, TREE, key(i * 7 % ENTRIES), value + i);
            }
          });
    }
    store.write(
        tx -> {
          for (int i = 0; i < 12; i++) {
            put(tx, TREE, key(i * 250) + "-large", "x".repeat(5_000 + 997 * i));
            put(tx, OTHER, "o" + i, value + i);
          }
        });
  }

  /** A store closed in order whose log does not reach back to what was filled in. */
  void makeWithoutLog() {
    try (Store store = Store.open(dir(), SMALL)) {
      fill(store, "v");
      forgetLog(store);
    }
  }

  void forgetLog(Store store) {
    long end = store.engine().log().endLsn();
    while (store.engine().log().startLsn() < end) {
      store.write(tx -> put(tx, OTHER, "filler", "f".repeat(100_000)));
      store.engine().pool().flushAll();
      store.engine().checkpoint();
    }
  }

  /** A store that died with several segments of log that restart needs, and a loser. */
  void crashWithLog() {
    Store store = Store.open(dir(), SMALL);
    store.engine().log().hold("test", store.engine().log().startLsn());
    for (int round = 0; round < 6; round++) {
      fill(store, "r" + round + ".");
    }
    WriteTx loser = store.beginWrite();
    for (int i = 0; i < 300; i++) {
      loser.tree(TREE).put(key(i), "LOSER");
      loser.tree(TREE).put("new" + i, "LOSER");
    }
    loser.tree(TREE).remove(key(700));
    store.engine().log().forceAll();
    crashedAtLsn = store.engine().log().endLsn();
    store.abandon();
  }

  /** What came out, by label of the tree, and the report of it. */
  record Saved(Map<String, TreeMap<String, String>> trees, SalvageReport report) {
    TreeMap<String, String> tree(String label) {
      return trees.getOrDefault(label, new TreeMap<>());
    }

    SalvageReport.TreeResult result(String label) {
      return report.trees().stream()
          .filter(each -> each.tree().label().equals(label))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Salvages, and checks that not a byte was written. */
  Saved salvage() {
    Map<String, String> before = FolderHash.of(dir());
    Map<String, TreeMap<String, String>> trees = new TreeMap<>();
    SalvageReport report =
        Salvage.run(
            RealDisk.open(dir()),
            Environment.system(),
            256L << 20,
            (tree, key, value) ->
                assertEquals(
                    null,
                    trees
                        .computeIfAbsent(tree.label(), label -> new TreeMap<>())
                        .put(text(key), text(value)),
                    () -> "twice: " + text(key)));
    assertEquals(before, FolderHash.of(dir()));
    return new Saved(trees, report);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Everything committed came out or is in a range that is lost; nothing else came out. */
  void assertExact(Saved saved, String tree, String label) {
    TreeMap<String, String> expected = new TreeMap<>(committed.get(tree));
    List<SalvageReport.Range> lost = saved.result(label).lost();
    expected.keySet().removeIf(key -> isIn(lost, key));
    assertEquals(expected, saved.tree(label), () -> saved.report().toString());
    assertEquals(List.of(), saved.result(label).uncertain());
    assertEquals(expected.size(), saved.result(label).entries());
  }

  static boolean isIn(List<SalvageReport.Range> ranges, String key) {
    return ranges.stream().anyMatch(r -> r.contains(key.getBytes(StandardCharsets.UTF_8)));
  }

  void assertComplete(Saved saved) {
    assertTrue(saved.report().isComplete(), () -> saved.report().toString());
    assertEquals(committed, saved.trees());
  }

  /** Ids of pages whose header the test likes, with their bytes. */
  List<Long> pages(BiPredicate<Long, MemorySegment> wanted) throws IOException {
    byte[] all = Files.readAllBytes(dir().resolve("pages"));
    List<Long> found = new ArrayList<>();
    for (long id = 1; id < all.length / PAGE_SIZE; id++) {
      MemorySegment page = MemorySegment.ofArray(all).asSlice(id * PAGE_SIZE, PAGE_SIZE);
      if (wanted.test(id, page)) {
        found.add(id);
      }
    }
    return found;
  }

  static boolean isNode(MemorySegment page, int owner, boolean leaf) {
    int level = page.get(java.lang.foreign.ValueLayout.JAVA_BYTE, PageLayout.HEADER_BYTES);
    return PageLayout.type(page) == NODE && PageLayout.owner(page) == owner && (level == 0) == leaf;
  }

  void flip(String name, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(dir().resolve(name).toFile(), "rw")) {
      file.seek(offset);
      int old = file.read();
      file.seek(offset);
      file.write(old ^ 0x10);
    }
  }

  void damage(long page) throws IOException {
    flip("pages", page * PAGE_SIZE + 100);
  }

  List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(dir())) {
      return files.filter(f -> f.getFileName().toString().startsWith("log-")).sorted().toList();
    }
  }

  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            to.resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
