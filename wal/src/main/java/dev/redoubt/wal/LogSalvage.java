package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.UnsupportedFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What can still be read of a log that does not open: the identity from the headers of segments if
 * the master file is damaged, and every whole batch wherever it stands. Reads only, but for {@link
 * #replaceMaster}, which is meant for an {@link dev.redoubt.io.OverlayDisk}. Confined to one
 * thread.
 *
 * <p>A whole batch is what it says it is: its checksum is seeded with store and place. That it
 * belongs to this history and not to one that a crash cut off is told by sequence and epoch, which
 * never fall along the log.
 */
public final class LogSalvage {
  /**
   * Bytes that an opening of whatever settings had written and not forced: the search looks so far.
   */
  private static final long RING_BYTES = 64L << 20;

  private final Disk disk;
  private final LogGeometry geometry;
  private final byte @Nullable [] attributes;
  private final NavigableSet<Long> segments;
  private final List<Hole> holes = new ArrayList<>();
  private long endLsn;

  /**
   * A part of the log that cannot be read: between parts that can, or behind the last of them, if
   * it is known that there was more.
   *
   * @param fromLsn first LSN that is lost
   * @param toLsn the first batch behind it that is whole, or what was known to be durable
   */
  public record Hole(long fromLsn, long toLsn) {}

  private LogSalvage(
      Disk disk, LogGeometry geometry, byte @Nullable [] attributes, NavigableSet<Long> segments) {
    this.disk = disk;
    this.geometry = geometry;
    this.attributes = attributes;
    this.segments = segments;
  }

  /**
   * Finds out whose log it is.
   *
   * @throws NotAStoreException if neither the identity nor the header of any segment is whole
   * @throws UnsupportedFormatException if the identity is of another format version
   */
  public static LogSalvage open(Disk disk) {
    NavigableSet<Long> segments = new TreeSet<>();
    for (String name : disk.list()) {
      long index = LogLayout.segmentIndex(name);
      if (index >= 0) {
        segments.add(index);
      }
    }
    MasterFile.Identity identity = identity(disk);
    if (identity != null) {
      return new LogSalvage(disk, identity.geometry(), identity.attributes(), segments);
    }
    for (long index : segments) {
      LogGeometry geometry = geometry(disk, index);
      if (geometry != null) {
        return new LogSalvage(disk, geometry, null, segments);
      }
    }
    throw new NotAStoreException(
        disk.description()
            + " has neither a readable master file nor a readable segment of a log: nobody knows"
            + " which store its pages belong to");
  }

  private static MasterFile.@Nullable Identity identity(Disk disk) {
    if (!disk.exists(LogLayout.MASTER_FILE)) {
      return null;
    }
    try (DiskFile file =
        disk.open(LogLayout.MASTER_FILE, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      return MasterFile.readIdentity(disk, file);
    } catch (CorruptionException | StorageIoException damaged) {
      return null;
    }
  }

  /** What a segment's header says of the log; null if it is damaged. */
  private static @Nullable LogGeometry geometry(Disk disk, long index) {
    Block block = new Block();
    try (DiskFile file =
        disk.open(LogLayout.segmentName(index), Disk.Access.READ, Disk.Caching.BUFFERED)) {
      int read = block.read(file, 0);
      UUID id =
          new UUID(
              LogLayout.getLong(block.memory, SegmentLayout.STORE_HIGH),
              LogLayout.getLong(block.memory, SegmentLayout.STORE_LOW));
      long bytes = LogLayout.getLong(block.memory, SegmentLayout.SEGMENT_BYTES);
      if (bytes < LogOptions.MIN_SEGMENT_BYTES
          || bytes > Integer.MAX_VALUE
          || bytes % LogLayout.BLOCK_BYTES != 0) {
        return null;
      }
      LogGeometry geometry = new LogGeometry(id, (int) bytes);
      boolean whole = SegmentHeader.decode(block, read, geometry, index).damage() == null;
      return whole ? geometry : null;
    } catch (StorageIoException unreadable) {
      return null;
    }
  }

  /** Of the store; part of every checksum. */
  public UUID storeId() {
    return geometry.storeId();
  }

  /** A copy of the bytes that the layer above keeps with the identity; null if they are lost. */
  public byte @Nullable [] attributes() {
    return attributes == null ? null : attributes.clone();
  }

  /**
   * Hands on every record of every whole batch, in the order of their LSNs; after this {@link
   * #holes} tells where there were none.
   *
   * @param consumer as of {@link Log#replay}
   */
  public void forEach(RecordConsumer consumer) {
    holes.clear();
    try (BatchReader reader = new BatchReader(disk, geometry, Disk.Caching.BUFFERED)) {
      Walk walk = new Walk(reader, consumer);
      long known = knownDurableLsn(reader);
      for (long index : segments) {
        walk.segment(index);
      }
      known = Math.max(known, walk.watermark);
      endLsn = walk.endLsn;
      if (known > geometry.nextBatch(Math.max(1, endLsn), walk.lastInSegment)) {
        holes.add(new Hole(endLsn, known));
      }
    }
  }

  /** What master file and headers say was durable. */
  private long knownDurableLsn(BatchReader reader) {
    long known = 0;
    for (long index : segments) {
      SegmentHeader.Reading reading = reader.header(index);
      known = reading.damage() == null ? Math.max(known, reading.valid().watermark()) : known;
    }
    if (disk.exists(LogLayout.MASTER_FILE)) {
      try (DiskFile file =
          disk.open(LogLayout.MASTER_FILE, Disk.Access.READ, Disk.Caching.BUFFERED)) {
        MasterFile.Slot slot = MasterFile.readNewestSlot(disk, file, geometry);
        known = Math.max(known, slot.record().watermarkLsn());
      } catch (CorruptionException | StorageIoException damaged) {
        return known;
      }
    }
    return known;
  }

  /** Behind the last whole batch that {@link #forEach} met. */
  public long endLsn() {
    return endLsn;
  }

  /** What was found unreadable between whole parts, in the order of LSNs. */
  public List<Hole> holes() {
    return List.copyOf(holes);
  }

  /** Walks the blocks of the segments and knows what it met last. */
  private final class Walk {
    private final BatchReader reader;
    private final RecordConsumer consumer;
    private long endLsn;
    private long sequence;
    private int epoch;
    private long watermark;
    private boolean lastInSegment;

    Walk(BatchReader reader, RecordConsumer consumer) {
      this.reader = reader;
      this.consumer = consumer;
    }

    void segment(long index) {
      long end = geometry.segmentStart(index + 1);
      long at = geometry.firstBatch(index);
      while (at < end) {
        at = take(at) ? reader.endLsn() : at + LogLayout.BLOCK_BYTES;
      }
    }

    /** Whether a batch stands there that goes on with what was met before. */
    private boolean take(long at) {
      try {
        if (reader.read(at) != null || reader.sequence() <= sequence || reader.epoch() < epoch) {
          return false;
        }
      } catch (StorageIoException unreadable) {
        return false;
      }
      if (sequence != 0 && reader.sequence() != sequence + 1) {
        holes.add(new Hole(endLsn, at));
      }
      sequence = reader.sequence();
      epoch = reader.epoch();
      endLsn = reader.endLsn();
      watermark = Math.max(watermark, reader.watermark());
      lastInSegment = reader.isLastInSegment();
      int frame = BatchLayout.HEADER_BYTES;
      for (int i = reader.records(); i > 0; i--) {
        consumer.accept(at + frame, reader.record(frame).asByteBuffer());
        frame += BatchLayout.FRAME_HEADER_BYTES + reader.recordLength(frame);
      }
      return true;
    }
  }

  /**
   * Puts a new master file in the place of the old: its restart reads everything from the oldest
   * segment on that later ones join without a gap. What was known to be durable is known no more,
   * but for what batches and headers of segments say of it.
   *
   * @param overlay over the disk that this was opened on
   * @param newAttributes of the layer above
   * @throws StorageException if there is no segment to begin with
   */
  public void replaceMaster(Disk overlay, byte[] newAttributes) {
    long first = -1;
    int epoch = 0;
    try (BatchReader reader = new BatchReader(disk, geometry, Disk.Caching.BUFFERED)) {
      for (long index : segments.descendingSet()) {
        SegmentHeader.Reading reading = reader.header(index);
        boolean joined = first < 0 || index == first - 1;
        if (!joined || (reading.damage() != null && first >= 0)) {
          break;
        }
        if (reading.damage() == null && reading.valid().begun()) {
          epoch = Math.max(epoch, reading.valid().epoch());
          first = index;
        }
      }
    }
    if (first < 0) {
      throw new CorruptionException(
          disk.description() + " has no readable segment of its log to begin with");
    }
    if (overlay.exists(LogLayout.MASTER_FILE)) {
      overlay.delete(LogLayout.MASTER_FILE);
    }
    long start = geometry.firstBatch(first);
    MasterRecord record = new MasterRecord(1, 0, start, start, epoch, false);
    MasterFile.create(
        overlay,
        new MasterFile.Identity(geometry, newAttributes),
        new MasterFile.Slot(record, RING_BYTES, 1 << 20));
  }
}
