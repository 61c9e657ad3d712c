package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.UnsupportedFormatException;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is damaged is named, what is whole stays readable, nothing is made worse. */
class DamagedStoreTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final TreeDef<String, String> OTHER =
      TreeDef.of("other", Codecs.UTF_8, Codecs.UTF_8);
  private static final int PAGE_SIZE = 4096;
  private static final int ENTRIES = 3000;
  private static final StoreOptions SMALL =
      StoreOptions.defaults()
          .withEngine(
              StoreOptions.defaults()
                  .engine()
                  .withPageSize(PAGE_SIZE)
                  .withFrames(64)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10)));

  @TempDir Path dir;

  @Test
  void aDamagedPageIsRebuiltFromTheLogThatIsStillThere() throws IOException {
    fill();
    flip("pages", pageOfKey("k01500") * PAGE_SIZE + PAGE_SIZE / 2);
    try (Store store = Store.open(dir, SMALL)) {
      VerifyReport report = store.verify(pages -> {});
      assertEquals(List.of(), report.problems());
      assertEquals(ENTRIES, store.<Long, RuntimeException>read(tx -> tx.tree(TREE).count()));
    }
  }

  @Test
  void aDamagedPageIsNamedWithItsKeysAndTheRestStaysReadable() throws IOException {
    fill();
    forgetLog();
    long damaged = pageOfKey("k01500");
    flip("pages", damaged * PAGE_SIZE + PAGE_SIZE / 2);
    try (Store store = Store.open(dir, SMALL)) {
      int readable = 0;
      int refused = 0;
      for (int i = 0; i < ENTRIES; i++) {
        String key = "k%05d".formatted(i);
        try {
          assertEquals(
              "v" + i,
              store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(key)));
          readable++;
        } catch (CorruptionException e) {
          assertMentions("page " + damaged, e);
          assertMentions("keys of tree 't' ", e);
          assertMentions(" from \"k01", e);
          refused++;
        }
      }
      assertTrue(refused > 0 && refused < 200, "one leaf is refused: " + refused);
      assertEquals(ENTRIES, readable + refused);
      VerifyReport report = store.verify(pages -> {});
      assertEquals(1, report.problems().size(), report.problems()::toString);
      String problem = report.problems().getFirst();
      assertTrue(problem.contains("tree 't': page " + damaged), problem);
      assertTrue(problem.contains(" from \"k01"), problem);
      assertTrue(problem.contains(" to below \"k01"), problem);
      store.write(tx -> tx.tree(TREE).put("k00000", "w"));
      assertEquals(List.of(damaged), store.engine().stats().quarantinedPages());
    }
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void keysOfALoserAreFreeWhenTheDamagedPageThatStopsItIsGivenUp(RestartMode mode)
      throws IOException {
    fill();
    forgetLog();
    long damaged = pageOfKey("k01500");
    Store crashed = Store.open(dir, SMALL);
    WriteTx loser = crashed.beginWrite();
    for (String key : List.of("k00001", "k01500", "k02900")) {
      loser.tree(TREE).put(key, "uncommitted");
    }
    crashed.engine().log().forceAll();
    crashed.abandon();
    flip("pages", damaged * PAGE_SIZE + PAGE_SIZE / 2);
    try (Store store = Store.open(dir, SMALL.withRestart(mode))) {
      store.engine().restart().await();
      assertThrows(
          ConflictException.class, () -> store.write(tx -> tx.tree(TREE).put("k00001", "w")));
      store.engine().giveUp(damaged);
      checkGivenUp(store, "v1");
      store.write(tx -> tx.tree(TREE).put("k00001", "w"));
    }
    try (Store store = Store.open(dir, SMALL.withRestart(mode))) {
      assertTrue(store.lastRecovery().clean());
      checkGivenUp(store, "w");
      assertMentions(
          "given up", new CorruptionException(store.verify(pages -> {}).problems().toString()));
    }
  }

  private static void checkGivenUp(Store store, String first) {
    store.view(
        tx -> {
          assertEquals(first, tx.tree(TREE).get("k00001"));
          assertEquals("v2900", tx.tree(TREE).get("k02900"));
          CorruptionException told =
              assertThrows(CorruptionException.class, () -> tx.tree(TREE).get("k01500"));
          assertMentions("given up", told);
        });
    assertTrue(store.engine().unfinished().isEmpty());
  }

  @Test
  void damageOfTheLogBelowTheWatermarkRefusesToOpen() throws IOException {
    crashWithLog();
    long middle = Files.size(logFile()) / 16;
    flip(logFile().getFileName().toString(), middle);
    CorruptionException e = assertThrows(CorruptionException.class, () -> Store.open(dir, SMALL));
    assertMentions(logFile().getFileName().toString(), e);
    byte[] before = Files.readAllBytes(logFile());
    assertThrows(CorruptionException.class, () -> Store.open(dir, SMALL));
    assertArrayEquals(before, Files.readAllBytes(logFile()));
  }

  @Test
  void aMissingSegmentIsNamed() throws IOException {
    crashWithLog();
    Path missing = logFiles().get(1);
    Files.delete(missing);
    CorruptionException e = assertThrows(CorruptionException.class, () -> Store.open(dir, SMALL));
    assertMentions(missing.getFileName().toString(), e);
  }

  @Test
  void aForeignSegmentIsNamed() throws IOException {
    crashWithLog();
    Path victim = logFiles().get(1);
    Path other = Files.createDirectory(dir.resolveSibling("other-" + dir.getFileName()));
    try (Store store = Store.open(other, SMALL)) {
      fill(store);
      store.abandon();
    }
    Files.copy(
        other.resolve(victim.getFileName()),
        victim,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    CorruptionException e = assertThrows(CorruptionException.class, () -> Store.open(dir, SMALL));
    assertMentions("another store", e);
    deleteAll(other);
  }

  @Test
  void aTruncatedSegmentIsNamed() throws IOException {
    crashWithLog();
    Path victim = logFiles().get(1);
    try (RandomAccessFile file = new RandomAccessFile(victim.toFile(), "rw")) {
      file.setLength(8192);
    }
    CorruptionException e = assertThrows(CorruptionException.class, () -> Store.open(dir, SMALL));
    assertMentions(victim.getFileName().toString(), e);
  }

  @Test
  void aMissingPageFileIsNamedAndNotMadeAnew() throws IOException {
    fill();
    Files.delete(dir.resolve("pages"));
    CorruptionException e = assertThrows(CorruptionException.class, () -> Store.open(dir, SMALL));
    assertMentions("\"pages\"", e);
    assertFalse(Files.exists(dir.resolve("pages")));
  }

  @Test
  void aPageFileCutShortLosesOnlyWhatWasBehindTheCut() throws IOException {
    fill();
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve("pages").toFile(), "rw")) {
      file.setLength(pageOfKey("k02500") * PAGE_SIZE);
    }
    try (Store store = Store.open(dir, SMALL)) {
      assertEquals(
          "v0", store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get("k00000")));
      assertThrows(
          CorruptionException.class,
          () -> store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get("k02500")));
      assertFalse(store.verify(pages -> {}).ok());
    }
  }

  @Test
  void aNewerFormatIsNotTouched() throws IOException {
    fill();
    byte[] master = Files.readAllBytes(dir.resolve("master"));
    // Magic number, checksum of all that follows in the block, version: docs/format-log.md.
    master[12]++;
    CRC32C checksum = new CRC32C();
    checksum.update(master, 12, 4096 - 12);
    ByteBuffer.wrap(master).order(ByteOrder.LITTLE_ENDIAN).putInt(8, (int) checksum.getValue());
    Files.write(dir.resolve("master"), master);
    assertThrows(UnsupportedFormatException.class, () -> Store.open(dir, SMALL));
    assertArrayEquals(master, Files.readAllBytes(dir.resolve("master")));
  }

  @Test
  void anotherPageSizeIsRefused() throws IOException {
    fill();
    StorageException e =
        assertThrows(
            StorageException.class,
            () -> Store.open(dir, SMALL.withEngine(SMALL.engine().withPageSize(8192))));
    assertMentions("4096", e);
    assertMentions("8192", e);
    try (Store store = Store.open(dir, SMALL.withEngine(SMALL.engine().withPageSize(0)))) {
      assertEquals(PAGE_SIZE, store.stats().pageSize());
    }
  }

  @Test
  void aFolderOfOtherThingsIsLeftAlone() throws IOException {
    Files.writeString(dir.resolve("letters.txt"), "dear");
    assertThrows(StorageException.class, () -> Store.open(dir, SMALL));
    assertThrows(
        NotAStoreException.class,
        () -> Store.open(dir, SMALL.withEngine(SMALL.engine().withCreateIfMissing(false))));
    assertEquals("dear", Files.readString(dir.resolve("letters.txt")));
  }

  private static void assertMentions(String what, StorageException e) {
    assertTrue(String.valueOf(e.getMessage()).contains(what), () -> what + " in: " + e);
  }

  private void fill() throws IOException {
    try (Store store = Store.open(dir, SMALL)) {
      fill(store);
    }
  }

  /** The log no longer reaches back to what was filled in: no page can be rebuilt from it. */
  private void forgetLog() {
    try (Store store = Store.open(dir, SMALL)) {
      long end = store.engine().log().endLsn();
      while (store.engine().log().startLsn() < end) {
        store.write(tx -> tx.tree(OTHER).put("k", "v".repeat(100_000)));
        store.engine().pool().flushAll();
        store.engine().checkpoint();
      }
    }
  }

  private static void fill(Store store) {
    for (int from = 0; from < ENTRIES; from += 100) {
      int start = from;
      store.write(
          tx -> {
            for (int i = start; i < start + 100; i++) {
              tx.tree(TREE).put("k%05d".formatted(i), "v" + i);
            }
          });
    }
  }

  /** Leaves a store that was not closed, with several segments that restart needs. */
  private void crashWithLog() {
    StoreOptions noCheckpoint =
        SMALL.withEngine(
            SMALL
                .engine()
                .withCheckpoints(1L << 40, Duration.ofDays(1))
                .withTargetRestartTime(Duration.ofDays(1)));
    Store store = Store.open(dir, noCheckpoint); // so that restart needs all of the log
    store.engine().log().hold("test", store.engine().log().startLsn());
    for (int round = 0; round < 12; round++) {
      fill(store);
    }
    store.abandon();
  }

  private long pageOfKey(String key) throws IOException {
    byte[] pages = Files.readAllBytes(dir.resolve("pages"));
    String text = new String(pages, java.nio.charset.StandardCharsets.ISO_8859_1);
    // Keys of a leaf share a prefix that is cut off: look for the value.
    int at = text.indexOf("v" + Integer.parseInt(key.substring(1)));
    return at / PAGE_SIZE;
  }

  private void flip(String name, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve(name).toFile(), "rw")) {
      file.seek(offset);
      int old = file.read();
      file.seek(offset);
      file.write(old ^ 0x10);
    }
  }

  private Path logFile() throws IOException {
    return logFiles().getFirst();
  }

  private List<Path> logFiles() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(f -> f.getFileName().toString().startsWith("log-")).sorted().toList();
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(folder);
  }
}
