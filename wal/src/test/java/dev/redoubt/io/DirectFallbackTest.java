package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a file system refuses direct transfers the same calls go through the cache. */
final class DirectFallbackTest {
  @TempDir Path directory;

  private static boolean isDirect(Set<? extends OpenOption> options) {
    return options.contains(DirectOption.direct());
  }

  @Test
  void aRefusalAtOpenMeansBuffered() {
    Channels invalidArgument =
        (path, options) -> {
          if (isDirect(options)) {
            throw new IOException("Invalid argument");
          }
          return FileChannel.open(path, options);
        };
    Channels unsupported =
        (path, options) -> {
          if (isDirect(options)) {
            throw new UnsupportedOperationException("DIRECT");
          }
          return FileChannel.open(path, options);
        };
    for (Channels channels : new Channels[] {invalidArgument, unsupported}) {
      RealDisk disk = new RealDisk(directory, channels);
      assertFalse(writesDirect(disk));
      logRuns(disk);
      for (String name : disk.list()) {
        disk.delete(name);
      }
    }
  }

  @Test
  void otherTroubleAtOpenIsNotTakenForARefusal() {
    Channels broken =
        (path, options) -> {
          if (options.size() > 1) {
            throw new IOException("Too many open files");
          }
          return FileChannel.open(path, options);
        };
    RealDisk disk = new RealDisk(directory, broken);
    RealDisk.create(directory).open("a", Access.CREATE, Caching.BUFFERED).close();
    assertThrows(
        StorageIoException.class, () -> disk.open("a", Access.WRITE, Caching.DIRECT).close());
  }

  /** Kernels before 6.6 refuse there, later ones take it; the log must not notice. */
  @Test
  void aLogOnTmpfsRuns() throws IOException {
    Path shared = Path.of("/dev/shm");
    if (!Files.isDirectory(shared) || !Files.getFileStore(shared).type().equals("tmpfs")) {
      System.out.println("no tmpfs at /dev/shm: direct transfers there not tried");
      return;
    }
    Path place = Files.createTempDirectory(shared, "redoubt");
    try (RealDisk disk = RealDisk.open(place)) {
      System.out.println("tmpfs takes direct transfers: " + writesDirect(disk));
      logRuns(disk);
      for (String name : disk.list()) {
        disk.delete(name);
      }
    } finally {
      Files.delete(place);
    }
  }

  private static boolean writesDirect(RealDisk disk) {
    try (DiskFile file = disk.open("probe", Access.CREATE, Caching.DIRECT)) {
      file.write(DiskSubject.bytes(Disk.BLOCK_BYTES, 1), 0);
      file.force();
      assertArrayEquals(
          DiskSubject.array(Disk.BLOCK_BYTES, 1, Disk.BLOCK_BYTES),
          DiskSubject.read(file, 0, 2 * Disk.BLOCK_BYTES));
      return ((RealFile) file).isDirect();
    } finally {
      disk.delete("probe");
    }
  }

  private static void logRuns(Disk disk) {
    LogOptions options = LogOptions.defaults().withSegmentBytes(1 << 16).withBuffers(3, 1 << 13);
    byte[] record = DiskSubject.array(5000, 1, 5000);
    long last = 0;
    try (Log log = Log.create(disk, Environment.system(), options, new byte[0])) {
      for (int i = 0; i < 30; i++) {
        last = log.append(record);
        log.force(last);
      }
    }
    try (Log log = Log.open(disk, Environment.system(), options)) {
      assertArrayEquals(record, log.read(last));
      assertEquals(options.segmentBytes(), log.segmentBytes());
    }
  }
}
