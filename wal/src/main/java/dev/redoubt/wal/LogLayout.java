package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * What every structure of a log shares: units, byte order, names of files. The law is {@code
 * docs/format-log.md}, section 1.
 */
final class LogLayout {
  /** Unit of writing, and alignment of batches: what disks write whole, or nearly so. */
  static final int BLOCK_BYTES = Disk.BLOCK_BYTES;

  static final int FORMAT_VERSION = 1;

  static final String LOCK_FILE = "lock";
  static final String MASTER_FILE = "master";
  static final String MASTER_TEMPORARY = "master.tmp";

  private static final String SEGMENT_PREFIX = "log-";
  private static final String SPARE_PREFIX = "spare-";
  private static final String SUFFIX = ".seg";
  private static final int INDEX_DIGITS = 16;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LogLayout() {}

  static int getInt(MemorySegment memory, long offset) {
    return memory.get(INT, offset);
  }

  static void putInt(MemorySegment memory, long offset, int value) {
    memory.set(INT, offset, value);
  }

  static long getLong(MemorySegment memory, long offset) {
    return memory.get(LONG, offset);
  }

  static void putLong(MemorySegment memory, long offset, long value) {
    memory.set(LONG, offset, value);
  }

  /** Smallest multiple of a block that is at least {@code bytes}. */
  static int roundUpToBlock(int bytes) {
    return (bytes + BLOCK_BYTES - 1) & -BLOCK_BYTES;
  }

  static String segmentName(long index) {
    return SEGMENT_PREFIX + HexFormat.of().toHexDigits(index) + SUFFIX;
  }

  /** Index of the segment in a file of that name; -1 if the name is none of a segment. */
  static long segmentIndex(String name) {
    int digits = SEGMENT_PREFIX.length();
    if (name.length() != digits + INDEX_DIGITS + SUFFIX.length()
        || !name.startsWith(SEGMENT_PREFIX)
        || !name.endsWith(SUFFIX)) {
      return -1;
    }
    try {
      long index = HexFormat.fromHexDigitsToLong(name, digits, digits + INDEX_DIGITS);
      return index >= 0 && segmentName(index).equals(name) ? index : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  static String spareName(long number) {
    return SPARE_PREFIX + number + SUFFIX;
  }

  /** Number in the name of a spare segment; -1 if the name is none of a spare. */
  static long spareNumber(String name) {
    if (!name.startsWith(SPARE_PREFIX) || !name.endsWith(SUFFIX)) {
      return -1;
    }
    try {
      String digits = name.substring(SPARE_PREFIX.length(), name.length() - SUFFIX.length());
      long number = Long.parseLong(digits);
      return number >= 0 && spareName(number).equals(name) ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
