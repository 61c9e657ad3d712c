package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.UnsupportedFormatException;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Finds out what a log on disk holds and where it ends, changing nothing. Confined to one thread.
 *
 * <p>Rule 13, trust no cache: unless opened for inspection only, all retained segments, the master
 * file and the directory are forced first, and what is then read comes from the device where the
 * file system lets us past its cache. A batch that a killed process left readable but unforced is
 * thus durable before anybody builds on it.
 */
final class LogOpener {
  /**
   * What was found.
   *
   * @param identity of the store
   * @param slot the newer valid master slot; {@code clean} only if nothing was written after it
   * @param tail the decided end
   * @param firstSegment first one that is readable and joined to the rest
   * @param segments all segment files, leftovers of a truncation included
   */
  record Found(
      MasterFile.Identity identity,
      MasterFile.Slot slot,
      Tail tail,
      long firstSegment,
      NavigableSet<Long> segments) {
    /** The segment that is written next, if it exists, else the one before, which is full. */
    long lastUsableSegment() {
      long next = identity.geometry().segmentOf(tail.nextLsn());
      return segments.contains(next) ? next : next - 1;
    }
  }

  private final Disk disk;
  private final LogOptions options;
  private final MasterFile.Identity identity;
  private final LogGeometry geometry;
  private final MasterFile.Slot slot;
  private final NavigableSet<Long> segments = new TreeSet<>();

  private LogOpener(
      Disk disk, LogOptions options, MasterFile.Identity identity, MasterFile.Slot slot) {
    this.disk = disk;
    this.options = options;
    this.identity = identity;
    this.geometry = identity.geometry();
    this.slot = slot;
    for (String name : disk.list()) {
      long index = LogLayout.segmentIndex(name);
      if (index >= 0) {
        segments.add(index);
      }
    }
  }

  /**
   * @param forceFirst false for inspection: then nothing at all is written
   * @throws NotAStoreException if there is no master file
   * @throws dev.redoubt.io.CorruptionException if what must be there is damaged or missing
   * @throws UnsupportedFormatException if it is of another version
   * @throws dev.redoubt.io.StorageIoException if it cannot be read
   */
  static Found open(Disk disk, LogOptions options, boolean forceFirst) {
    checkIsStore(disk);
    Disk.Access access = forceFirst ? Disk.Access.WRITE : Disk.Access.READ;
    MasterFile.Identity identity;
    MasterFile.Slot slot;
    try (DiskFile file = disk.open(LogLayout.MASTER_FILE, access, Disk.Caching.DIRECT)) {
      if (forceFirst) {
        file.force();
      }
      identity = MasterFile.readIdentity(disk, file);
      slot = MasterFile.readNewestSlot(disk, file, identity.geometry());
    }
    LogOpener opener = new LogOpener(disk, options, identity, slot);
    if (forceFirst) {
      opener.forceAll();
    }
    return opener.findEnd();
  }

  static void checkIsStore(Disk disk) {
    if (!disk.exists(LogLayout.MASTER_FILE)) {
      throw new NotAStoreException(
          disk.description()
              + " holds no store: it has no file \""
              + LogLayout.MASTER_FILE
              + "\"; name the directory of a store, or create one");
    }
  }

  private void forceAll() {
    for (long index : segments) {
      try (DiskFile file =
          disk.open(LogLayout.segmentName(index), Disk.Access.WRITE, Disk.Caching.BUFFERED)) {
        file.force();
      }
    }
    disk.forceDirectory();
  }

  private Found findEnd() {
    long boundSegment = geometry.segmentOf(slot.record().boundLsn());
    long startSegment = Math.max(boundSegment, geometry.segmentOf(slot.record().checkpointLsn()));
    try (BatchReader reader = new BatchReader(disk, geometry, options.caching())) {
      checkNoneMissing(boundSegment, startSegment);
      LogScanner scanner = startSegment(reader, startSegment);
      scanner.expect(slot.record());
      long lastRecordEnd = 0;
      while (scanner.next(Long.MAX_VALUE)) {
        if (reader.records() > 0) {
          lastRecordEnd = reader.endLsn();
        }
      }
      Damage damage = scanner.damage();
      if (damage == null) {
        throw new AssertionError("a scan without limit ends at damage");
      }
      long watermark = Math.max(slot.record().watermarkLsn(), scanner.watermark());
      TailSearch search = new TailSearch(reader, geometry, segments, watermark);
      watermark = search.highestWatermark(damage, slot.ringBytes(), slot.batchBytes());
      judge(damage, watermark);
      checkHeaders(reader, boundSegment, scanner.tail(), watermark);
      return found(reader, scanner.tail(), lastRecordEnd, boundSegment);
    }
  }

