package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.ForwardingDisk;
import dev.redoubt.io.ForwardingFile;
import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The disk as an opening reads segments from it when some of a segment cannot be read (recovery
 * rule 18). An I/O error is neither an end of the log nor damage, so it fails the opening, and the
 * message says what can be done. If the operator has accepted the loss beforehand, a block at or
 * above the watermark of the master record that cannot be read is shown as zeros instead. What that
 * means is decided as ever ({@link EndOfLog}): no batch is whole with it, unless zeros are what
 * stood there, so it is the end of the log, unless something that can be read shows that it had
 * been forced, and then damage. Below that watermark everything was forced, and an error stays an
 * error. Thread-safe.
 */
final class UnreadableTail extends ForwardingDisk {
  private final LogGeometry geometry;
  private final long watermarkLsn;
  private final boolean accepted;
  private final ConcurrentSkipListMap<Long, UnreadableBlock> blocks = new ConcurrentSkipListMap<>();

  UnreadableTail(Disk disk, LogGeometry geometry, long watermarkLsn, boolean accepted) {
    super(disk);
    this.geometry = geometry;
    this.watermarkLsn = watermarkLsn;
    this.accepted = accepted;
  }

  /** What was shown as zeros at or above {@code lsn}, in the order of the log. */
  List<UnreadableBlock> from(long lsn) {
    return List.copyOf(blocks.tailMap(lsn, true).values());
  }

  /** Whether the block at {@code lsn} was shown as zeros. */
  boolean isUnreadable(long lsn) {
    return blocks.containsKey(lsn);
  }

  @Override
  protected DiskFile opened(DiskFile file) {
    long index = LogLayout.segmentIndex(file.name());
    return index < 0 ? file : new Segment(file, geometry.segmentStart(index));
  }

  private final class Segment extends ForwardingFile {
    private final long startLsn;

    Segment(DiskFile file, long startLsn) {
      super(file);
      this.startLsn = startLsn;
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      int begin = dst.position();
      try {
        int read = super.read(dst, position);
        if (!blocks.isEmpty()) {
          blocks.subMap(startLsn + position, startLsn + position + read).clear(); // it can, now
        }
        return read;
      } catch (StorageIoException failed) {
        if (!accepted) {
          throw explained(failed, position);
        }
      }
      return readBlocks(dst.position(begin), position);
    }

    private int readBlocks(ByteBuffer dst, long position) {
      int limit = dst.limit();
      int begin = dst.position();
      int read = 0;
      int wanted;
      do {
        wanted = Math.min(LogLayout.BLOCK_BYTES, limit - begin - read);
        int got =
            readBlock(dst.limit(begin + read + wanted).position(begin + read), position + read);
        read += got;
        wanted -= got;
      } while (wanted == 0 && begin + read < limit);
      dst.limit(limit).position(begin + read);
      return read;
    }

    private int readBlock(ByteBuffer dst, long position) {
      int begin = dst.position();
      try {
        int read = super.read(dst, position);
        blocks.remove(startLsn + position);
        return read;
      } catch (StorageIoException failed) {
        long lsn = startLsn + position;
        if (lsn < watermarkLsn) {
          throw explained(failed, position);
        }
        blocks.put(
            lsn, new UnreadableBlock(name(), position, lsn, String.valueOf(failed.getMessage())));
        dst.position(begin);
        int bytes = dst.remaining();
        while (dst.hasRemaining()) {
          dst.put((byte) 0);
        }
        return bytes;
      }
    }

    private StorageIoException explained(StorageIoException failed, long position) {
      return new StorageIoException(
          failed.getMessage()
              + ". This is not known to be the end of the log: a read from "
              + name()
              + " at offset "
              + position
              + ", LSN "
              + (startLsn + position)
              + ", failed. Nothing was changed. Try again; copy the file to a sound disk; restore"
              + " from a backup; if it lies at or above LSN "
              + watermarkLsn
              + ", where no write is known to have been acknowledged, accept the loss of what stood"
              + " there and behind with 'redoubt recover DIR --accept-unreadable-tail' (in a"
              + " program: LogOptions.withAcceptUnreadableTail); or "
              + CorruptionException.SALVAGE,
          failed);
    }
  }
}
