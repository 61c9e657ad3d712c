package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;

/** A number on a disk that grows: in two blocks by turns, so that a torn one leaves the other. */
final class VersionFile {
  private static final String NAME = "rocks-version";
  private static final int BLOCK = Disk.BLOCK_BYTES;
  private static final long CHECK = 0x9E3779B97F4A7C15L;

  private VersionFile() {}

  /** The largest number that is whole; 0 if there is none. */
  static long newest(Disk disk) {
    if (!disk.exists(NAME)) {
      return 0;
    }
    long newest = 0;
    try (DiskFile file = disk.open(NAME, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      for (int block = 0; block < 2; block++) {
        ByteBuffer read = ByteBuffer.allocate(2 * Long.BYTES);
        file.read(read, (long) block * BLOCK);
        long number = read.getLong(0);
        if (read.getLong(Long.BYTES) == check(number)) {
          newest = Math.max(newest, number);
        }
      }
    }
    return newest;
  }

  /** Makes the file if it is missing; its name is durable at return. */
  static void make(Disk disk) {
    if (!disk.exists(NAME)) {
      disk.open(NAME, Disk.Access.CREATE, Disk.Caching.BUFFERED).close();
    }
    disk.forceDirectory();
  }

  /** Writes the next number and forces it. */
  static void write(Disk disk, long number) {
    try (DiskFile file = disk.open(NAME, Disk.Access.WRITE, Disk.Caching.BUFFERED)) {
      ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
      bytes.putLong(number).putLong(check(number)).flip();
      file.write(bytes, number % 2 * BLOCK);
      file.force();
    }
  }

  private static long check(long number) {
    return (number + 1) * CHECK;
  }
}
