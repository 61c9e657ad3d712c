package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is done to an overlay is seen there and nowhere else. */
class OverlayDiskTest {
  private static final int BLOCK = Disk.BLOCK_BYTES;

  private final MemoryDisk base = new MemoryDisk();
  private final List<String> calls = new ArrayList<>();

  private OverlayDisk over(long maxBytes) {
    return new OverlayDisk(
        new WatchedDisk(base, call -> calls.add(call.kind())), maxBytes, "theLimit");
  }

  private void fill(String name, int length, int seed) {
    try (DiskFile file = base.open(name, Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      file.write(DiskSubject.bytes(length, seed), 0);
    }
  }

  private byte[] below(String name, int length) {
    try (DiskFile file = base.open(name, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      return DiskSubject.read(file, 0, length);
    }
  }

  @Test
  void randomWritesReadAsInAnOrdinaryFileAndNothingIsWrittenBelow() {
    for (long seed = 1; seed <= 40; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int length = random.nextInt(5 * BLOCK);
      String name = "f" + seed;
      fill(name, length, 3);
      byte[] before = below(name, length);
      byte[] model = Arrays.copyOf(before, 12 * BLOCK);
      int end = length;
      calls.clear();
      try (OverlayDisk disk = over(1 << 24);
          DiskFile file = disk.open(name, Disk.Access.WRITE, Disk.Caching.BUFFERED)) {
        for (int step = 0; step < 60; step++) {
          int at = random.nextInt(9 * BLOCK);
          int bytes = random.nextInt(2 * BLOCK);
          if (random.nextBoolean()) {
            at -= at % BLOCK;
            bytes = bytes < BLOCK ? BLOCK : 2 * BLOCK;
          }
          byte[] data = new byte[bytes];
          if (random.nextInt(3) > 0) {
            DiskSubject.bytes(bytes, step).get(data);
          }
          file.write(ByteBuffer.wrap(data), at);
          System.arraycopy(data, 0, model, at, bytes);
          end = bytes == 0 ? end : Math.max(end, at + bytes);
          assertEquals(end, file.size());
          int from = random.nextInt(10 * BLOCK);
          int wanted = random.nextInt(4 * BLOCK);
          int there = Math.max(0, Math.min(wanted, end - from));
          assertArrayEquals(
              Arrays.copyOfRange(model, from, from + there),
              DiskSubject.read(file, from, wanted),
              "seed " + seed + ", step " + step);
        }
        file.force();
      }
      assertArrayEquals(before, below(name, length + BLOCK));
      assertEquals(
          List.of("open"),
          calls.stream().filter(c -> !c.equals("read") && !c.equals("size")).distinct().toList());
    }
  }

  @Test
  void namesAreChangedAboveAlone() {
    fill("a", 10, 1);
    fill("b", 20, 2);
    try (OverlayDisk disk = over(1 << 20)) {
      disk.rename("a", "b");
      assertFalse(disk.exists("a"));
      assertEquals(List.of("b"), disk.list());
      disk.open("a", Disk.Access.CREATE, Disk.Caching.BUFFERED).close();
      disk.delete("b");
      assertEquals(List.of("a"), disk.list());
      assertThrows(
          StorageIoException.class, () -> disk.open("b", Disk.Access.READ, Disk.Caching.BUFFERED));
      disk.forceDirectory();
    }
    assertEquals(List.of("a", "b"), base.list());
    assertEquals(10, below("a", 99).length);
  }

  @Test
  void zerosTakeNoMemoryAndWhatIsDeletedGivesItsBack() {
    try (OverlayDisk disk = over(3L * BLOCK);
        DiskFile file = disk.open("zeros", Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      file.write(ByteBuffer.allocate(64 * BLOCK), 0);
      assertEquals(0, disk.usedBytes());
      file.write(DiskSubject.bytes(3 * BLOCK, 1), 5L * BLOCK);
      assertEquals(3L * BLOCK, disk.usedBytes());
      DiskFullException full =
          assertThrows(
              DiskFullException.class, () -> file.write(DiskSubject.bytes(BLOCK, 1), 9L * BLOCK));
      assertTrue(
          String.valueOf(full.getMessage()).contains("theLimit, 12288 bytes"), full::toString);
      file.write(ByteBuffer.allocate(BLOCK), 5L * BLOCK);
      assertEquals(2L * BLOCK, disk.usedBytes());
      file.write(DiskSubject.bytes(BLOCK, 1), 9L * BLOCK);
      disk.delete("zeros");
      assertEquals(0, disk.usedBytes());
    }
  }

  @Test
  void theLockKeepsWritersOutWhoAreThereOrCome() {
    base.lock("lock").close();
    try (DiskLock writer = base.lock("lock");
        OverlayDisk disk = over(BLOCK)) {
      assertTrue(writer != null);
      assertThrows(StoreLockedException.class, () -> disk.lock("lock"));
    }
    try (OverlayDisk disk = over(BLOCK);
        DiskLock reader = disk.lock("lock")) {
      assertTrue(reader != null);
      assertThrows(StoreLockedException.class, () -> base.lock("lock"));
    }
    base.lock("lock").close();
  }
}
