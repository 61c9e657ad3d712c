package dev.redoubt.buffer.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.buffer.rocksdb.RocksDbPages.Compression;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.Inspection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store whose pages are in RocksDB; the suites of the modules below run on it besides. */
class RocksDbStoreTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final int ENTRIES = 2000;

  @TempDir Path dir;

  private static StoreOptions options(PageStoreKind kind) {
    return StoreOptions.defaults()
        .withEngine(
            StoreOptions.defaults().engine().withPageSize(4096).withFrames(32).withPages(kind));
  }

  private static StoreOptions options(Compression compression) {
    return options(new RocksDbPages(compression));
  }

  private static void fill(Store store) {
    store.write(
        tx -> {
          for (int i = 0; i < ENTRIES; i++) {
            tx.tree(TREE).put("key " + i, "value ".repeat(20) + i);
          }
        });
  }

  private static void assertFilled(Store store) {
    assertEquals(ENTRIES, store.<Long, RuntimeException>read(tx -> tx.tree(TREE).count()));
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void storeSurvivesACrashAndAnOrderlyClose(Compression compression) {
    Store crashing = Store.open(dir, options(compression));
    fill(crashing);
    crashing.abandon();
    try (Store store = Store.open(dir, options(compression))) {
      assertFilled(store);
    }
    assertFalse(Files.exists(dir.resolve("pages")));
    try (Store store = Store.open(dir, options(Compression.NONE))) {
      assertFilled(store);
    }
  }

  @Test
  void compressionMakesItSmaller() throws IOException {
    long plain = sizeWith(Compression.NONE);
    long small = sizeWith(Compression.ZSTD);
    assertTrue(small * 2 < plain, small + " to " + plain);
  }

  private long sizeWith(Compression compression) throws IOException {
    Path folder = dir.resolve(compression.name());
    try (Store store = Store.open(folder, options(compression))) {
      fill(store);
    }
    try (Stream<Path> files = Files.list(folder.resolve(RocksDbPages.FOLDER))) {
      return files
          .filter(f -> f.toString().endsWith(".sst"))
          .mapToLong(f -> f.toFile().length())
          .sum();
    }
  }

  @Test
  void reopeningWithAnotherKindIsRefusedAndHarmless() {
    try (Store store = Store.open(dir, options(Compression.LZ4))) {
      fill(store);
    }
    StorageException e =
        assertThrows(StorageException.class, () -> Store.open(dir, options(PageStoreKind.FILE)));
    assertEquals("options-mismatch", e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("page store of kind"), e::getMessage);
    assertFalse(Files.exists(dir.resolve("pages")));
    try (Store store = Store.open(dir, options(Compression.LZ4))) {
      assertFilled(store);
    }
    Path other = dir.resolve("file");
    Store.open(other, options(PageStoreKind.FILE)).close();
    assertThrows(StorageException.class, () -> Store.open(other, options(Compression.LZ4)));
    assertFalse(Files.exists(other.resolve(RocksDbPages.FOLDER)));
  }

  @Test
  void missingFolderIsNamedAndNotMadeAnew() throws IOException {
    try (Store store = Store.open(dir, options(Compression.LZ4))) {
      fill(store);
    }
    Path folder = dir.resolve(RocksDbPages.FOLDER);
    Files.move(folder, dir.resolve("away"));
    StorageException e =
        assertThrows(StorageException.class, () -> Store.open(dir, options(Compression.LZ4)));
    assertTrue(String.valueOf(e.getMessage()).contains("RocksDB"), e::getMessage);
    assertFalse(Files.exists(folder));
  }

  @Test
  void inspectionReadsItsPages() {
    try (Store store = Store.open(dir, options(Compression.LZ4))) {
      fill(store);
    }
    try (Inspection inspection =
        Inspection.open(
            RealDisk.open(dir),
            Environment.system(),
            new RocksDbPages(Compression.LZ4),
            List.of())) {
      assertNull(inspection.page(1).problem());
      assertFalse(inspection.page(1).neverWritten());
    }
  }

  @Test
  void secondOpeningOfTheSamePagesIsAnError() {
    PageStoreKind kind = new RocksDbPages(Compression.NONE);
    PageStoreKind.Place place =
        new PageStoreKind.Place(
            RealDisk.open(dir), new UUID(1, 2), 4096, true, Disk.Caching.BUFFERED);
    try (PageStore first = kind.open(place)) {
      first.ensureCapacity(1);
      assertThrows(StorageException.class, () -> kind.open(place));
    }
    kind.open(place).close();
  }

  @Test
  void damagedTableFileIsAnErrorAndNotACrash() throws IOException {
    PageStoreKind kind = new RocksDbPages(Compression.NONE, 0);
    PageStoreKind.Place place =
        new PageStoreKind.Place(
            RealDisk.open(dir), new UUID(1, 2), 4096, true, Disk.Caching.BUFFERED);
    try (PageStore store = kind.open(place)) {
      store.ensureCapacity(1);
      store.writeDurably(
          List.of(new PageStore.PageImage(1, ByteBuffer.wrap(new byte[4096]).put(9, (byte) 9))));
    }
    try (Stream<Path> files = Files.list(dir.resolve(RocksDbPages.FOLDER))) {
      for (Path each : files.filter(f -> f.toString().endsWith(".sst")).toList()) {
        byte[] bytes = Files.readAllBytes(each);
        bytes[Math.min(50, bytes.length - 1)] ^= 0x55;
        Files.write(each, bytes);
      }
    }
    assertThrows(
        StorageException.class,
        () -> {
          try (PageStore store = kind.open(place)) {
            store.read(1, ByteBuffer.allocateDirect(4096));
          }
        });
  }
}
