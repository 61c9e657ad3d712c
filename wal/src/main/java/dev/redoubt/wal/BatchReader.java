package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches of the log at given places, in large transfers, and checks each by itself: magic,
 * store, LSN, length, checksum, frames. Whether one follows the other is {@link LogScanner}'s
 * business. Confined to one thread at a time. An I/O error is thrown, never taken for damage.
 */
final class BatchReader implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Disk disk;
  private final LogGeometry geometry;
  private final Disk.Caching caching;
  private final Checksum checksum = new Checksum();
  private final Block header = new Block();

  private @Nullable DiskFile file;
  private long fileIndex = -1;

  /** For transfers of its own. */
  private Chunk own;

  // The chunk in memory: bytes [chunkStart, chunkStart + chunkBytes) of the open file. Its own one,
  // or a piece that was read ahead.
  private Chunk chunk;
  private long chunkStart;
  private int chunkBytes;

  private long limit = Long.MAX_VALUE;
  private boolean ahead = true;
  private @Nullable ReadAhead readAhead;

  // The batch that was read last.
  private int base;
  private long lsn;

  BatchReader(Disk disk, LogGeometry geometry, Disk.Caching caching) {
    this.disk = disk;
    this.geometry = geometry;
    this.caching = caching;
    this.own = Chunk.allocate(Math.min(CHUNK_BYTES, geometry.segmentBytes()));
    this.chunk = own;
  }

  /** Reads and checks the header block of a segment. */
  SegmentHeader.Reading header(long index) {
    DiskFile from = open(index);
    if (from == null) {
      return SegmentHeader.missing(geometry, index);
    }
    return SegmentHeader.decode(header, header.read(from, 0), geometry, index);
  }

  /**
   * Reads and checks the batch at {@code atLsn}, a multiple of a block.
   *
   * @return null if it is whole; the accessors then speak of it until the next call
   */
  @Nullable Damage read(long atLsn) {
    lsn = atLsn;
    DiskFile from = open(geometry.segmentOf(atLsn));
    if (from == null) {
      return damage(Fault.SEGMENT_MISSING, "a file", "none");
    }
    long offset = geometry.offsetOf(atLsn);
    int available = load(from, offset, LogLayout.BLOCK_BYTES);
    if (available < LogLayout.BLOCK_BYTES) {
      return damage(
          Fault.FILE_SHORT, geometry.segmentBytes() + " bytes", offset + available + " bytes");
    }
    Damage damage = checkHeader();
    if (damage != null) {
      return damage;
    }
    int padded = paddedBytes();
    available = load(from, offset, padded);
    if (available < padded) {
      return damage(
          Fault.FILE_SHORT, geometry.segmentBytes() + " bytes", offset + available + " bytes");
    }
    return checkBody(padded);
  }

  /**
   * For reading backward: has the block at {@code atLsn} in memory with as much before it, down to
   * {@code leastLsn} in the same segment, as a transfer takes.
   */
  void loadUpTo(long atLsn, long leastLsn) {
    DiskFile from = open(geometry.segmentOf(atLsn));
    long offset = geometry.offsetOf(atLsn);
    if (from != null && (offset < chunkStart || offset >= chunkStart + chunkBytes)) {
      int most = Math.min(CHUNK_BYTES, own.bytes()) - LogLayout.BLOCK_BYTES;
      int bytes = (int) Math.min(most, atLsn - leastLsn) + LogLayout.BLOCK_BYTES;
      load(from, offset + LogLayout.BLOCK_BYTES - bytes, bytes);
    }
  }

  private @Nullable Damage checkHeader() {
    int magic = getInt(BatchLayout.MAGIC);
    if (magic != BatchLayout.MAGIC_VALUE) {
      return damage(
          Fault.BATCH_MAGIC,
          Integer.toHexString(BatchLayout.MAGIC_VALUE),
          Integer.toHexString(magic));
    }
    long tag = getLong(BatchLayout.STORE_TAG);
    if (tag != geometry.storeTag()) {
      return damage(
          Fault.BATCH_STORE, Long.toHexString(geometry.storeTag()), Long.toHexString(tag));
    }
    long storedLsn = getLong(BatchLayout.LSN);
    if (storedLsn != lsn) {
      return damage(Fault.BATCH_LSN, "" + lsn, "" + storedLsn);
    }
    // Bounded by the segment before anything is allocated or read by it.
    int padded = paddedBytes();
    int payload = payloadBytes();
    if (padded <= 0
        || padded > geometry.restOfSegment(lsn)
        || payload < 0
        || payload > padded - BatchLayout.HEADER_BYTES
        || padded != LogLayout.roundUpToBlock(payload + BatchLayout.HEADER_BYTES)) {
      return damage(
          Fault.BATCH_LENGTH,
          "up to " + geometry.restOfSegment(lsn) + " bytes, padded to blocks",
          payload + " padded to " + padded);
    }
    return null;
  }

  private @Nullable Damage checkBody(int padded) {
    int crc =
        checksum.of(chunk.buffer(), base + BatchLayout.CRC_FROM, base + padded)
            ^ geometry.seed(lsn);
    if (crc != crc()) {
      return damage(Fault.BATCH_CHECKSUM, Integer.toHexString(crc), Integer.toHexString(crc()));
    }
    int flags = getInt(BatchLayout.FLAGS);
    int end = BatchLayout.HEADER_BYTES + payloadBytes();
    int at = BatchLayout.HEADER_BYTES;
    int records = 0;
    while (at <= end - BatchLayout.FRAME_HEADER_BYTES) {
      int length = getInt(at + BatchLayout.FRAME_LENGTH);
      if (length <= 0 || length > end - at - BatchLayout.FRAME_HEADER_BYTES) {
        break;
      }
      records++;
      at += BatchLayout.FRAME_HEADER_BYTES + length;
    }
    if (at != end || records != records() || (flags & ~BatchLayout.KNOWN_FLAGS) != 0) {
      return damage(
          Fault.BATCH_FRAMES,
          records() + " records in " + payloadBytes() + " bytes",
          records + " in " + (at - BatchLayout.HEADER_BYTES) + ", flags " + flags);
    }
    return null;
  }

  /** Has {@code bytes} from {@code offset} in the chunk, {@code base} on them, if the file has. */
  private int load(DiskFile from, long offset, int bytes) {
    if (offset < chunkStart || offset + bytes > chunkStart + chunkBytes) {
      ReadAhead reader = readAhead;
      ReadAhead.Piece piece =
          reader == null ? null : reader.whole(geometry.segmentStart(fileIndex) + offset, bytes);
      if (piece != null) {
        chunk = piece.chunk();
        chunkStart = geometry.offsetOf(piece.lsn());
        chunkBytes = piece.bytes();
      } else {
        transfer(from, offset, bytes);
      }
    }
    base = (int) (offset - chunkStart);
    return (int) Math.min(bytes, chunkStart + chunkBytes - offset);
  }

  private void transfer(DiskFile from, long offset, int bytes) {
    if (bytes > own.bytes()) {
      own = Chunk.allocate(bytes);
    }
    long useful = ahead ? limit - geometry.segmentStart(fileIndex) - offset : bytes;
    long most = Math.min(own.bytes(), geometry.segmentBytes() - offset);
    chunk = own;
    chunkBytes = 0;
    chunkBytes = transfer(from, offset, bytes, (int) Math.min(most, Math.max(useful, bytes)));
    chunkStart = offset;
    own.buffer().clear();
  }

  /**
   * What was read ahead has the bytes or not; a transfer of its own takes as many as are useful.
   */
  private int transfer(DiskFile from, long offset, int bytes, int useful) {
    ReadAhead reader = readAhead;
    ByteBuffer buffer = own.buffer();
    if (reader != null
        && reader.read(geometry.segmentStart(fileIndex) + offset, buffer.clear().limit(bytes))) {
      return bytes;
    }
    return from.read(buffer.clear().limit(useful), offset);
  }

  private @Nullable DiskFile open(long index) {
    if (file != null && fileIndex == index) {
      return file;
    }
    close();
    String name = LogLayout.segmentName(index);
    if (!disk.exists(name)) {
      return null;
    }
    file = disk.open(name, Disk.Access.READ, caching);
    fileIndex = index;
    return file;
  }

  /** Reads nothing ahead at or above {@code newLimit}, a multiple of a block. */
  void readUpTo(long newLimit) {
    limit = newLimit;
  }

  /** From now on bytes come from there where it has them; it stays the caller's. Null: no more. */
  void readFrom(@Nullable ReadAhead reader) {
    readAhead = reader;
  }

  /** Whether to read in large transfers, or no more than is asked for. */
  void readAhead(boolean on) {
    ahead = on;
  }

  Damage damage(Fault fault, String expected, String found) {
    return new Damage(
        fault,
        lsn,
        LogLayout.segmentName(geometry.segmentOf(lsn)),
        geometry.offsetOf(lsn),
        expected,
        found);
  }

  long lsn() {
    return lsn;
  }

  int crc() {
    return getInt(BatchLayout.CRC);
  }

  int payloadBytes() {
    return getInt(BatchLayout.PAYLOAD_BYTES);
  }

  int paddedBytes() {
    return getInt(BatchLayout.PADDED_BYTES);
  }

  long endLsn() {
    return lsn + paddedBytes();
  }

  long sequence() {
    return getLong(BatchLayout.SEQUENCE);
  }

  long watermark() {
    return getLong(BatchLayout.WATERMARK);
  }

  int epoch() {
    return getInt(BatchLayout.EPOCH);
  }

  int predecessorCrc() {
    return getInt(BatchLayout.PREDECESSOR_CRC);
  }

  int records() {
    return getInt(BatchLayout.RECORDS);
  }

  boolean isLastInSegment() {
    return (getInt(BatchLayout.FLAGS) & BatchLayout.FLAG_LAST_IN_SEGMENT) != 0;
  }

  /** Length of the record whose frame stands {@code at} bytes into the batch. */
  int recordLength(int at) {
    return getInt(at + BatchLayout.FRAME_LENGTH);
  }

  /** A read-only view of the record whose frame stands {@code at} bytes into the batch. */
  MemorySegment record(int at) {
    return chunk
        .shown()
        .asSlice((long) base + at + BatchLayout.FRAME_HEADER_BYTES, recordLength(at));
  }

  private int getInt(int offset) {
    return LogLayout.getInt(chunk.memory(), (long) base + offset);
  }

  private long getLong(int offset) {
    return LogLayout.getLong(chunk.memory(), (long) base + offset);
  }

  @Override
  public void close() {
    DiskFile open = file;
    file = null;
    fileIndex = -1;
    chunkBytes = 0;
    if (open != null) {
      open.close();
    }
  }
}
