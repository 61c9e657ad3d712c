package dev.redoubt.wal;

import dev.redoubt.io.MemoryDisk;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Fields with hostile values under checksums that are right. What is read then may be anything; but
 * no length, count or LSN may be believed without a bound.
 */
final class FuzzForgery {
  private static final int[] SEGMENT_FIELDS = {
    SegmentLayout.INDEX, SegmentLayout.FIRST_LSN, SegmentLayout.SEGMENT_BYTES,
    SegmentLayout.WATERMARK, SegmentLayout.PREDECESSOR_END, SegmentLayout.PREDECESSOR_SEQUENCE,
    SegmentLayout.PREDECESSOR_CRC, SegmentLayout.EPOCH, SegmentLayout.VERSION
  };
  private static final int[] MASTER_FIELDS = {
    MasterLayout.SEGMENT_BYTES, MasterLayout.ATTRIBUTE_BYTES, MasterLayout.VERSION
  };
  private static final int[] SLOT_FIELDS = {
    MasterLayout.SLOT_SEQUENCE, MasterLayout.SLOT_CHECKPOINT, MasterLayout.SLOT_BOUND,
    MasterLayout.SLOT_WATERMARK, MasterLayout.SLOT_RING_BYTES, MasterLayout.SLOT_BATCH_BYTES,
    MasterLayout.SLOT_EPOCH, MasterLayout.SLOT_FLAGS
  };
  private static final int[] BATCH_FIELDS = {
    BatchLayout.PAYLOAD_BYTES,
    BatchLayout.PADDED_BYTES,
    BatchLayout.SEQUENCE,
    BatchLayout.WATERMARK,
    BatchLayout.EPOCH,
    BatchLayout.PREDECESSOR_CRC,
    BatchLayout.RECORDS,
    BatchLayout.FLAGS,
    BatchLayout.HEADER_BYTES + BatchLayout.FRAME_LENGTH
  };

  private FuzzForgery() {}

  static void forge(MemoryDisk disk, SplittableRandom random) {
    byte[] master = disk.bytes(LogLayout.MASTER_FILE);
    Block identity = new Block();
    MemorySegment.copy(MemorySegment.ofArray(master), 0, identity.memory, 0, 4096);
    LogGeometry geometry = geometry(identity);
    if (random.nextInt(3) == 0) {
      int at = random.nextInt(master.length / 4096) * 4096;
      seal(master, at, at == 0 ? MASTER_FIELDS : SLOT_FIELDS, random);
      disk.setBytes(LogLayout.MASTER_FILE, master);
      return;
    }
    List<String> segments =
        disk.list().stream().filter(name -> LogLayout.segmentIndex(name) >= 0).toList();
    String name = segments.get(random.nextInt(segments.size()));
    byte[] bytes = disk.bytes(name);
    if (random.nextInt(3) == 0) {
      seal(bytes, 0, SEGMENT_FIELDS, random);
    } else {
      batch(bytes, geometry.segmentStart(LogLayout.segmentIndex(name)), geometry, random);
    }
    disk.setBytes(name, bytes);
  }

  private static LogGeometry geometry(Block identity) {
    return new LogGeometry(
        new java.util.UUID(
            LogLayout.getLong(identity.memory, MasterLayout.STORE_HIGH),
            LogLayout.getLong(identity.memory, MasterLayout.STORE_LOW)),
        Logs.SMALL.segmentBytes());
  }

  private static void seal(byte[] bytes, int at, int[] fields, SplittableRandom random) {
    Block block = new Block();
    MemorySegment.copy(MemorySegment.ofArray(bytes), at, block.memory, 0, 4096);
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      put(block.memory, fields[random.nextInt(fields.length)], random);
    }
    block.seal();
    MemorySegment.copy(block.memory, 0, MemorySegment.ofArray(bytes), at, 4096);
  }

  private static void batch(
      byte[] bytes, long segmentStart, LogGeometry geometry, SplittableRandom random) {
    MemorySegment memory = MemorySegment.ofArray(bytes);
    int at = FuzzMutation.block(bytes.length, random);
    while (LogLayout.getInt(memory, at) != BatchLayout.MAGIC_VALUE) {
      if (at == 0) {
        return;
      }
      at -= 4096;
    }
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      put(memory.asSlice(at), BATCH_FIELDS[random.nextInt(BATCH_FIELDS.length)], random);
    }
    if (random.nextInt(3) == 0) {
      lengths(memory.asSlice(at), random);
    }
    int padded = LogLayout.getInt(memory, at + BatchLayout.PADDED_BYTES);
    int end = padded < 64 || padded > bytes.length - at ? bytes.length : at + padded;
    int crc = new Checksum().of(ByteBuffer.wrap(bytes), at + BatchLayout.CRC_FROM, end);
    LogLayout.putInt(memory, at + BatchLayout.CRC, crc ^ geometry.seed(segmentStart + at));
  }

  /** Lengths that agree with each other and with nothing else. */
  private static void lengths(MemorySegment memory, SplittableRandom random) {
    int payload = random.nextInt() >>> random.nextInt(1, 24);
    LogLayout.putInt(memory, BatchLayout.PAYLOAD_BYTES, payload);
    int padded = LogLayout.roundUpToBlock(payload + BatchLayout.HEADER_BYTES);
    LogLayout.putInt(memory, BatchLayout.PADDED_BYTES, padded);
  }

  /** Neighbouring fields are hit as well when the field is shorter than what is put. */
  private static void put(MemorySegment memory, int field, SplittableRandom random) {
    long old = LogLayout.getInt(memory, field);
    long value =
        switch (random.nextInt(9)) {
          case 0 -> 0;
          case 1 -> -1;
          case 2 -> Long.MIN_VALUE;
          case 3 -> Long.MAX_VALUE;
          case 4 -> Integer.MAX_VALUE;
          case 5 -> old + random.nextInt(-4096, 4097);
          case 6 -> old * 4096;
          case 7 -> 1L << random.nextInt(64);
          default -> random.nextLong();
        };
    if (random.nextBoolean()) {
      LogLayout.putInt(memory, field, (int) value);
    } else {
      LogLayout.putLong(memory, field, value);
    }
  }
}
