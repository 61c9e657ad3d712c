package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A segment file of a log, as it stands on disk.
 *
 * @param file its name
 * @param index of the segment; -1 for a spare
 * @param firstLsn LSN of its first batch; -1 for a spare
 * @param epoch of the opening that began it, or made it ahead; -1 if that is not known
 * @param state what it is for
 * @param sizeBytes length of the file
 */
public record LogSegment(
    String file, long index, long firstLsn, int epoch, State state, long sizeBytes) {
  /** What a segment file is for. */
  public enum State {
    /** Below the start of the log: a truncation was cut off; the next opening clears it. */
    LEFTOVER,
    /** Holds records; nothing will be written to it. */
    FULL,
    /** Holds the end of the log. */
    CURRENT,
    /** Ready for records to come. */
    AHEAD,
    /** Its header cannot be read as one. */
    DAMAGED,
    /** A file without a place in the log, kept to become a segment. */
    SPARE
  }

  /**
   * The segment files of a log, oldest first, spares last. Of a log in use a moment: a file that is
   * recycled meanwhile may be left out.
   */
  public static List<LogSegment> of(Log log) {
    LogReading reading = ((SegmentedLog) log).reading();
    LogGeometry geometry = reading.geometry();
    long start = log.startLsn();
    long current = geometry.segmentOf(Math.max(0, log.endLsn() - 1));
    List<LogSegment> segments = new ArrayList<>();
    try (BatchReader reader = reading.batchReader()) {
      for (String file : reading.disk().list()) {
        long index = LogLayout.segmentIndex(file);
        if ((index >= 0 || LogLayout.spareNumber(file) >= 0) && reading.disk().exists(file)) {
          long size = size(reading.disk(), file);
          segments.add(
              index < 0
                  ? new LogSegment(file, -1, -1, -1, State.SPARE, size)
                  : of(file, index, reader.header(index), start, current, geometry, size));
        }
      }
    }
    segments.sort(
        Comparator.comparing((LogSegment segment) -> segment.index() < 0)
            .thenComparingLong(LogSegment::index));
    return segments;
  }

  private static LogSegment of(
      String file,
      long index,
      SegmentHeader.Reading header,
      long start,
      long current,
      LogGeometry geometry,
      long size) {
    boolean whole = header.damage() == null;
    State state = State.DAMAGED;
    if (whole) {
      boolean begun = header.valid().begun();
      state = !begun ? State.AHEAD : index < current ? State.FULL : State.CURRENT;
      state = geometry.segmentStart(index) < start ? State.LEFTOVER : state;
    }
    int epoch = whole ? header.valid().epoch() : -1;
    return new LogSegment(file, index, geometry.firstBatch(index), epoch, state, size);
  }

  private static long size(Disk disk, String name) {
    try (DiskFile file = disk.open(name, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      return file.size();
    }
  }
}
