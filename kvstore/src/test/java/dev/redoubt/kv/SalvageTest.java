package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.recovery.EngineOptions;
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
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be read comes out, what cannot is named exactly, and nothing is written. */
class SalvageTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final TreeDef<String, String> OTHER =
      TreeDef.of("other", Codecs.UTF_8, Codecs.UTF_8);
  private static final int PAGE_SIZE = 4096;
  private static final int ENTRIES = 3000;
  private static final int NODE = 10;
  private static final int OVERFLOW = 11;
  private static final int FIRST_TREE = 16;
  private static final StoreOptions SMALL =
      StoreOptions.defaults()
          .withEngine(
              EngineOptions.defaults()
                  .withPageSize(PAGE_SIZE)
                  .withFrames(64)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10)));

  @TempDir Path temp;

  private Path dir() {
    return temp.resolve("store");
  }

  /** Committed entries, by label of the tree. */
  private final Map<String, TreeMap<String, String>> committed = new TreeMap<>();

  private void put(WriteTx tx, TreeDef<String, String> tree, String key, String value) {
    tx.tree(tree).put(key, value);
    committed.computeIfAbsent(tree.name(), name -> new TreeMap<>()).put(key, value);
  }

  private static String key(int i) {
    return "k%05d".formatted(i);
  }

  private void fill(Store store, String value) {
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
  private void makeWithoutLog() {
    try (Store store = Store.open(dir(), SMALL)) {
      fill(store, "v");
      forgetLog(store);
    }
  }

  private void forgetLog(Store store) {
    long end = store.engine().log().endLsn();
    while (store.engine().log().startLsn() < end) {
      store.write(tx -> put(tx, OTHER, "filler", "f".repeat(100_000)));
      store.engine().pool().flushAll();
      store.engine().checkpoint();
    }
  }

  /** A store that died with several segments of log that restart needs, and a loser. */
  private void crashWithLog() {
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
    store.abandon();
  }

  /** What came out, by label of the tree, and the report of it. */
  private record Saved(Map<String, TreeMap<String, String>> trees, SalvageReport report) {
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
  private Saved salvage() {
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

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Everything committed came out or is in a range that is lost; nothing else came out. */
  private void assertExact(Saved saved, String tree, String label) {
    TreeMap<String, String> expected = new TreeMap<>(committed.get(tree));
    List<SalvageReport.Range> lost = saved.result(label).lost();
    expected.keySet().removeIf(key -> isIn(lost, key));
    assertEquals(expected, saved.tree(label), () -> saved.report().toString());
    assertEquals(List.of(), saved.result(label).uncertain());
    assertEquals(expected.size(), saved.result(label).entries());
  }

  private static boolean isIn(List<SalvageReport.Range> ranges, String key) {
    return ranges.stream().anyMatch(r -> r.contains(key.getBytes(StandardCharsets.UTF_8)));
  }

  private void assertComplete(Saved saved) {
    assertTrue(saved.report().isComplete(), () -> saved.report().toString());
    assertEquals(committed, saved.trees());
  }

  /** Ids of pages whose header the test likes, with their bytes. */
  private List<Long> pages(BiPredicate<Long, MemorySegment> wanted) throws IOException {
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

  private static boolean isNode(MemorySegment page, int owner, boolean leaf) {
    int level = page.get(java.lang.foreign.ValueLayout.JAVA_BYTE, PageLayout.HEADER_BYTES);
    return PageLayout.type(page) == NODE && PageLayout.owner(page) == owner && (level == 0) == leaf;
  }

  private void flip(String name, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(dir().resolve(name).toFile(), "rw")) {
      file.seek(offset);
      int old = file.read();
      file.seek(offset);
      file.write(old ^ 0x10);
    }
  }

  private void damage(long page) throws IOException {
    flip("pages", page * PAGE_SIZE + 100);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(dir())) {
      return files.filter(f -> f.getFileName().toString().startsWith("log-")).sorted().toList();
    }
  }

  @Test
  void aWholeStoreComesOutWhole() {
    makeWithoutLog();
    assertComplete(salvage());
  }

  @Test
  void aCrashedStoreComesOutAsRestartLeavesIt() {
    crashWithLog();
    assertComplete(salvage());
  }

  @Test
  void aDamagedLeafCostsItsKeysAndNoOthers() throws IOException {
    makeWithoutLog();
    damage(pages((id, page) -> isNode(page, FIRST_TREE, true)).get(5));
    Saved saved = salvage();
    assertFalse(saved.report().isComplete());
    assertEquals(1, saved.result("t").lost().size());
    assertFalse(saved.result("t").lost().getFirst().single());
    assertExact(saved, "t", "t");
    assertTrue(saved.tree("t").size() > ENTRIES * 9 / 10);
    assertEquals(committed.get("other"), saved.tree("other"));
  }

  @Test
  void leavesAreFoundWithoutTheNodesAboveThem() throws IOException {
    makeWithoutLog();
    List<Long> inner = pages((id, page) -> isNode(page, FIRST_TREE, false));
    assertFalse(inner.isEmpty());
    for (long page : inner) {
      damage(page);
    }
    assertComplete(salvage());
    damage(pages((id, page) -> isNode(page, FIRST_TREE, true)).get(9));
    Saved saved = salvage();
    assertEquals(1, saved.result("t").lost().size(), saved.report()::toString);
    assertExact(saved, "t", "t");
  }

  @Test
  void aBrokenChainOfALargeValueCostsItsKey() throws IOException {
    makeWithoutLog();
    damage(
        pages((id, page) -> PageLayout.type(page) == OVERFLOW && PageLayout.owner(page) == 16)
            .getFirst());
    Saved saved = salvage();
    assertEquals(1, saved.result("t").lost().size(), saved.report()::toString);
    assertTrue(saved.result("t").lost().getFirst().single());
    assertExact(saved, "t", "t");
  }

  @Test
  void withoutTheCatalogTreesGoByTheirIds() throws IOException {
    makeWithoutLog();
    for (long page : pages((id, page) -> isNode(page, 1, true))) {
      damage(page);
    }
    Saved saved = salvage();
    assertEquals(committed.get("t"), saved.tree("tree-16"));
    assertEquals(committed.get("other"), saved.tree("tree-17"));
    assertEquals(1, saved.result("(catalog)").lost().size());
  }

  @Test
  void theCatalogIsFoundWithoutTheRootDirectoryAndTheSpaceMap() throws IOException {
    makeWithoutLog();
    damage(1);
    Saved saved = salvage();
    assertEquals(committed, saved.trees());
    damage(2);
    saved = salvage();
    assertEquals(committed, saved.trees());
    assertFalse(
        saved.report().trees().stream().anyMatch(tree -> !tree.lost().isEmpty()),
        saved.report()::toString);
  }

  @Test
  void randomDamageOfPagesLosesExactlyWhatIsNamed() throws IOException {
    makeWithoutLog();
    Path whole = temp.resolve("whole");
    copy(dir(), whole);
    List<Long> used = pages((id, page) -> PageLayout.type(page) != 0);
    for (int seed = 1; seed <= 12; seed++) {
      copy(whole, dir());
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        long page = used.get(random.nextInt(used.size()));
        if (!pages((id, bytes) -> isNode(bytes, 1, true)).contains(page) && page > 2) {
          damage(page);
        }
      }
      Saved saved = salvage();
      assertExact(saved, "t", "t");
      assertExact(saved, "other", "other");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
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

  @Test
  void aLoserThatADamagedPageKeepsFromBeingUndoneIsLeftOut() throws IOException {
    Store store = Store.open(dir(), SMALL);
    fill(store, "v");
    forgetLog(store);
    WriteTx loser = store.beginWrite();
    for (int i = 0; i < ENTRIES; i += 10) {
      loser.tree(TREE).put(key(i), "LOSER");
      loser.tree(TREE).put(key(i) + "+", "LOSER");
    }
    loser.tree(TREE).remove(key(1234));
    store.engine().pool().flushAll();
    store.engine().log().forceAll();
    store.abandon();
    damage(pages((id, page) -> isNode(page, FIRST_TREE, true)).get(5));
    Saved saved = salvage();
    assertTrue(
        saved.report().notes().stream().anyMatch(note -> note.contains("did not commit")),
        saved.report()::toString);
    assertFalse(saved.tree("t").containsValue("LOSER"));
    assertExact(saved, "t", "t");
  }

  @Test
  void theMasterFileIsMadeUpFromTheLog() throws IOException {
    crashWithLog();
    byte[] master = Files.readAllBytes(dir().resolve("master"));
    flip("master", 4096 + 20);
    flip("master", 8192 + 20);
    assertComplete(salvage());
    flip("master", 20);
    assertComplete(salvage());
    Files.delete(dir().resolve("master"));
    assertComplete(salvage());
    Files.write(dir().resolve("master"), master);
    assertComplete(salvage());
  }

  @Test
  void theDoubleWriteFileAndTheMissingPagesAreNoLossWhileTheLogIsThere() throws IOException {
    crashWithLog();
    flip("doublewrite", 100);
    assertComplete(salvage());
    Files.delete(dir().resolve("doublewrite"));
    assertComplete(salvage());
    Files.delete(dir().resolve("pages"));
    assertComplete(salvage());
  }

  @Test
  void aLogDamagedInTheMiddleGivesWhatThereIsAndSaysSo() throws IOException {
    crashWithLog();
    flip(segments().get(segments().size() / 2).getFileName().toString(), 300_000);
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    String notes = String.join("\n", saved.report().notes());
    assertTrue(notes.contains("RESTART WAS NOT POSSIBLE"), notes);
    assertTrue(notes.contains("cannot be read from LSN"), notes);
    assertTrue(notes.contains("did not commit"), notes);
    assertFalse(saved.tree("t").containsValue("LOSER"), "the log behind the damage tells of it");
    assertRoundsOnly(saved);
  }

  @Test
  void aMissingSegmentGivesWhatThereIsAndSaysSo() throws IOException {
    crashWithLog();
    Files.delete(segments().get(segments().size() / 2));
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    assertRoundsOnly(saved);
  }

  /** All that did not come out as it was committed last is named. */
  private void assertRoundsOnly(Saved saved) {
    TreeMap<String, String> expected = committed.get("t");
    TreeMap<String, String> found = saved.tree("t");
    List<SalvageReport.Range> uncertain = saved.result("t").uncertain();
    List<SalvageReport.Range> lost = saved.result("t").lost();
    int right = 0;
    for (Map.Entry<String, String> entry : expected.entrySet()) {
      String value = found.get(entry.getKey());
      if (entry.getValue().equals(value)) {
        right++;
      } else if (value == null) {
        assertTrue(isIn(lost, entry.getKey()) || isIn(uncertain, entry.getKey()), entry::toString);
      } else {
        assertTrue(isIn(uncertain, entry.getKey()), entry + " found as " + value);
      }
    }
    assertTrue(right > 0);
    found.keySet().removeAll(expected.keySet());
    found.keySet().forEach(key -> assertTrue(isIn(uncertain, key), key));
  }

  @Test
  void aLostTailIsNotTakenForTheEndOfTheLog() throws IOException {
    crashWithLog();
    List<Path> segments = segments();
    for (Path segment : segments.subList(segments.size() - 3, segments.size())) {
      Files.delete(segment);
    }
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    assertTrue(
        String.join("\n", saved.report().notes()).contains("cannot be read from LSN"),
        saved.report()::toString);
    assertRoundsOnly(saved);
  }

  @Test
  void whatIsInUseOrNoStoreIsRefused() throws IOException {
    try (Store store = Store.open(dir(), SMALL)) {
      assertNotNull(store);
      assertThrows(StoreLockedException.class, this::salvage);
    }
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertThrows(
        NotAStoreException.class,
        () ->
            Salvage.run(
                RealDisk.open(empty), Environment.system(), 1 << 20, (tree, key, value) -> {}));
  }
}
