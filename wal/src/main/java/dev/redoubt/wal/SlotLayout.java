package dev.redoubt.wal;

import java.util.regex.Pattern;

/**
 * The file of a follower's slot: two blocks, written in turn. The law is {@code
 * docs/format-log.md}, section 8.
 *
 * <pre>
 *  magic u64 | crc u32 | version u32 | store tag u64 | sequence u64 | confirmed LSN u64
 *  | most retained bytes u64 | name length u32 | name, ASCII | zeros
 * </pre>
 */
final class SlotLayout {
  /** "RDT-TAIL" read as a little-endian long. */
  static final long MAGIC_VALUE = 0x4C494154_2D544452L;

  static final int MAGIC = 0;
  static final int CRC = MAGIC + Long.BYTES;
  static final int VERSION = CRC + Integer.BYTES;
  static final int STORE_TAG = VERSION + Integer.BYTES;
  static final int SEQUENCE = STORE_TAG + Long.BYTES;
  static final int CONFIRMED = SEQUENCE + Long.BYTES;
  static final int MAX_RETAINED = CONFIRMED + Long.BYTES;
  static final int NAME_BYTES = MAX_RETAINED + Long.BYTES;
  static final int NAME = NAME_BYTES + Integer.BYTES;

  static final int MAX_NAME_BYTES = 63;
  static final int BLOCKS = 2;

  private static final String PREFIX = "slot-";
  private static final String TEMPORARY = ".tmp";
  private static final Pattern NAMES = Pattern.compile("[a-z0-9_][a-z0-9_-]{0,62}");

  private SlotLayout() {}

  static boolean isName(String name) {
    return NAMES.matcher(name).matches();
  }

  static String file(String name) {
    return PREFIX + name;
  }

  static String temporary(String name) {
    return file(name) + TEMPORARY;
  }

  /** Whether it is the file of a slot whose creation was cut off. */
  static boolean isTemporary(String fileName) {
    return fileName.endsWith(TEMPORARY)
        && isFile(fileName.substring(0, fileName.length() - TEMPORARY.length()));
  }

  static boolean isFile(String fileName) {
    return fileName.startsWith(PREFIX) && isName(fileName.substring(PREFIX.length()));
  }

  static String nameOf(String fileName) {
    return fileName.substring(PREFIX.length());
  }
}
