package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A write-ahead log of opaque records: append, force, read. Thread-safe; interrupts do it no harm.
 *
 * <p>Life: {@link #create} or {@link #open}; read with {@link #cursor} what was there; {@link
 * #startAppending}; append, force, truncate; {@link #close}. A log that was created may append at
 * once. The format is {@code docs/format-log.md}.
 */
public final class Log implements AutoCloseable {
  private final LogReading reading;
  private final Environment environment;
  private final LogOptions options;
  private final @Nullable DiskLock lock;

  /** Held over the I/O of starting and closing: whoever comes second waits for it. */
  private final ReentrantLock lifeLatch = new ReentrantLock();

  private volatile @Nullable LogWriter writer;
  private volatile boolean closed;

  private Log(
      LogReading reading, Environment environment, LogOptions options, @Nullable DiskLock lock) {
    this.reading = reading;
    this.environment = environment;
    this.options = options;
    this.lock = lock;
  }

  /** Whether there is a log on that disk, whole or damaged. Reads nothing but names. */
  public static boolean exists(Disk disk) {
    return disk.exists(LogLayout.MASTER_FILE);
  }

  /**
   * Creates a log and opens it for appending. At return it is empty and durable, and its disk is
   * locked against other openings. Leftovers of a creation that a crash cut off are cleared.
   *
   * @param disk stays the caller's, who closes it after the log
   * @param attributes bytes that the layer above keeps with the log's identity, at most 3072
   * @throws dev.redoubt.io.StoreLockedException if somebody has it open
   * @throws IllegalStateException if there is a store already
   * @throws dev.redoubt.io.NotAStoreException if there are files of something else
   * @throws dev.redoubt.io.DiskFullException if there is no space; what was begun is cleared by the
   *     next creation
   */
  public static Log create(
      Disk disk, Environment environment, LogOptions options, byte[] attributes) {
    DiskLock lock = disk.lock(LogLayout.LOCK_FILE);
    try {
      LogCreator.create(disk, environment, options, attributes);
      Log log = new Log(LogReading.open(disk, options), environment, options, lock);
      log.startAppending();
      return log;
    } catch (Throwable t) {
      LogReading.release(lock, t);
      throw t;
    }
  }

  /**
   * Opens an existing log for reading; {@link #startAppending} makes it writable. At return the end
   * of the log has been decided, everything below it is durable, and the disk is locked against
   * other openings. A torn tail is not an error: it is where the log ends. Nothing was written.
   *
   * @param disk stays the caller's, who closes it after the log
   * @param options the segment length counts at creation only
   * @throws dev.redoubt.io.NotAStoreException if there is no log
   * @throws dev.redoubt.io.StoreLockedException if somebody has it open
   * @throws dev.redoubt.io.CorruptionException if it is damaged where it was known to be on disk
   * @throws dev.redoubt.io.UnsupportedFormatException if it is of another format version
   * @throws dev.redoubt.io.StorageIoException if it cannot be read; never taken for an end
   */
  public static Log open(Disk disk, Environment environment, LogOptions options) {
    LogReading.checkExists(disk);
    DiskLock lock = disk.lock(LogLayout.LOCK_FILE);
    try {
      return new Log(LogReading.open(disk, options), environment, options, lock);
    } catch (Throwable t) {
      LogReading.release(lock, t);
      throw t;
    }
  }

  /**
   * Opens a log for inspection: takes no lock, writes nothing, forces nothing. Of a log that is in
   * use elsewhere it shows what was there at some moment of the call.
   *
   * @throws dev.redoubt.io.StorageException as {@link #open}, but never for a lock
   */
  public static Log openReadOnly(Disk disk, Environment environment, LogOptions options) {
    return new Log(LogReading.inspect(disk, options), environment, options, null);
  }

  /**
   * Makes an opened log writable, at the end that was decided. At return a master slot with the
   * next epoch is durable, and files beyond the end are out of the way. Does nothing the second
   * time.
   *
   * @throws IllegalStateException if the log was opened for inspection, or is closed
   * @throws dev.redoubt.io.StorageException if that fails; the next opening finds what this found
   */
  public void startAppending() {
    lifeLatch.lock();
    try {
      checkNotClosed();
      if (writer != null) {
        return;
      }
      if (lock == null) {
        throw new IllegalStateException("opened for inspection: nothing can be appended");
      }
      writer = LogStarter.start(environment, options, reading);
    } finally {
      lifeLatch.unlock();
    }
  }

  /** Made at random when the log was created; part of every checksum. */
  public UUID storeId() {
    return reading.geometry().storeId();
  }

  /** A copy of the bytes that were given to {@link #create}. */
  public byte[] attributes() {
    return reading.found().identity().attributes();
  }

  /** Length of a segment, fixed at creation. */
  public int segmentBytes() {
    return reading.geometry().segmentBytes();
  }

  /**
   * The last durable master record; {@code clean} is false once {@link #startAppending} returns.
   */
  public MasterRecord master() {
    return reading.masters().forced();
  }

  /** The disk behind this log's gate, for the layers above: nothing is written after a halt. */
  public Disk disk() {
    return reading.disk();
  }

  /** The gate that a failed force shuts. Whoever must not go on after a failure shuts it, too. */
  public HaltGate gate() {
    return reading.disk().gate();
  }

  /** Longest record that can be appended, in bytes. */
  public int maxRecordBytes() {
    return options.bufferBytesFor(reading.geometry()) - LogOptions.RECORD_OVERHEAD_BYTES;
  }

  /**
   * Appends a record. At return it has its place in the log and can be read; it is durable only
   * after a force, or when {@link #durableEndLsn} has passed its LSN. Blocks while the ring is full
   * of records on their way to disk, or a segment has to be made. Allocates nothing.
   *
   * @param source copied; stays the caller's
   * @param offset of the record in {@code source}, in bytes
   * @param lengthBytes from 1 to {@link #maxRecordBytes}
   * @return the record's LSN, above those of all records appended before
   * @throws IllegalArgumentException if the length is out of bounds
   * @throws IllegalStateException if the log is closed, or {@link #startAppending} was not called
   * @throws dev.redoubt.io.DiskFullException if the record needs a new segment, there is no space,
   *     and no reservation covers it; nothing was appended and the log goes on
   * @throws dev.redoubt.io.EngineHaltedException if a force failed; nothing was appended
   */
  public long append(MemorySegment source, long offset, int lengthBytes) {
    Objects.checkFromIndexSize(offset, lengthBytes, source.byteSize());
    if (lengthBytes <= 0 || lengthBytes > maxRecordBytes()) {
      throw new IllegalArgumentException(
          "a record is from 1 to " + maxRecordBytes() + " bytes long, not " + lengthBytes);
    }
    return writing().append(source, offset, lengthBytes);
  }

  /** Where the next record will stand, or before. Everything appended is below. */
  public long endLsn() {
    LogWriter writing = writer;
    return writing == null ? reading.found().tail().endLsn() : writing.appender().endLsn();
  }

  /** The log can be read from here on; what was before has been recycled. */
  public long startLsn() {
    return reading.holders().startLsn();
  }

  /** A record is durable if and only if this is above its LSN. Never moves back. */
  public long durableEndLsn() {
    LogWriter writing = writer;
    return writing == null ? reading.found().tail().endLsn() : writing.durableEnd();
  }

  /**
   * Makes the log durable up to and including the record at {@code lsn}. Returns at once if it is.
   * Concurrent callers share one force.
   *
   * @param lsn of an appended record
   * @throws dev.redoubt.io.EngineHaltedException if this or an earlier force failed and the record
   *     is not durable; nothing more will be written
   * @throws IllegalArgumentException if nothing was appended there yet
   */
  public void force(long lsn) {
    if (lsn >= durableEndLsn()) {
      checkAppended(lsn);
      writing().force(lsn + 1);
    }
  }

  /**
   * Makes everything durable that was appended before the call.
   *
   * @throws dev.redoubt.io.EngineHaltedException as {@link #force}
   */
  public void forceAll() {
    LogWriter writing = writer;
    if (writing != null) {
      writing.force(writing.appender().endLsn());
    }
  }

  /**
   * Has the log made durable up to and including the record at {@code lsn} without waiting. Futures
   * complete in LSN order, on a thread of the log's (with {@code background}), else inside {@link
   * #tick} or {@link #force}; what hangs on them must not block.
   *
   * @param lsn of an appended record
   * @return completes when the record is durable, or with the exception that {@link #force} throws
   */
  public CompletableFuture<Void> forceAsync(long lsn) {
    checkAppended(lsn);
    LogWriter writing = writer;
    return writing == null ? CompletableFuture.completedFuture(null) : writing.forceAsync(lsn + 1);
  }

  private void checkAppended(long lsn) {
    if (lsn < 0 || lsn >= endLsn()) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " is not appended yet: the log ends at " + endLsn());
    }
  }

  /**
   * A cursor over the durable records from the first one at or above {@code fromLsn}, to the
   * durable end as it is now. It holds the log where it stands; close it.
   *
   * @param fromLsn 0 for the start of the log, or an LSN from {@link #startLsn} on
   * @throws IllegalArgumentException if the log no longer reaches back so far
   */
  public LogCursor cursor(long fromLsn) {
    checkNotClosed();
    return reading.cursor(fromLsn, durableEndLsn());
  }

  /**
   * One record, durable or not, by its LSN.
   *
   * @return a copy of its bytes
   * @throws dev.redoubt.io.CorruptionException if no record begins there, or it is damaged
   * @throws IllegalArgumentException if the LSN is outside the log
   */
  public byte[] read(long lsn) {
    checkNotClosed();
    if (lsn <= 0 || lsn < startLsn() || lsn >= endLsn()) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " is outside the log, " + startLsn() + " to " + endLsn());
    }
    return reading.read(lsn, writer);
  }

  /**
   * Writes and forces a master record. At return restart would begin there, and {@link #truncate}
   * may go as far as its bound.
   *
   * @param checkpointLsn LSN of a durable record, or 0
   * @param boundLsn restart needs nothing below
   * @param clean whether nothing is left to redo or undo
   * @throws IllegalArgumentException if the checkpoint is not durable, or the bound not in the log
   * @throws dev.redoubt.io.EngineHaltedException if it failed, now or before; the gate is shut
   */
  public void writeMaster(long checkpointLsn, long boundLsn, boolean clean) {
    reading.writeMaster(writing(), checkpointLsn, boundLsn, clean);
  }

  /**
   * Recycles whole segments that nobody needs: below the bound of the last master record that was
   * forced, and below every holder (I-7).
   */
  public void truncate() {
    reading.truncate(writing().maker());
  }

  /**
   * Keeps the log from {@code lsn} on from being recycled, until the holder moves on or is closed.
   * Forgotten at close.
   *
   * @param name for people: who holds
   * @throws IllegalArgumentException if the log no longer reaches back so far
   */
  public LogHolder hold(String name, long lsn) {
    checkNotClosed();
    return reading.holders().hold(name, lsn);
  }

  /** All holders, cursors included, at this moment. */
  public List<LogHolder> holders() {
    return reading.holders().list();
  }

  /**
   * Sets log space aside (rule 4): segments that exist, zero-filled and forced, for {@code bytes}
   * of records (their lengths and 8 for each) and the padding of two forces. Called with no latch
   * held: it may make segments.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing is set aside
   */
  public LogReservation reserve(long bytes) {
    return writing().space().reserve(bytes);
  }

  /** Figures of this moment. */
  public LogStats stats() {
    LogWriter writing = writer;
    return writing == null ? reading.stats() : writing.stats(startLsn());
  }

  /**
   * Does what the threads of the log do: forces what nobody waits for; when there is none of that,
   * seals; completes futures; makes segments ahead. For logs without {@code background}; harmless
   * otherwise.
   *
   * @throws dev.redoubt.io.EngineHaltedException as {@link #force}
   */
  public void tick() {
    LogWriter writing = writer;
    if (writing != null) {
      writing.tick();
    }
  }

  /**
   * Forces and seals everything, then gives up threads, files and the lock. Whoever still waits for
   * a force gets it. After a halt nothing is written. Does nothing the second time.
   */
  @Override
  public void close() {
    shut(LogWriter::close);
  }

  /**
   * Gives up threads, files and the lock without writing anything more, as a crash of the process
   * would: for tests. Whoever waits for a force gets an exception.
   */
  public void abandon() {
    shut(LogWriter::abandon);
  }

  private void shut(Consumer<LogWriter> how) {
    lifeLatch.lock();
    try {
      if (!closed) {
        closed = true;
        reading.close(lock, writer, how);
      }
    } finally {
      lifeLatch.unlock();
    }
  }

  private LogWriter writing() {
    LogWriter writing = writer;
    if (writing == null) {
      throw new IllegalStateException("startAppending() was not called");
    }
    return writing;
  }

  private void checkNotClosed() {
    if (closed) {
      throw new IllegalStateException("the log is closed");
    }
  }
}
