package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is read only shows what recovery would, and writes not a byte. */
class ReadOnlyTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final StoreOptions SMALL =
      TestPages.OPTIONS.withEngine(
          EngineOptions.defaults()
              .withPageSize(4096)
              .withFrames(64)
              .withRestart(RestartMode.FULL)
              .withLog(LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10)));
  private static final StoreOptions READ_ONLY = SMALL.withReadOnly(true);

  @TempDir Path dir;

  private final TreeMap<String, String> committed = new TreeMap<>();

  /** Leaves a store that died with committed work not home, and a loser whose pages may be. */
  private void crash() {
    Store store = Store.open(dir, SMALL);
    for (int round = 0; round < 4; round++) {
      int seed = round;
      store.write(
          tx -> {
            for (int i = 0; i < 700; i++) {
              put(tx, "k%05d".formatted((i * 37 + seed * 911) % 2500), "v" + seed + "." + i);
            }
          });
    }
    store.checkpoint();
    store.write(tx -> put(tx, "large", "x".repeat(30_000)));
    store.write(tx -> put(tx, "k00000", "after the checkpoint"));
    WriteTx loser = store.beginWrite();
    for (int i = 0; i < 2000; i++) {
      loser.tree(TREE).put("k%05d".formatted(i), "of the loser");
    }
    loser.tree(TREE).remove("k02400");
    loser.tree(TREE).put("large", "y".repeat(9_000));
    store.engine().log().forceAll();
    store.abandon();
  }

  private void put(WriteTx tx, String key, String value) {
    tx.tree(TREE).put(key, value);
    committed.put(key, value);
  }

  private static Map<String, String> contents(Store store) {
    TreeMap<String, String> found = new TreeMap<>();
    store.view(tx -> tx.tree(TREE).stream().forEach(e -> found.put(e.getKey(), e.getValue())));
    return found;
  }

  @Test
  void aCrashedStoreShowsTheRecoveredStateAndNotAByteIsWritten() {
    crash();
    Map<String, String> before = FolderHash.of(dir);
    for (int again = 0; again < 2; again++) {
      try (Store store = Store.open(dir, READ_ONLY)) {
        RecoveryReport restart = store.lastRecovery();
        assertTrue(restart.redone() > 0 && restart.clrsWritten() >= 2000, restart::toString);
        assertEquals(committed, contents(store));
        assertTrue(store.verify(pages -> {}).ok());
        assertEquals("t", String.join(",", store.listTrees()));
        assertTrue(store.stats().allocatedPages() > 0);
        store.engine().tick();
      }
      assertEquals(before, FolderHash.of(dir));
    }
    try (Store store = Store.open(dir, SMALL)) {
      assertEquals(committed, contents(store), "the restart that writes gives the same");
    }
  }

  @Test
  void anInstantRestartWorksInMemoryToo() {
    crash();
    Map<String, String> before = FolderHash.of(dir);
    EngineOptions instant = READ_ONLY.engine().withRestart(RestartMode.INSTANT);
    try (Store store = Store.open(dir, READ_ONLY.withEngine(instant))) {
      assertEquals(committed, contents(store));
      store.engine().restart().await();
      assertEquals(committed, contents(store));
      assertTrue(store.verify(pages -> {}).ok());
    }
    assertEquals(before, FolderHash.of(dir));
  }

  @Test
  void aStoreClosedInOrderIsNotWrittenEither() {
    try (Store store = Store.open(dir, SMALL)) {
      store.write(tx -> put(tx, "a", "1"));
    }
    Map<String, String> before = FolderHash.of(dir);
    try (Store store = Store.open(dir, READ_ONLY)) {
      assertEquals(committed, contents(store));
      assertNull(store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get("b")));
    }
    assertEquals(before, FolderHash.of(dir));
  }

  @Test
  void whoeverWantsToWriteIsRefusedByName() {
    crash();
    Map<String, String> before = FolderHash.of(dir);
    try (Store store = Store.open(dir, READ_ONLY)) {
      StorageException e =
          assertThrows(
              ReadOnlyStoreException.class, () -> store.write(tx -> tx.tree(TREE).put("a", "b")));
      assertEquals("read-only", e.code());
      assertTrue(String.valueOf(e.getMessage()).contains("opened read-only"), e::toString);
      assertThrows(ReadOnlyStoreException.class, store::beginWrite);
      assertThrows(ReadOnlyStoreException.class, store::checkpoint);
      assertThrows(ReadOnlyStoreException.class, () -> store.holdCheckpoint("copy"));
      assertEquals(committed, contents(store), "reading goes on");
    }
    assertEquals(before, FolderHash.of(dir));
  }

  @Test
  void aFolderWithoutAStoreIsLeftAsItIs() throws IOException {
    assertThrows(NotAStoreException.class, () -> Store.open(dir, READ_ONLY));
    assertThrows(NotAStoreException.class, () -> Store.open(dir.resolve("none"), READ_ONLY));
    try (var files = Files.list(dir)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aWriterAndReadersKeepEachOtherOut() {
    try (Store writer = Store.open(dir, SMALL)) {
      writer.write(tx -> put(tx, "a", "1"));
      assertThrows(StoreLockedException.class, () -> Store.open(dir, READ_ONLY));
      writer.write(tx -> put(tx, "b", "2"));
    }
    try (Store reader = Store.open(dir, READ_ONLY);
        Store another = Store.open(dir, READ_ONLY)) {
      assertThrows(StoreLockedException.class, () -> Store.open(dir, SMALL));
      assertEquals(committed, contents(reader));
      assertEquals(committed, contents(another));
    }
    Store.open(dir, SMALL).close();
  }

  @Test
  void tooLittleMemoryIsAnErrorThatNamesTheOption() {
    crash();
    Map<String, String> before = FolderHash.of(dir);
    StorageException e =
        assertThrows(
            StorageException.class,
            () -> Store.open(dir, READ_ONLY.withReadOnlyMemoryBytes(20_000)));
    assertTrue(
        String.valueOf(e.getMessage()).contains("readOnlyMemoryBytes, 20000 bytes"), e::toString);
    assertEquals(before, FolderHash.of(dir));
    Store.open(dir, READ_ONLY).close();
  }
}
