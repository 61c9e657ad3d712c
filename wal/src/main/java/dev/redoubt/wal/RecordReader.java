package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * Reads single records by LSN from segment files, with one transfer for short ones and two for long
 * ones, and checks each by its own checksum. Thread-safe; no I/O under its latch but opening.
 */
final class RecordReader implements AutoCloseable {
  /** Enough for nearly every record, and what the operating system reads anyway. */
  private static final int FIRST_READ_BYTES = LogLayout.BLOCK_BYTES;

  private static final int FILES_KEPT_OPEN = 16;

  private final Disk disk;
  private final LogGeometry geometry;
  private final ReentrantLock filesLatch = new ReentrantLock();

  /** Guarded by filesLatch; least recently used first. */
  private final LinkedHashMap<Long, OpenSegment> files = new LinkedHashMap<>(32, 0.75f, true);

  RecordReader(Disk disk, LogGeometry geometry) {
    this.disk = disk;
    this.geometry = geometry;
  }

  /**
   * The record at {@code lsn}.
   *
   * @throws dev.redoubt.io.CorruptionException if none begins there
   */
  byte[] read(long lsn) {
    long offset = geometry.offsetOf(lsn);
    long rest = geometry.restOfSegment(lsn);
    String name = LogLayout.segmentName(geometry.segmentOf(lsn));
    if (offset < LogLayout.BLOCK_BYTES + BatchLayout.HEADER_BYTES
        || rest <= BatchLayout.FRAME_HEADER_BYTES) {
      throw Corruptions.noRecordAt(lsn, name);
    }
    OpenSegment segment = acquire(geometry.segmentOf(lsn));
    try {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(FIRST_READ_BYTES, rest));
      int read = segment.file.read(bytes, offset);
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      int length =
          read < BatchLayout.FRAME_HEADER_BYTES ? 0 : bytes.getInt(BatchLayout.FRAME_LENGTH);
      if (length <= 0 || length > rest - BatchLayout.FRAME_HEADER_BYTES) {
        throw Corruptions.noRecordAt(lsn, name);
      }
      int frameBytes = BatchLayout.FRAME_HEADER_BYTES + length;
      byte[] frame = bytes.array();
      if (frameBytes > read) {
        frame = Arrays.copyOf(frame, frameBytes);
        read += segment.file.read(ByteBuffer.wrap(frame, read, frameBytes - read), offset + read);
      }
      if (validRecordBytes(frame, 0, read, lsn) == 0) {
        throw Corruptions.noRecordAt(lsn, name);
      }
      return Arrays.copyOfRange(frame, BatchLayout.FRAME_HEADER_BYTES, frameBytes);
    } finally {
      release(segment);
    }
  }

  /**
   * Length of the record at {@code lsn}, whose frame begins in {@code bytes} at {@code at}; 0 if
   * there is none, or not all of it below {@code limit}.
   */
  int validRecordBytes(byte[] bytes, int at, int limit, long lsn) {
    int payload = at + BatchLayout.FRAME_HEADER_BYTES;
    if (payload > limit) {
      return 0;
    }
    ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = frame.getInt(at + BatchLayout.FRAME_LENGTH);
    if (length <= 0 || length > limit - payload) {
      return 0;
    }
    CRC32C crc = new CRC32C();
    crc.update(
        bytes, at + BatchLayout.FRAME_LENGTH, payload + length - at - BatchLayout.FRAME_LENGTH);
    int expected = (int) crc.getValue() ^ geometry.seed(lsn);
    return frame.getInt(at + BatchLayout.FRAME_CRC) == expected ? length : 0;
  }

  /** Reads bytes of a segment, at most as many as it has; returns how many. */
  int readBytes(long index, ByteBuffer dst, long offset) {
    OpenSegment segment = acquire(index);
    try {
      return segment.file.read(dst, offset);
    } finally {
      release(segment);
    }
  }

  /** Closes the file of a segment that is recycled; reads under way finish first. */
  void forget(long index) {
    filesLatch.lock();
    try {
      OpenSegment segment = files.remove(index);
      if (segment != null) {
        drop(segment);
      }
    } finally {
      filesLatch.unlock();
    }
  }

  private OpenSegment acquire(long index) {
    filesLatch.lock();
    try {
      OpenSegment segment = files.get(index);
      if (segment == null) {
        segment =
            new OpenSegment(
                disk.open(LogLayout.segmentName(index), Disk.Access.READ, Disk.Caching.BUFFERED));
        files.put(index, segment);
        if (files.size() > FILES_KEPT_OPEN) {
          Map.Entry<Long, OpenSegment> eldest = files.pollFirstEntry();
          if (eldest != null) {
            drop(eldest.getValue());
          }
        }
      }
      segment.users++;
      return segment;
    } finally {
      filesLatch.unlock();
    }
  }

  private void release(OpenSegment segment) {
    filesLatch.lock();
    try {
      segment.users--;
      if (segment.dropped && segment.users == 0) {
        segment.file.close();
      }
    } finally {
      filesLatch.unlock();
    }
  }

  /** Guarded by filesLatch. */
  private static void drop(OpenSegment segment) {
    segment.dropped = true;
    if (segment.users == 0) {
      segment.file.close();
    }
  }

  @Override
  public void close() {
    filesLatch.lock();
    try {
      files.values().forEach(RecordReader::drop);
      files.clear();
    } finally {
      filesLatch.unlock();
    }
  }

  /** A file with the number of reads under way. */
  private static final class OpenSegment {
    final DiskFile file;
    int users;
    boolean dropped;

    OpenSegment(DiskFile file) {
      this.file = file;
    }
  }
}
