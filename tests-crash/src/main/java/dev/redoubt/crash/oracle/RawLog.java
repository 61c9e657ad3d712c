package dev.redoubt.crash.oracle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a log by {@code docs/format-log.md}: master, segments, batches, frames. Goes on from where
 * it stopped when it is asked again, since a forced batch does not change. Confined to one thread.
 */
final class RawLog {
  private static final int BLOCK = 4096;
  private static final int ATTRIBUTES = 40;
  private static final int BATCH_HEADER = 64;
  private static final int FRAME_HEADER = 8;
  private static final int MAGIC_BATCH = 0x54414252; // RBAT
  private static final int LAST_IN_SEGMENT = 1;

  private final Bytes bytes;
  private long tag;
  private int segmentBytes;

  // The end of the chain so far.
  private long end;
  private long next;
  private long sequence;
  private int crc;

  /**
   * A record and where it stands.
   *
   * @param lsn of its frame
   * @param payload its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Frame(long lsn, byte[] payload) {}

  /**
   * What the newer valid slot of the master file says.
   *
   * @param sequence 0 if there is none
   */
  record Master(long sequence, long checkpointLsn, long boundLsn, long watermark, int epoch) {
    static final Master NONE = new Master(0, 0, 0, 0, 0);
  }

  RawLog(Bytes bytes) {
    this.bytes = bytes;
  }

  /** Everything below has been read, and is whole; 0 before {@link #follow}. */
  long end() {
    return end;
  }

  /** The newer valid slot, by section 4. */
  Master master() {
    Master newest = Master.NONE;
    for (int slot = 1; slot <= 2; slot++) {
      byte[] block = bytes.read("master", (long) slot * BLOCK, BLOCK);
      if (block.length == BLOCK) {
        ByteBuffer in = Bytes.littleEndian(block);
        boolean valid = in.getInt(8) == crcOf(block, 12, BLOCK) && in.get(0) == 'R';
        if (valid && in.getLong(24) > newest.sequence) {
          newest =
              new Master(
                  in.getLong(24), in.getLong(32), in.getLong(40), in.getLong(48), in.getInt(68));
        }
      }
    }
    return newest;
  }

  /** The page size, from the attributes of the store ({@code docs/format-records.md}). */
  int pageSize() {
    byte[] attributes = bytes.read("master", ATTRIBUTES, 2 * Integer.BYTES);
    return attributes.length < 2 * Integer.BYTES
        ? 0
        : Bytes.littleEndian(attributes).getInt(Integer.BYTES);
  }

  private boolean identify() {
    byte[] block = bytes.read("master", 0, BLOCK);
    if (block.length < BLOCK) {
      return false;
    }
    ByteBuffer in = Bytes.littleEndian(block);
    if (in.getInt(8) != crcOf(block, 12, BLOCK)) {
      return false;
    }
    tag = in.getLong(16) ^ in.getLong(24);
    segmentBytes = in.getInt(32);
    return segmentBytes > 0;
  }

  /**
   * Follows the chain of batches from the segment that holds {@code fromLsn}, or from where it
   * stopped if that is further on, to the first place where none follows.
   *
   * @return the records of the batches that are new
   */
  List<Frame> follow(long fromLsn) {
    List<Frame> frames = new ArrayList<>();
    if (segmentBytes == 0 && !identify()) {
      return frames;
    }
    if (end == 0 && !begin(fromLsn / segmentBytes)) {
      return frames;
    }
    Master master = master();
    while (readBatch(frames, master)) {
      // Another one followed.
    }
    return frames;
  }

  private boolean begin(long segment) {
    byte[] header = header(segment);
    if (header.length < BLOCK) {
      return false;
    }
    ByteBuffer in = Bytes.littleEndian(header);
    if (in.getLong(64) == -1) {
      return false; // made ahead
    }
    end = segment * segmentBytes + BLOCK;
    next = end;
    sequence = in.getLong(72);
    crc = in.getInt(80);
    return true;
  }

  /** A header block with the right checksum; else nothing. */
  private byte[] header(long segment) {
    byte[] header = bytes.read(name(segment), 0, BLOCK);
    boolean whole =
        header.length == BLOCK
            && Bytes.littleEndian(header).getInt(8) == crcOf(header, 12, BLOCK)
            && Bytes.littleEndian(header).getLong(32) == segment;
    return whole ? header : new byte[0];
  }

  private static String name(long segment) {
    return String.format("log-%016x.seg", segment);
  }

  private boolean readBatch(List<Frame> frames, Master master) {
    long segment = next / segmentBytes;
    int offset = (int) (next % segmentBytes);
    if (offset == 0) {
      return false;
    }
    if (next != end && !leadsInto(segment)) {
      return false;
    }
    byte[] head = bytes.read(name(segment), offset, BATCH_HEADER);
    if (head.length < BATCH_HEADER) {
      return false;
    }
    ByteBuffer in = Bytes.littleEndian(head);
    int payload = in.getInt(8);
    int padded = in.getInt(12);
    if (in.getInt(0) != MAGIC_BATCH
        || in.getLong(56) != tag
        || in.getLong(16) != next
        || padded <= 0
        || padded > segmentBytes - offset
        || payload < 0
        || payload > padded - BATCH_HEADER
        || in.getLong(24) != sequence + 1
        || in.getInt(44) != crc
        || (next >= master.watermark && in.getInt(40) < master.epoch)) {
      return false;
    }
    byte[] batch = bytes.read(name(segment), offset, padded);
    if (batch.length < padded || in.getInt(4) != (crcOf(batch, 8, padded) ^ seed(next))) {
      return false;
    }
    int at = BATCH_HEADER;
    while (at < BATCH_HEADER + payload) {
      int length = Bytes.littleEndian(batch).getInt(at + 4);
      byte[] record = new byte[length];
      System.arraycopy(batch, at + FRAME_HEADER, record, 0, length);
      frames.add(new Frame(next + at, record));
      at += FRAME_HEADER + length;
    }
    moveOn(in, padded);
    return true;
  }

  private void moveOn(ByteBuffer head, int padded) {
    sequence++;
    crc = head.getInt(4);
    end = next + padded;
    boolean last = (head.getInt(52) & LAST_IN_SEGMENT) != 0 || end % segmentBytes == 0;
    next = last ? (end - 1) / segmentBytes * segmentBytes + segmentBytes + BLOCK : end;
  }

  /** (9) of section 5: the header names the batch before. */
  private boolean leadsInto(long segment) {
    byte[] header = header(segment);
    if (header.length < BLOCK) {
      return false;
    }
    ByteBuffer in = Bytes.littleEndian(header);
    return in.getLong(64) == end && in.getLong(72) == sequence && in.getInt(80) == crc;
  }

  private int seed(long lsn) {
    long z = tag + lsn * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (int) ((z ^ (z >>> 31)) >>> 32);
  }

  private static int crcOf(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, to - from);
    return (int) crc.getValue();
  }
}
