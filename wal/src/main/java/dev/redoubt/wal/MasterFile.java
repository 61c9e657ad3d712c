package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.UnsupportedFormatException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The master file: who the store is, and where restart begins. Slots are written in turn, so that a
 * write cut off by a crash leaves the other one. Guarded by the caller ({@link Masters}).
 */
final class MasterFile {
  /** What is written once. */
  static final class Identity {
    private final LogGeometry geometry;
    private final byte[] attributes;

    Identity(LogGeometry geometry, byte[] attributes) {
      this.geometry = geometry;
      this.attributes = attributes.clone();
    }

    LogGeometry geometry() {
      return geometry;
    }

    /** A copy of the bytes of the layer above. */
    byte[] attributes() {
      return attributes.clone();
    }
  }

  /**
   * A slot.
   *
   * @param record its public part
   * @param ringBytes most bytes that its opening ever has written and not forced
   * @param batchBytes longest batch of its opening
   */
  record Slot(MasterRecord record, long ringBytes, int batchBytes) {}

  private static final int[] LSN_FIELDS = {
    MasterLayout.SLOT_CHECKPOINT, MasterLayout.SLOT_BOUND, MasterLayout.SLOT_WATERMARK
  };

  private MasterFile() {}

  /** Writes a complete master file under a temporary name, forces it, and gives it its name. */
  static void create(Disk disk, Identity identity, Slot first) {
    Block block = new Block();
    try (DiskFile file =
        disk.open(LogLayout.MASTER_TEMPORARY, Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      encode(block, identity);
      block.write(file, 0);
      encode(block, first, identity.geometry());
      block.write(file, slotOffset(first));
      block.memory.fill((byte) 0);
      file.write(block.memory.asByteBuffer(), otherOffset(first));
      file.force();
    }
    FileNames.give(disk, LogLayout.MASTER_TEMPORARY, LogLayout.MASTER_FILE);
  }

  /** Writes and forces a slot over the older one. */
  static void write(Disk disk, Slot slot, LogGeometry geometry) {
    Block block = new Block();
    encode(block, slot, geometry);
    try (DiskFile file = disk.open(LogLayout.MASTER_FILE, Disk.Access.WRITE, Disk.Caching.DIRECT)) {
      block.write(file, slotOffset(slot));
      file.force();
    }
  }

  private static long slotOffset(Slot slot) {
    return (1 + slot.record().sequence() % MasterLayout.SLOTS) * LogLayout.BLOCK_BYTES;
  }

  private static long otherOffset(Slot slot) {
    return (1 + (slot.record().sequence() + 1) % MasterLayout.SLOTS) * LogLayout.BLOCK_BYTES;
  }

  private static void encode(Block block, Identity identity) {
    var memory = block.memory.fill((byte) 0);
    byte[] attributes = identity.attributes();
    UUID id = identity.geometry().storeId();
    LogLayout.putLong(memory, MasterLayout.MAGIC, MasterLayout.MAGIC_VALUE);
    LogLayout.putInt(memory, MasterLayout.VERSION, LogLayout.FORMAT_VERSION);
    LogLayout.putLong(memory, MasterLayout.STORE_HIGH, id.getMostSignificantBits());
    LogLayout.putLong(memory, MasterLayout.STORE_LOW, id.getLeastSignificantBits());
    LogLayout.putInt(memory, MasterLayout.SEGMENT_BYTES, identity.geometry().segmentBytes());
    LogLayout.putInt(memory, MasterLayout.ATTRIBUTE_BYTES, attributes.length);
    for (int i = 0; i < attributes.length; i++) {
      memory.set(
          java.lang.foreign.ValueLayout.JAVA_BYTE, MasterLayout.ATTRIBUTES + i, attributes[i]);
    }
  }

  private static void encode(Block block, Slot slot, LogGeometry geometry) {
    var memory = block.memory.fill((byte) 0);
    MasterRecord record = slot.record();
    LogLayout.putLong(memory, MasterLayout.MAGIC, MasterLayout.SLOT_MAGIC_VALUE);
    LogLayout.putInt(memory, MasterLayout.VERSION, LogLayout.FORMAT_VERSION);
    LogLayout.putLong(memory, MasterLayout.SLOT_STORE_TAG, geometry.storeTag());
    LogLayout.putLong(memory, MasterLayout.SLOT_SEQUENCE, record.sequence());
    LogLayout.putLong(memory, MasterLayout.SLOT_CHECKPOINT, record.checkpointLsn());
    LogLayout.putLong(memory, MasterLayout.SLOT_BOUND, record.boundLsn());
    LogLayout.putLong(memory, MasterLayout.SLOT_WATERMARK, record.watermarkLsn());
    LogLayout.putLong(memory, MasterLayout.SLOT_RING_BYTES, slot.ringBytes());
    LogLayout.putInt(memory, MasterLayout.SLOT_BATCH_BYTES, slot.batchBytes());
    LogLayout.putInt(memory, MasterLayout.SLOT_EPOCH, record.epoch());
    LogLayout.putInt(
        memory, MasterLayout.SLOT_FLAGS, record.clean() ? MasterLayout.SLOT_FLAG_CLEAN : 0);
  }

  /**
   * Reads the identity block.
   *
   * @throws CorruptionException if it is not one, or damaged
   * @throws UnsupportedFormatException if its version is not ours
   */
  static Identity readIdentity(Disk disk, DiskFile file) {
    Block block = new Block();
    int read = block.read(file, 0);
    String place = LogLayout.MASTER_FILE + " of " + disk.description();
    if (read < LogLayout.BLOCK_BYTES) {
      throw corrupt(place, "too short", LogLayout.BLOCK_BYTES + " bytes", read + " bytes");
    }
    if (block.magic() != MasterLayout.MAGIC_VALUE) {
      throw corrupt(
          place,
          "wrong magic at offset 0; this is no master file of a store",
          Long.toHexString(MasterLayout.MAGIC_VALUE),
          Long.toHexString(block.magic()));
    }
    if (block.computedCrc() != block.storedCrc()) {
      throw corrupt(
          place,
          "bad checksum of the identity block at offset 0",
          Integer.toHexString(block.computedCrc()),
          Integer.toHexString(block.storedCrc()));
    }
    var memory = block.memory;
    checkVersion(place, LogLayout.getInt(memory, MasterLayout.VERSION));
    int length = LogLayout.getInt(memory, MasterLayout.ATTRIBUTE_BYTES);
    int segmentBytes = LogLayout.getInt(memory, MasterLayout.SEGMENT_BYTES);
    if (length < 0 || length > MasterLayout.MAX_ATTRIBUTE_BYTES) {
      throw corrupt(place, "impossible attribute length", "at most 3072", "" + length);
    }
    if (segmentBytes < LogOptions.MIN_SEGMENT_BYTES || segmentBytes % LogLayout.BLOCK_BYTES != 0) {
      throw corrupt(place, "impossible segment length", "a multiple of 4096", "" + segmentBytes);
    }
    byte[] attributes = new byte[length];
    for (int i = 0; i < length; i++) {
      attributes[i] =
          memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, MasterLayout.ATTRIBUTES + i);
    }
    UUID id =
        new UUID(
            LogLayout.getLong(memory, MasterLayout.STORE_HIGH),
            LogLayout.getLong(memory, MasterLayout.STORE_LOW));
    return new Identity(new LogGeometry(id, segmentBytes), attributes);
  }

