package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;

/**
 * A number on a disk that grows: written over the older of two, so that a torn one leaves the
 * newest. By turns on <em>this</em> disk: numbers are given out to many disks, so that an odd one
 * may follow an odd one.
 */
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
    try (DiskFile file = disk.open(NAME, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      return Math.max(number(file, 0), number(file, 1));
    }
  }

  /** The number in the block; 0 if it is not whole. */
  private static long number(DiskFile file, int block) {
    ByteBuffer read = ByteBuffer.allocate(2 * Long.BYTES);
    file.read(read, (long) block * BLOCK);
    long number = read.getLong(0);
    return read.getLong(Long.BYTES) == check(number) ? number : 0;
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
      int older = number(file, 0) <= number(file, 1) ? 0 : 1;
      file.write(bytes, (long) older * BLOCK);
      file.force();
    }
  }

  private static long check(long number) {
    return (number + 1) * CHECK;
  }
}