  /** Restart reads nothing before the checkpoint but what it finds needed, and checks that then. */
  private LogScanner startSegment(BatchReader reader, long segment) {
    long checkpointLsn = slot.record().checkpointLsn();
    return checkpointLsn != 0 && geometry.segmentOf(checkpointLsn) == segment
        ? LogScanner.atRecord(reader, geometry, checkpointLsn)
        : LogScanner.atSegment(reader, geometry, segment);
  }

  private Found found(BatchReader reader, Tail tail, long lastRecordEnd, long boundSegment) {
    MasterRecord master = slot.record();
    // A sealing batch may follow the master record of an orderly close; a record may not.
    boolean clean = master.clean() && lastRecordEnd <= master.watermarkLsn();
    MasterRecord record =
        new MasterRecord(
            master.sequence(),
            master.checkpointLsn(),
            master.boundLsn(),
            master.watermarkLsn(),
            master.epoch(),
            clean);
    long first = boundSegment;
    while (segments.contains(first - 1) && reader.header(first - 1).damage() == null) {
      first--;
    }
    return new Found(
        identity,
        new MasterFile.Slot(record, slot.ringBytes(), slot.batchBytes()),
        tail,
        first,
        segments);
  }

  private void checkNoneMissing(long from, long atLeastTo) {
    long last = segments.isEmpty() ? -1 : segments.last();
    for (long index = from; index <= Math.max(atLeastTo, last); index++) {
      if (!segments.contains(index)) {
        Damage gap = SegmentHeader.missing(geometry, index).damage();
        if (gap != null) {
          judge(gap, Long.MAX_VALUE);
        }
      }
    }
  }

  /** Headers that the scan did not pass: before the checkpoint, and after the end. */
  private void checkHeaders(BatchReader reader, long from, Tail tail, long watermark) {
    for (long index : segments.tailSet(from, true)) {
      Damage damage = reader.header(index).damage();
      if (damage != null) {
        judge(damage, damage.lsn() < tail.endLsn() ? Long.MAX_VALUE : watermark);
      }
    }
  }

  /** Returns if the damage is the end of the log; throws what it is otherwise. */
  private void judge(Damage damage, long watermark) {
    boolean later = segments.higher(geometry.segmentOf(damage.lsn())) != null;
    StorageException refusal =
        switch (EndOfLog.decide(damage.fault(), damage.lsn() < watermark, later)) {
          case END -> null;
          case CORRUPT ->
              refuse(
                  damage,
                  "Everything below LSN "
                      + watermark
                      + " was known to be on disk, so this is no torn tail but damage",
                  "restore the file from a backup, or salvage what can be read");
          case MISSING ->
              refuse(
                  damage,
                  "The segment is missing from the middle of the log",
                  "put the file back, or restore from a backup");
          case CUT_SHORT ->
              refuse(
                  damage,
                  "A segment has its full length before it is used, so the file was cut off later",
                  "restore the file from a backup");
          case FOREIGN ->
              refuse(
                  damage,
                  "The file is whole and belongs to another store",
                  "put this store's own file back");
          case MISPLACED ->
              refuse(
                  damage,
                  "The file is whole and belongs under another name",
                  "put the right file back");
          case UNSUPPORTED ->
              new UnsupportedFormatException(
                  damage.file()
                      + " of "
                      + disk.description()
                      + " has format version "
                      + damage.found()
                      + "; this program reads version "
                      + damage.expected()
                      + ". Nothing was changed; open it with the program that wrote it");
        };
    if (refusal != null) {
      throw refusal;
    }
  }

  private StorageException refuse(Damage damage, String why, String remedy) {
    return Corruptions.of(disk.description(), damage, why, remedy);
  }
}
