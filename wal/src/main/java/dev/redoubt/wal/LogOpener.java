package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.UnsupportedFormatException;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a log on disk holds and where it ends, changing nothing. Confined to one thread.
 *
 * <p>Rule 13, trust no cache: unless opened for inspection only, all retained segments, the master
 * file and the directory are forced first, and what is then read comes from the device where the
 * file system lets us past its cache. A batch that a killed process left readable but unforced is
 * thus durable before anybody builds on it.
 *
 * <p>The log is read once: {@link #cursor} shows its records on the way to the end. What a cursor
 * has shown is before the end, since batches are valid and follow each other up to there; if that
 * place is damage and no end, the cursor refuses as the opening does.
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
   * @param unreadable blocks that could not be read, which was accepted; one below the end was of
   *     zeros, or its batch would not be whole
   */
  record Found(
      MasterFile.Identity identity,
      MasterFile.Slot slot,
      Tail tail,
      long firstSegment,
      NavigableSet<Long> segments,
      List<UnreadableBlock> unreadable) {
    /** The segment that is written next, if it exists, else the one before, which is full. */
    long lastUsableSegment() {
      long next = identity.geometry().segmentOf(tail.nextLsn());
      return segments.contains(next) ? next : next - 1;
    }
  }

  private final Disk plainDisk;
  private final UnreadableTail disk;
  private final LogOptions options;
  private final boolean inspection;
  private final MasterFile.Identity identity;
  private final LogGeometry geometry;
  private final MasterFile.Slot slot;
  private final NavigableSet<Long> segments = new TreeSet<>();

  /** The bound of the last forced master record is in it. */
  private final long boundSegment;

  private @Nullable Found found;

  private LogOpener(
      Disk disk,
      LogOptions options,
      boolean inspection,
      MasterFile.Identity identity,
      MasterFile.Slot slot) {
    this.options = options;
    this.inspection = inspection;
    this.identity = identity;
    this.geometry = identity.geometry();
    this.slot = slot;
    boolean accepted = options.acceptUnreadableTail() && !inspection;
    this.plainDisk = disk;
    this.disk = new UnreadableTail(disk, geometry, slot.record().watermarkLsn(), accepted);
    this.boundSegment = geometry.segmentOf(slot.record().boundLsn());
    for (String name : disk.list()) {
      long index = LogLayout.segmentIndex(name);
      if (index >= 0) {
        segments.add(index);
      }
    }
  }

  /**
   * Reads who the store is and where restart begins; of the log itself nothing yet.
   *
   * @param forceFirst false for inspection: then nothing at all is written
   * @throws dev.redoubt.io.NotAStoreException if there is no store
   * @throws CorruptionException if what must be there is damaged or missing, the master file too
   * @throws UnsupportedFormatException if it is of another version
   * @throws dev.redoubt.io.StorageIoException if it cannot be read
   */
  static LogOpener open(Disk disk, LogOptions options, boolean forceFirst) {
    MissingMaster.check(disk);
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
    LogOpener opener = new LogOpener(disk, options, !forceFirst, identity, slot);
    if (forceFirst) {
      opener.forceAll();
    }
    opener.checkNoneMissing();
    return opener;
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

  MasterFile.Identity identity() {
    return identity;
  }

  /** The newer valid master slot; whether the log was closed in order is not known yet. */
  MasterFile.Slot slot() {
    return slot;
  }

  /**
   * Where the reading for the end has to begin, at the latest: restart reads nothing before the
   * checkpoint but what it finds needed, and checks that then.
   */
  long restartLsn() {
    long checkpointLsn = slot.record().checkpointLsn();
    return geometry.segmentOf(checkpointLsn) >= boundSegment
        ? checkpointLsn
        : geometry.segmentStart(boundSegment);
  }

  /**
   * A cursor that goes on to the end of the log: it finds the end if nobody has. What is wrong
   * below refuses the opening.
   *
   * @param fromLsn the first record at or above it comes first; not above {@link #restartLsn}
   */
  FileLogCursor cursor(long fromLsn) {
    Found known = found;
    if (known == null && fromLsn > restartLsn()) {
      throw new IllegalArgumentException(
          "the end of the log is looked for from LSN " + restartLsn() + " on, not " + fromLsn);
    }
    FileLogCursor cursor =
        new FileLogCursor(
            disk,
            geometry,
            options.caching(),
            fromLsn,
            fromLsn != 0 && fromLsn == slot.record().checkpointLsn(),
            known == null ? Long.MAX_VALUE : known.tail().endLsn(),
            null,
            this::met);
    cursor.scanner().expect(slot.record());
    return cursor;
  }

  /**
   * The same, read ahead by a thread where there are threads; not of a log that somebody may be
   * writing, where what is read early is out of date late.
   */
  FileLogCursor cursorAhead(long fromLsn, Environment environment) {
    FileLogCursor cursor = cursor(fromLsn);
    try {
      if (options.background() && !inspection) {
        // An error there is none yet: whoever needs the bytes reads them once more.
        cursor.readAheadBy(plainDisk, environment, geometry, options.caching(), filesEndLsn());
      }
      return cursor;
    } catch (Throwable t) {
      cursor.close();
      throw t;
    }
  }

  /** Behind the last segment that there is a file of. */
  private long filesEndLsn() {
    return geometry.segmentStart(segments.isEmpty() ? 0 : segments.last() + 1);
  }

  /** What was found; reads to the end if nobody has. */
  Found found(Environment environment) {
    if (found == null) {
      try (FileLogCursor cursor = cursorAhead(restartLsn(), environment)) {
        boolean more;
        do {
          more = cursor.nextWholeBatch();
        } while (more);
      }
    }
    Found decided = found;
    if (decided == null) {
      throw new AssertionError("a scan without limit ends at damage");
    }
    return decided;
  }

  /** A cursor without limit has come to damage: the end, or it throws what it is otherwise. */
  private void met(FileLogCursor cursor, Damage damage) {
    Found known = found;
    if (known != null) {
      if (damage.lsn() < known.tail().endLsn()) {
        judge(damage, known.tail().endLsn());
      }
      return;
    }
    cursor.stopReadingAhead();
    BatchReader reader = cursor.batch();
    LogScanner scanner = cursor.scanner();
    long watermark = Math.max(slot.record().watermarkLsn(), scanner.watermark());
    TailSearch search = new TailSearch(reader, geometry, segments, disk::isUnreadable, watermark);
    watermark = search.highestWatermark(damage, slot.ringBytes(), slot.batchBytes());
    judge(damage, watermark);
    checkHeaders(reader, scanner.tail(), watermark);
    found = found(reader, scanner.tail(), cursor.lastRecordEnd());
  }

  private Found found(BatchReader reader, Tail tail, long lastRecordEnd) {
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
    return new Found(
        identity,
        new MasterFile.Slot(record, slot.ringBytes(), slot.batchBytes()),
        tail,
        firstSegment(reader),
        segments,
        disk.from(0));
  }

  /** Where the log can be read from: of that segment on they are joined to that of the bound. */
  long startLsn() {
    try (BatchReader reader = new BatchReader(disk, geometry, options.caching())) {
      return geometry.segmentStart(firstSegment(reader));
    }
  }

  private long firstSegment(BatchReader reader) {
    long first = boundSegment;
    while (segments.contains(first - 1) && reader.header(first - 1).damage() == null) {
      first--;
    }
    return first;
  }

  /** No record stands at or above: behind the last segment that was begun. */
  long reachLsn() {
    Found known = found;
    if (known != null) {
      return known.tail().endLsn();
    }
    try (BatchReader reader = new BatchReader(disk, geometry, options.caching())) {
      for (long index : segments.descendingSet()) {
        SegmentHeader.Reading header = reader.header(index);
        if (header.damage() == null && header.valid().begun()) {
          return geometry.segmentStart(index + 1);
        }
      }
    }
    return filesEndLsn();
  }

  private void checkNoneMissing() {
    long least = Math.max(boundSegment, geometry.segmentOf(slot.record().checkpointLsn()));
    long last = segments.isEmpty() ? -1 : segments.last();
    for (long index = boundSegment; index <= Math.max(least, last); index++) {
      if (!segments.contains(index)) {
        Damage gap = SegmentHeader.missing(geometry, index).damage();
        if (gap != null) {
          judge(gap, Long.MAX_VALUE);
        }
      }
    }
  }

  /** Headers that the scan did not pass: before the checkpoint, and after the end. */
  private void checkHeaders(BatchReader reader, Tail tail, long watermark) {
    for (long index : segments.tailSet(boundSegment, true)) {
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
                  "restore the file from a backup, or " + CorruptionException.SALVAGE);
          case MISSING ->
              refuse(
                  damage,
                  "The segment is missing from the middle of the log",
                  "put the file back, restore from a backup, or " + CorruptionException.SALVAGE);
          case CUT_SHORT ->
              refuse(
                  damage,
                  "A segment has its full length before it is used, so the file was cut off later",
                  "restore the file from a backup, or " + CorruptionException.SALVAGE);
          case FOREIGN ->
              refuse(
                  damage,
                  "The file is whole and belongs to another store",
                  "put this store's own file back, or " + CorruptionException.SALVAGE);
          case MISPLACED ->
              refuse(
                  damage,
                  "The file is whole and belongs under another name",
                  "put the right file back, or " + CorruptionException.SALVAGE);
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
    List<UnreadableBlock> unreadable = disk.from(damage.lsn());
    String also =
        unreadable.isEmpty() ? "" : ". What could not be read was taken for zeros: " + unreadable;
    return Corruptions.of(disk.description(), damage, why + also, remedy);
  }
}
