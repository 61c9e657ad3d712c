package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.Environment;
import dev.redoubt.io.GatedDisk;
import dev.redoubt.io.HaltGate;
import org.jspecify.annotations.Nullable;

/**
 * A log that is being opened: everything that was written is durable, its disk is locked, and its
 * end is not known yet. So that the log is read once, who has to read it anyway does that here: a
 * {@linkplain #cursor cursor} shows the records on the way to the end, and finds the end. {@link
 * #log} is the open log then. Nothing is written. Confined to one thread.
 *
 * <p>A record that a cursor has shown is in the log, unless the opening fails: batches are valid
 * and follow each other up to that record, and what is wrong further on is the end or refuses the
 * log.
 */
public final class LogOpening implements LogRecords, AutoCloseable {
  private final GatedDisk disk;
  private final Environment environment;
  private final LogOptions options;
  private final LogOpener opener;
  private @Nullable DiskLock lock;

  private LogOpening(
      GatedDisk disk,
      Environment environment,
      LogOptions options,
      LogOpener opener,
      DiskLock lock) {
    this.disk = disk;
    this.environment = environment;
    this.options = options;
    this.opener = opener;
    this.lock = lock;
  }

  /**
   * Begins; {@link Log#open} does the same and reads to the end.
   *
   * @param disk stays the caller's, who closes it after the log
   * @param options the segment length counts at creation only
   * @throws dev.redoubt.io.NotAStoreException if there is no log
   * @throws dev.redoubt.io.StoreLockedException if somebody has it open
   * @throws dev.redoubt.io.CorruptionException if a file is missing, or the master file is damaged
   * @throws dev.redoubt.io.UnsupportedFormatException if it is of another format version
   * @throws dev.redoubt.io.StorageIoException if it cannot be read
   */
  public static LogOpening begin(Disk disk, Environment environment, LogOptions options) {
    MissingMaster.check(disk); // without leaving a lock file behind
    DiskLock lock = disk.lock(LogLayout.LOCK_FILE);
    try {
      GatedDisk gated = new GatedDisk(disk, new HaltGate());
      LogOpener opener = LogOpener.open(gated, options, true);
      return new LogOpening(gated, environment, options, opener, lock);
    } catch (Throwable t) {
      LogReading.release(lock, t);
      throw t;
    }
  }

  /** A copy of the bytes that were given to {@link Log#create}. */
  public byte[] attributes() {
    return opener.identity().attributes();
  }

  /** Length of a segment, fixed at creation. */
  public int segmentBytes() {
    return opener.identity().geometry().segmentBytes();
  }

  /** Longest record that could be appended, in bytes. */
  public int maxRecordBytes() {
    return options.maxRecordBytesFor(opener.identity().geometry());
  }

  @Override
  public long checkpointLsn() {
    return opener.slot().record().checkpointLsn();
  }

  @Override
  public long startLsn() {
    return opener.startLsn();
  }

  /** Where the log ends: reads so far if nobody has, and throws what {@link Log#open} throws. */
  @Override
  public long endLsn() {
    return opener.found(environment).tail().endLsn();
  }

  /** Behind the last segment in use, while the end is not known. */
  @Override
  public long reachLsn() {
    return opener.reachLsn();
  }

  /**
   * As of an open log, but that it goes on to an end that is not known yet.
   *
   * @param fromLsn 0, or from {@link #startLsn} to the checkpoint; anywhere once the end is known
   * @throws dev.redoubt.io.StorageException in {@link LogCursor#next}, what {@link Log#open} throws
   */
  @Override
  public LogCursor cursor(long fromLsn) {
    return opener.cursor(fromLsn == 0 ? startLsn() : fromLsn);
  }

  @Override
  public LogCursor cursorAhead(long fromLsn) {
    return opener.cursorAhead(fromLsn == 0 ? startLsn() : fromLsn, environment);
  }

  /**
   * The open log, once.
   *
   * @throws dev.redoubt.io.StorageException what {@link Log#open} throws, if the end was not known
   */
  public Log log() {
    DiskLock held = lock;
    if (held == null) {
      throw new IllegalStateException("closed, or the log was given out");
    }
    LogReading reading = new LogReading(disk, options, opener.found(environment), false);
    Log log = new SegmentedLog(reading, environment, options, held);
    lock = null;
    return log;
  }

  /** Gives the lock up; nothing if the log was given out, which has it then. */
  @Override
  public void close() {
    DiskLock held = lock;
    lock = null;
    if (held != null) {
      held.close();
    }
  }
}
