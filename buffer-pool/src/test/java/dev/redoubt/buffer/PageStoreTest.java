package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageStore.PageImage;
import dev.redoubt.io.Disk;
import dev.redoubt.io.RealDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every page store must do, on a real disk. */
class PageStoreTest {
  private static final int PAGE = 4096;

  @TempDir Path dir;

  private PageStore open(int pageSize, Disk.Caching caching) {
    PageStoreKind.Place place =
        new PageStoreKind.Place(RealDisk.open(dir), FakeLog.STORE, pageSize, true, caching);
    PageStore store = TestPages.KIND.open(place);
    assertEquals(List.of(), store.restoreTorn(id -> true));
    return store;
  }

  private PageStore open() {
    return open(PAGE, Disk.Caching.BUFFERED);
  }

  private static PageImage image(int pageSize, long pageId, long value) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(pageSize + Disk.BLOCK_BYTES);
    bytes = bytes.alignedSlice(Disk.BLOCK_BYTES).slice(0, pageSize);
    for (int at = 0; at < pageSize; at += 8) {
      bytes.putLong(at, pageId * 1_000_003 + value + at);
    }
    return new PageImage(pageId, bytes);
  }

  private static ByteBuffer read(PageStore store, long pageId) {
    int pageSize = store.pageSize();
    ByteBuffer bytes = ByteBuffer.allocateDirect(pageSize + Disk.BLOCK_BYTES);
    bytes = bytes.alignedSlice(Disk.BLOCK_BYTES).slice(0, pageSize);
    store.read(pageId, bytes);
    assertFalse(bytes.hasRemaining());
    return bytes.flip();
  }

  private static void assertHolds(PageStore store, long pageId, long value) {
    assertEquals(image(store.pageSize(), pageId, value).bytes(), read(store, pageId));
  }

  @ParameterizedTest
  @EnumSource(Disk.Caching.class)
  void pagesWrittenAreThereAfterReopening(Disk.Caching caching) {
    try (PageStore store = open(PAGE, caching)) {
      store.ensureCapacity(300);
      List<PageImage> batch = new ArrayList<>();
      for (long id = 300; id >= 1; id -= 3) {
        batch.add(image(PAGE, id, 1));
      }
      store.writeDurably(batch);
      store.writeDurably(List.of(image(PAGE, 3, 2), image(PAGE, 4, 2)));
    }
    try (PageStore store = open(PAGE, caching)) {
      assertTrue(store.capacityPages() >= 300);
      for (long id = 1; id <= 300; id++) {
        if (id == 3 || id == 4) {
          assertHolds(store, id, 2);
        } else if (id % 3 == 0) {
          assertHolds(store, id, 1);
        } else {
          byte[] bytes = new byte[PAGE];
          read(store, id).get(bytes);
          assertArrayEquals(new byte[PAGE], bytes);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 16384, 32768, 65536})
  void everyPageSizeWorks(int pageSize) {
    try (PageStore store = open(pageSize, Disk.Caching.BUFFERED)) {
      assertEquals(pageSize, store.pageSize());
      store.ensureCapacity(200);
      List<PageImage> batch = new ArrayList<>();
      for (long id = 1; id <= 200; id++) {
        batch.add(image(pageSize, id, 7));
      }
      store.writeDurably(batch);
      for (long id = 1; id <= 200; id++) {
        assertHolds(store, id, 7);
      }
    }
  }

  @Test
  void capacityGrowsAndStays() {
    long grown;
    try (PageStore store = open()) {
      assertEquals(0, store.capacityPages());
      store.ensureCapacity(1);
      assertTrue(store.capacityPages() >= 1);
      store.ensureCapacity(1000);
      grown = store.capacityPages();
      assertTrue(grown >= 1000);
      store.ensureCapacity(10);
      assertEquals(grown, store.capacityPages());
    }
    try (PageStore store = open()) {
      assertEquals(grown, store.capacityPages());
    }
  }

  @Test
  void misuseIsNamedAndHarmless() {
    try (PageStore store = open()) {
      store.ensureCapacity(2);
      assertThrows(IllegalArgumentException.class, () -> read(store, 0));
      assertThrows(
          IllegalArgumentException.class, () -> store.read(1, ByteBuffer.allocateDirect(100)));
      store.writeDurably(List.of(image(PAGE, 1, 5)));
      assertHolds(store, 1, 5);
    }
  }

  @Test
  void useAfterClosingIsAnExceptionAndClosingTwiceIsNothing() {
    PageStore store = open();
    store.ensureCapacity(2);
    store.close();
    store.close();
    assertThrows(RuntimeException.class, () -> read(store, 1));
    assertThrows(RuntimeException.class, () -> store.writeDurably(List.of(image(PAGE, 1, 1))));
    assertThrows(RuntimeException.class, () -> store.ensureCapacity(1_000_000));
    try (PageStore again = open()) {
      assertTrue(again.capacityPages() >= 2);
    }
  }

  @Test
  void closingBesideReadersCrashesNobody() throws InterruptedException {
    PageStore store = open();
    store.ensureCapacity(10);
    store.writeDurably(List.of(image(PAGE, 1, 1)));
    AtomicLong reads = new AtomicLong();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (true) {
                        assertHolds(store, 1, 1);
                        reads.incrementAndGet();
                      }
                    } catch (RuntimeException closed) {
                      assertTrue(reads.get() > 0, closed::toString);
                    }
                  }));
    }
    while (reads.get() < 100) {
      Thread.onSpinWait();
    }
    store.close();
    for (Thread reader : readers) {
      reader.join();
    }
  }

  @Test
  void readersSeeOldOrNewPagesBesideAWriter() throws InterruptedException {
    try (PageStore store = open()) {
      store.ensureCapacity(4);
      store.writeDurably(List.of(image(PAGE, 1, 0), image(PAGE, 2, 0)));
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong reads = new AtomicLong();
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!done.get()) {
                      read(store, 2);
                      reads.incrementAndGet();
                    }
                  });
      for (long value = 1; value <= 50; value++) {
        store.writeDurably(List.of(image(PAGE, 1, value)));
        assertHolds(store, 1, value);
      }
      done.set(true);
      reader.join();
      assertTrue(reads.get() > 0);
      assertHolds(store, 2, 0);
    }
  }

  @Test
  void readOnlyOpeningWritesNothing() {
    PageStoreKind.Place place =
        new PageStoreKind.Place(
            RealDisk.open(dir), FakeLog.STORE, PAGE, true, Disk.Caching.BUFFERED);
    assertFalse(TestPages.KIND.exists(place.disk()));
    try (PageStore none = TestPages.KIND.openReadOnly(place)) {
      assertEquals(0, none.capacityPages());
      assertThrows(IllegalStateException.class, () -> none.ensureCapacity(5));
    }
    assertFalse(TestPages.KIND.exists(place.disk()));
    try (PageStore store = open()) {
      store.ensureCapacity(5);
      store.writeDurably(List.of(image(PAGE, 3, 3)));
    }
    assertTrue(TestPages.KIND.exists(place.disk()));
    try (PageStore store = TestPages.KIND.openReadOnly(place)) {
      assertHolds(store, 3, 3);
      assertThrows(
          IllegalStateException.class, () -> store.writeDurably(List.of(image(PAGE, 3, 4))));
      assertThrows(IllegalStateException.class, () -> store.restoreTorn(id -> true));
    }
  }
}
