package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.UnsupportedFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the file of one slot. Blocks are written in turn, so that a write cut off by a
 * crash leaves the other one. Guarded by the caller ({@link FileLogSlot}).
 */
final class SlotFile {
  /**
   * What a block says.
   *
   * @param sequence one more at every write; its parity is the block's number
   */
  record Place(String name, long sequence, long confirmedLsn, long maxRetainedBytes) {
    Place confirmed(long lsn) {
      return new Place(name, sequence + 1, lsn, maxRetainedBytes);
    }
  }

  private SlotFile() {}

  /** Writes a complete file under a temporary name, forces it, and gives it its name, durably. */
  static void create(Disk disk, LogGeometry geometry, Place first) {
    String temporary = SlotLayout.temporary(first.name());
    if (disk.exists(temporary)) {
      disk.delete(temporary);
    }
    Block block = new Block();
    DiskFile file = disk.open(temporary, Disk.Access.CREATE, Disk.Caching.BUFFERED);
    try {
      block.memory.fill((byte) 0);
      file.write(block.memory.asByteBuffer(), offset(first.sequence() + 1));
      encode(block, first, geometry);
      block.write(file, offset(first.sequence()));
      file.force();
      file.close();
    } catch (Throwable t) {
      file.close();
      FileNames.discard(disk, temporary, t);
      throw t;
    }
    FileNames.give(disk, temporary, SlotLayout.file(first.name()));
  }

  /** Writes and forces a place over the older one. */
  static void write(Disk disk, LogGeometry geometry, Place place) {
    Block block = new Block();
    encode(block, place, geometry);
    String name = SlotLayout.file(place.name());
    try (DiskFile file = disk.open(name, Disk.Access.WRITE, Disk.Caching.DIRECT)) {
      block.write(file, offset(place.sequence()));
      file.force();
    }
  }

  private static long offset(long sequence) {
    return sequence % SlotLayout.BLOCKS * LogLayout.BLOCK_BYTES;
  }

  private static void encode(Block block, Place place, LogGeometry geometry) {
    var memory = block.memory.fill((byte) 0);
    byte[] name = place.name().getBytes(StandardCharsets.US_ASCII);
    LogLayout.putLong(memory, SlotLayout.MAGIC, SlotLayout.MAGIC_VALUE);
    LogLayout.putInt(memory, SlotLayout.VERSION, LogLayout.FORMAT_VERSION);
    LogLayout.putLong(memory, SlotLayout.STORE_TAG, geometry.storeTag());
    LogLayout.putLong(memory, SlotLayout.SEQUENCE, place.sequence());
    LogLayout.putLong(memory, SlotLayout.CONFIRMED, place.confirmedLsn());
    LogLayout.putLong(memory, SlotLayout.MAX_RETAINED, place.maxRetainedBytes());
    LogLayout.putInt(memory, SlotLayout.NAME_BYTES, name.length);
    MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, SlotLayout.NAME, name.length);
  }

  /**
   * Reads the newer valid block.
   *
   * @param forceFirst so that a block that a killed process left unforced is not built upon (rule
   *     13); false for inspection
   * @throws CorruptionException if neither block is valid
   * @throws UnsupportedFormatException if a block is of a version that we do not read
   * @throws dev.redoubt.io.StorageIoException if the file cannot be read
   */
  static Place read(Disk disk, LogGeometry geometry, String name, boolean forceFirst) {
    Disk.Access access = forceFirst ? Disk.Access.WRITE : Disk.Access.READ;
    Place newest = null;
    try (DiskFile file = disk.open(SlotLayout.file(name), access, Disk.Caching.DIRECT)) {
      if (forceFirst) {
        file.force();
      }
      for (int i = 0; i < SlotLayout.BLOCKS; i++) {
        Place place = readBlock(disk, file, geometry, name, i);
        if (place != null && (newest == null || place.sequence() > newest.sequence())) {
          newest = place;
        }
      }
    }
    if (newest == null) {
      throw new CorruptionException(
          SlotLayout.file(name)
              + " of "
              + disk.description()
              + ": both blocks (offsets 0 and 4096) are damaged; expected at least one that is"
              + " whole and of this slot, found none. The log is not held for this follower; delete"
              + " the slot, take the follower's state afresh, and create the slot again");
    }
    return newest;
  }

  /** A block that fails any check is one whose write was cut off: the other one counts. */
  private static @Nullable Place readBlock(
      Disk disk, DiskFile file, LogGeometry geometry, String name, int number) {
    Block block = new Block();
    int read = block.read(file, (long) number * LogLayout.BLOCK_BYTES);
    var memory = block.memory;
    if (read < LogLayout.BLOCK_BYTES
        || block.magic() != SlotLayout.MAGIC_VALUE
        || block.computedCrc() != block.storedCrc()) {
      return null;
    }
    int version = LogLayout.getInt(memory, SlotLayout.VERSION);
    if (version != LogLayout.FORMAT_VERSION) {
      throw new UnsupportedFormatException(
          SlotLayout.file(name)
              + " of "
              + disk.description()
              + " has format version "
              + version
              + "; this program reads version "
              + LogLayout.FORMAT_VERSION
              + ". Use it with the program that wrote it, or delete the slot");
    }
    long sequence = LogLayout.getLong(memory, SlotLayout.SEQUENCE);
    int length = LogLayout.getInt(memory, SlotLayout.NAME_BYTES);
    if (LogLayout.getLong(memory, SlotLayout.STORE_TAG) != geometry.storeTag()
        || sequence % SlotLayout.BLOCKS != number
        || length != name.length()
        || !block.isZeroFrom(SlotLayout.NAME + length)) {
      return null;
    }
    byte[] stored = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, SlotLayout.NAME, stored, 0, length);
    if (!new String(stored, StandardCharsets.US_ASCII).equals(name)) {
      return null;
    }
    return new Place(
        name,
        sequence,
        LogLayout.getLong(memory, SlotLayout.CONFIRMED),
        LogLayout.getLong(memory, SlotLayout.MAX_RETAINED));
  }
}