  /**
   * Reads the newer valid slot.
   *
   * @throws CorruptionException if neither is valid
   * @throws UnsupportedFormatException if the version of a slot is not ours
   */
  static Slot readNewestSlot(Disk disk, DiskFile file, LogGeometry geometry) {
    Slot newest = null;
    for (int i = 0; i < MasterLayout.SLOTS; i++) {
      Slot slot = readSlot(disk, file, geometry, i);
      if (slot != null
          && (newest == null || slot.record().sequence() > newest.record().sequence())) {
        newest = slot;
      }
    }
    if (newest == null) {
      throw corrupt(
          LogLayout.MASTER_FILE + " of " + disk.description(),
          "both slots (offsets 4096 and 8192) are damaged",
          "at least one valid slot",
          "none");
    }
    return newest;
  }

  /** A slot that fails any check is one whose write was cut off: the other one counts. */
  private static @Nullable Slot readSlot(
      Disk disk, DiskFile file, LogGeometry geometry, int number) {
    Block block = new Block();
    int read = block.read(file, (1L + number) * LogLayout.BLOCK_BYTES);
    var memory = block.memory;
    if (read < LogLayout.BLOCK_BYTES
        || block.magic() != MasterLayout.SLOT_MAGIC_VALUE
        || block.computedCrc() != block.storedCrc()) {
      return null;
    }
    checkVersion(
        LogLayout.MASTER_FILE + " of " + disk.description(),
        LogLayout.getInt(memory, MasterLayout.VERSION));
    long sequence = LogLayout.getLong(memory, MasterLayout.SLOT_SEQUENCE);
    if (LogLayout.getLong(memory, MasterLayout.SLOT_STORE_TAG) != geometry.storeTag()
        || sequence % MasterLayout.SLOTS != number
        || !block.isZeroFrom(MasterLayout.SLOT_END)) {
      return null;
    }
    for (int field : LSN_FIELDS) {
      long lsn = LogLayout.getLong(memory, field);
      if (lsn < 0) {
        throw corrupt(
            LogLayout.MASTER_FILE + " of " + disk.description(),
            "impossible LSN in slot " + number,
            "0 or more",
            "" + lsn);
      }
    }
    int flags = LogLayout.getInt(memory, MasterLayout.SLOT_FLAGS);
    return new Slot(
        new MasterRecord(
            sequence,
            LogLayout.getLong(memory, MasterLayout.SLOT_CHECKPOINT),
            LogLayout.getLong(memory, MasterLayout.SLOT_BOUND),
            LogLayout.getLong(memory, MasterLayout.SLOT_WATERMARK),
            LogLayout.getInt(memory, MasterLayout.SLOT_EPOCH),
            (flags & MasterLayout.SLOT_FLAG_CLEAN) != 0),
        LogLayout.getLong(memory, MasterLayout.SLOT_RING_BYTES),
        LogLayout.getInt(memory, MasterLayout.SLOT_BATCH_BYTES));
  }

  private static void checkVersion(String place, int version) {
    if (version != LogLayout.FORMAT_VERSION) {
      throw new UnsupportedFormatException(
          place
              + " has format version "
              + version
              + "; this program reads version "
              + LogLayout.FORMAT_VERSION
              + ". Nothing was changed; open it with the program that wrote it");
    }
  }

  private static CorruptionException corrupt(
      String place, String what, String expected, String found) {
    return new CorruptionException(
        place
            + ": "
            + what
            + "; expected "
            + expected
            + ", found "
            + found
            + ". Nothing was changed; restore the file from a backup, or "
            + CorruptionException.SALVAGE);
  }
}
