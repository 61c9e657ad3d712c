package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RealDiskTest {
  @TempDir Path directory;

  private static ByteBuffer block(int fill) {
    ByteBuffer buffer = Arena.ofAuto().allocate(4096, 4096).asByteBuffer();
    while (buffer.hasRemaining()) {
      buffer.put((byte) fill);
    }
    return buffer.flip();
  }

  @Test
  void bytesGoOutAndComeBackBothWays() {
    RealDisk disk = RealDisk.create(directory);
    for (Disk.Caching caching : Disk.Caching.values()) {
      String name = "file-" + caching;
      try (DiskFile file = disk.open(name, Disk.Access.CREATE, caching)) {
        file.write(block(1), 0);
        file.write(block(2), 8192);
        file.force();
        assertEquals(3 * 4096, file.size());
        ByteBuffer back = Arena.ofAuto().allocate(4 * 4096, 4096).asByteBuffer();
        assertEquals(3 * 4096, file.read(back, 0));
        assertEquals(1, back.get(0));
        assertEquals(0, back.get(4096));
        assertEquals(2, back.get(8192));
        assertEquals(0, file.read(back.clear(), 3 * 4096));
      }
      assertThrows(StorageIoException.class, () -> disk.open(name, Disk.Access.CREATE, caching));
    }
    disk.rename("file-DIRECT", "renamed");
    disk.delete("file-BUFFERED");
    disk.forceDirectory();
    assertEquals(List.of("renamed"), disk.list());
    assertFalse(disk.exists("file-DIRECT"));
    assertThrows(StorageIoException.class, () -> disk.delete("nowhere"));
    assertThrows(
        StorageIoException.class,
        () -> disk.open("nowhere", Disk.Access.READ, Disk.Caching.BUFFERED));
    assertThrows(IllegalArgumentException.class, () -> disk.exists("../escape"));
  }

  @Test
  void aSecondLockIsRefusedAndCanBeTakenAfterTheFirst() {
    RealDisk disk = RealDisk.create(directory);
    try (DiskLock first = disk.lock("lock")) {
      assertThrows(StoreLockedException.class, () -> RealDisk.open(directory).lock("lock"));
      assertTrue(first != null);
    }
    disk.lock("lock").close();
  }

  @Test
  void aFileSystemWithoutDirectTransfersIsWrittenBuffered() throws Exception {
    Path shared = Path.of("/dev/shm");
    if (!Files.isDirectory(shared)) {
      return;
    }
    Path place = Files.createTempDirectory(shared, "redoubt");
    try (RealDisk disk = RealDisk.open(place)) {
      try (DiskFile file = disk.open("a", Disk.Access.CREATE, Disk.Caching.DIRECT)) {
        file.write(block(7), 0);
        file.force();
      }
      disk.delete("a");
    } finally {
      Files.delete(place);
    }
  }

  @Test
  void anInterruptedThreadWritesReadsAndForcesAndStaysInterrupted() {
    RealDisk disk = RealDisk.create(directory);
    try (DiskFile file = disk.open("a", Disk.Access.CREATE, Disk.Caching.DIRECT)) {
      Thread.currentThread().interrupt();
      file.write(block(3), 0);
      file.force();
      assertEquals(4096, file.size());
      assertEquals(4096, file.read(block(0), 0));
      disk.forceDirectory();
      assertTrue(Thread.interrupted());
      file.write(block(4), 0);
    }
  }

  @Test
  void aStormOfInterruptsHarmsNobody() throws Exception {
    RealDisk disk = RealDisk.create(directory);
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> workers = new ArrayList<>();
    try (DiskFile file = disk.open("a", Disk.Access.CREATE, Disk.Caching.DIRECT)) {
      file.write(block(0), 8L * 4096);
      for (int i = 0; i < 4; i++) {
        int own = i;
        workers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        writeAndCheck(file, own);
                      } catch (Throwable t) {
                        failures.add(t);
                      }
                    }));
      }
      Thread storm =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!over.get()) {
                      workers.subList(0, 3).forEach(Thread::interrupt);
                      LockSupport.parkNanos(50_000);
                    }
                  });
      for (Thread worker : workers) {
        worker.join();
      }
      over.set(true);
      storm.join();
      assertTrue(failures.isEmpty(), failures::toString);
    }
    try (DiskFile file = disk.open("a", Disk.Access.READ, Disk.Caching.BUFFERED)) {
      for (int i = 0; i < 4; i++) {
        ByteBuffer back = ByteBuffer.allocate(4096);
        assertEquals(4096, file.read(back, i * 4096L));
        byte[] expected = new byte[4096];
        java.util.Arrays.fill(expected, (byte) 99);
        assertArrayEquals(expected, back.array());
      }
    }
  }

  private static void writeAndCheck(DiskFile file, int own) {
    for (int round = 0; round < 100; round++) {
      file.write(block(round), own * 4096L);
      file.force();
      ByteBuffer back = block(-1);
      assertEquals(4096, file.read(back, own * 4096L));
      assertEquals((byte) round, back.get(4095));
    }
  }

  @Test
  void afterAHaltNothingIsWrittenAndReadsGoOn() {
    MemoryDisk memory = new MemoryDisk();
    HaltGate gate = new HaltGate();
    GatedDisk disk = new GatedDisk(memory, gate);
    try (DiskFile file = disk.open("a", Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      file.write(block(1), 0);
      memory.onCall(
          call -> {
            if (call.kind().equals("force")) {
              throw new StorageIoException("EIO");
            }
          });
      assertThrows(StorageIoException.class, file::force);
      memory.onCall(call -> {});
      assertThrows(EngineHaltedException.class, file::force);
      assertThrows(EngineHaltedException.class, () -> file.write(block(2), 0));
      assertThrows(EngineHaltedException.class, disk::forceDirectory);
      assertThrows(EngineHaltedException.class, () -> disk.rename("a", "b"));
      assertThrows(EngineHaltedException.class, () -> disk.delete("a"));
      assertThrows(
          EngineHaltedException.class,
          () -> disk.open("c", Disk.Access.CREATE, Disk.Caching.BUFFERED));
      assertEquals(4096, file.read(block(0), 0));
    }
  }
}
