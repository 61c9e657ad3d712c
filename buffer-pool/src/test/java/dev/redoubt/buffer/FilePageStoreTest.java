package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageStore.PageImage;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilePageStoreTest {
  private static final int PAGE = 4096;

  private final MemoryDisk disk = new MemoryDisk();

  private FilePageStore open() {
    return FilePageStore.open(disk, FakeLog.STORE, PAGE, true);
  }

  private static byte[] read(PageStore store, long pageId) {
    ByteBuffer page = ByteBuffer.allocate(PAGE);
    store.read(pageId, page);
    assertFalse(page.hasRemaining());
    return page.array();
  }

  private static PageImage image(long pageId, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(PAGE);
    bytes.put(200, (byte) value);
    return new PageImage(pageId, bytes);
  }

  @Test
  void pagesNeverWrittenReadAsZerosAlsoBeyondTheEnd() {
    try (FilePageStore store = open()) {
      store.ensureCapacity(3);
      assertEquals(-1, Arrays.mismatch(new byte[PAGE], read(store, 3)));
      assertEquals(-1, Arrays.mismatch(new byte[PAGE], read(store, 1_000_000)));
    }
  }

  @Test
  void capacityIsZeroFilledAndDurableAtReturn() {
    try (FilePageStore store = open()) {
      assertEquals(0, store.capacityPages());
      store.ensureCapacity(10);
      assertTrue(store.capacityPages() >= 10);
      assertEquals(0, disk.unforcedWrites());
      long capacity = store.capacityPages();
      try (FilePageStore again =
          FilePageStore.open(disk.afterPowerCut(), FakeLog.STORE, PAGE, true)) {
        assertEquals(capacity, again.capacityPages());
      }
      for (long wanted = capacity; wanted < 5_000; wanted += 300) {
        store.ensureCapacity(wanted);
        assertTrue(store.capacityPages() >= wanted);
      }
    }
  }

  @Test
  void aFullDiskIsAnOrdinaryErrorOfGrowingAndLosesNothing() {
    try (FilePageStore store = open()) {
      store.ensureCapacity(10);
      store.writeDurably(List.of(image(1, 5)));
      long capacity = store.capacityPages();
      disk.listener =
          (kind, name) -> {
            if (kind.equals("write")) {
              throw new DiskFullException("no space");
            }
          };
      assertThrows(DiskFullException.class, () -> store.ensureCapacity(capacity + 1));
      assertEquals(capacity, store.capacityPages());
      disk.listener = (kind, name) -> {};
      store.ensureCapacity(capacity + 1);
      store.writeDurably(List.of(image(capacity + 1, 6)));
      assertEquals(5, read(store, 1)[200]);
      assertEquals(6, read(store, capacity + 1)[200]);
    }
  }

  @Test
  void growingTakesLessWhenThereIsNotEnoughForMore() {
    try (FilePageStore store = open()) {
      store.ensureCapacity(1);
      long capacity = store.capacityPages();
      int[] writes = new int[1];
      disk.listener =
          (kind, name) -> {
            if (kind.equals("write") && writes[0]++ == 0) {
              throw new DiskFullException("no space for that much");
            }
          };
      store.ensureCapacity(capacity + 2);
      assertEquals(capacity + 2, store.capacityPages());
    }
  }

  @Test
  void afterAFailedForceNothingMoreIsWritten() {
    try (FilePageStore store = open()) {
      store.ensureCapacity(10);
      disk.listener =
          (kind, name) -> {
            if (kind.equals("force")) {
              throw new StorageIoException("write-back failed");
            }
          };
      assertThrows(EngineHaltedException.class, () -> store.writeDurably(List.of(image(1, 5))));
      disk.listener = (kind, name) -> {};
      assertThrows(EngineHaltedException.class, () -> store.writeDurably(List.of(image(2, 5))));
      assertThrows(EngineHaltedException.class, () -> store.ensureCapacity(100_000));
      assertThrows(EngineHaltedException.class, () -> store.restoreTorn(id -> true));
      assertEquals(0, read(store, 2)[200]);
    }
  }

  @Test
  void aBatchLongerThanTheDoubleWriteFileGoesInSeveral() {
    try (FilePageStore store = open()) {
      store.ensureCapacity(400);
      List<PageImage> images = new ArrayList<>();
      for (int id = 400; id >= 1; id--) {
        images.add(image(id, id & 0x7f));
      }
      store.writeDurably(images);
      assertEquals(0, disk.unforcedWrites());
      for (int id = 1; id <= 400; id++) {
        assertEquals(id & 0x7f, read(store, id)[200]);
      }
    }
  }

  @Test
  void wrongImagesAreRefusedBeforeAnythingIsWritten() {
    try (FilePageStore store = open()) {
      store.ensureCapacity(10);
      assertThrows(
          IllegalArgumentException.class,
          () -> store.writeDurably(List.of(image(1, 1), image(1, 2))));
      assertThrows(IllegalArgumentException.class, () -> store.writeDurably(List.of(image(0, 1))));
      assertThrows(
          IllegalArgumentException.class,
          () -> store.writeDurably(List.of(new PageImage(1, ByteBuffer.allocate(100)))));
      assertThrows(IllegalArgumentException.class, () -> store.read(1, ByteBuffer.allocate(100)));
      store.writeDurably(List.of(image(1, 1)));
      store.writeDurably(List.of());
    }
  }

  @Test
  void readOnlyWritesNotAByteAndNotAName() {
    try (FilePageStore none = FilePageStore.openReadOnly(disk, FakeLog.STORE, PAGE)) {
      assertEquals(0, none.capacityPages());
      assertEquals(0, read(none, 1)[200]);
    }
    try (FilePageStore store = open()) {
      store.ensureCapacity(10);
      store.writeDurably(List.of(image(1, 1)));
    }
    disk.listener =
        (kind, name) -> {
          if (!kind.equals("read")) {
            throw new AssertionError(kind);
          }
        };
    try (FilePageStore store = FilePageStore.openReadOnly(disk, FakeLog.STORE, PAGE)) {
      assertTrue(store.capacityPages() >= 10);
      assertEquals(1, read(store, 1)[200]);
      assertThrows(IllegalStateException.class, () -> store.ensureCapacity(10_000));
      assertThrows(IllegalStateException.class, () -> store.writeDurably(List.of(image(1, 2))));
      assertThrows(IllegalStateException.class, () -> store.restoreTorn(id -> true));
    }
    assertEquals(List.of(DoubleWriteFile.NAME, FilePageStore.PAGES_FILE), disk.list());
  }

  @Test
  void openingWritesNothingToAStoreThatIsThere() {
    // I-10: before analysis has succeeded.
    try (FilePageStore store = open()) {
      store.ensureCapacity(10);
    }
    disk.listener =
        (kind, name) -> {
          if (!kind.equals("read")) {
            throw new AssertionError(kind);
          }
        };
    open().close();
  }

  @Test
  void aFileCutShortIsNamedAndItsOtherPagesAreReadable() {
    FakeLog log = new FakeLog();
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false))) {
      for (long id = 1; id <= 40; id++) {
        fixture.create(id, id);
      }
      fixture.pool.flushAll();
    }
    disk.truncate(FilePageStore.PAGES_FILE, 20 * PAGE + 100);
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false))) {
      for (long id = 1; id < 20; id++) {
        assertEquals(id, fixture.read(id));
      }
      for (long id = 20; id <= 40; id++) {
        long cut = id;
        CorruptionException error =
            assertThrows(CorruptionException.class, () -> fixture.read(cut));
        assertTrue(error.toString().contains("page " + id), error.toString());
        assertTrue(error.toString().contains("offset " + id * PAGE), error.toString());
      }
      // Redo of a format record makes the space again.
      fixture.create(40, 41);
      assertEquals(41, fixture.read(40));
    }
  }
}
