package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A write-ahead log of opaque records: append, force, read. Thread-safe; interrupts do it no harm.
 *
 * <p>Life: {@link #openOrCreate} and use it; or, for those who must read before anything is
 * written, {@link #create} or {@link #open}; read with {@link #cursor} what was there; {@link
 * #startAppending}; append, force, truncate; {@link #close}. A log that was created may append at
 * once. Who reads the log to its end at opening anyway takes {@link LogOpening}, which reads it
 * once. The format is {@code docs/format-log.md}.
 */
public sealed interface Log extends LogRecords, AutoCloseable permits SegmentedLog {

  /** Whether there is a log on that disk, whole or damaged. Reads nothing but names. */
  static boolean exists(Disk disk) {
    return disk.exists(LogLayout.MASTER_FILE);
  }

  /**
   * Returns if {@link #exists}. Changes nothing.
   *
   * @throws dev.redoubt.io.CorruptionException if there is one that has lost its master file
   * @throws dev.redoubt.io.NotAStoreException if there is none
   */
  static void require(Disk disk) {
    MissingMaster.check(disk);
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
   * @throws dev.redoubt.io.CorruptionException if there is a store that has lost its master file
   * @throws dev.redoubt.io.DiskFullException if there is no space; what was begun is cleared by the
   *     next creation
   */
  static Log create(Disk disk, Environment environment, LogOptions options, byte[] attributes) {
    return SegmentedLog.create(disk, environment, options, attributes);
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
  static Log open(Disk disk, Environment environment, LogOptions options) {
    return SegmentedLog.open(disk, environment, options);
  }

  /**
   * Opens a log for inspection: takes no lock, writes nothing, forces nothing. Of a log that is in
   * use elsewhere it shows what was there at some moment of the call; what is there to be read may
   * be recycled meanwhile, which a cursor says by a {@link LogPositionLostException}.
   *
   * @throws LogInUseException if it is in use elsewhere and changed too fast; try again
   * @throws dev.redoubt.io.StorageException as {@link #open}, but never for a lock
   */
  static Log openReadOnly(Disk disk, Environment environment, LogOptions options) {
    return SegmentedLog.openReadOnly(disk, environment, options);
  }

  /**
   * Opens the log in a directory for appending; makes both if they are missing. At return what
   * survived can be read and is durable.
   *
   * @throws dev.redoubt.io.StoreLockedException if somebody has it open
   * @throws dev.redoubt.io.NotAStoreException if there are files of something else
   * @throws dev.redoubt.io.CorruptionException if it is damaged where it was known to be on disk
   * @throws dev.redoubt.io.StorageException for other failures of {@link #create}, {@link #open}
   *     and {@link #startAppending}
   */
  static Log openOrCreate(Path directory, LogOptions options) {
    return SegmentedLog.openOrCreate(directory, options);
  }

  /**
   * Makes an opened log writable, at the end that was decided. At return a master slot with the
   * next epoch is durable, and files beyond the end are out of the way. Does nothing the second
   * time.
   *
   * @throws IllegalStateException if the log was opened for inspection, or is closed
   * @throws dev.redoubt.io.StorageException if that fails; the next opening finds what this found
   */
  void startAppending();

  /** Made at random when the log was created; part of every checksum. */
  UUID storeId();

  /** A copy of the bytes that were given to {@link #create}. */
  byte[] attributes();

  /** Length of a segment, fixed at creation. */
  int segmentBytes();

  @Override
  default long checkpointLsn() {
    return master().checkpointLsn();
  }

  @Override
  default long reachLsn() {
    return endLsn();
  }

  /**
   * The last durable master record; {@code clean} is false once {@link #startAppending} returns.
   */
  MasterRecord master();

  /** The disk behind this log's gate, for the layers above: nothing is written after a halt. */
  Disk disk();

  /** The gate that a failed force shuts. Whoever must not go on after a failure shuts it, too. */
  HaltGate gate();

  /** Longest record that can be appended, in bytes. */
  int maxRecordBytes();

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
  long append(MemorySegment source, long offset, int lengthBytes);

  /**
   * Appends all bytes of an array; otherwise as {@link #append(MemorySegment, long, int)}.
   *
   * @param record copied; from 1 to {@link #maxRecordBytes} long
   * @return the record's LSN
   */
  default long append(byte[] record) {
    return append(MemorySegment.ofArray(record), 0, record.length);
  }

  /**
   * Appends the bytes from a buffer's position to its limit, and moves neither; otherwise as {@link
   * #append(MemorySegment, long, int)}.
   *
   * @param record on the heap or off it; from 1 to {@link #maxRecordBytes} remaining
   * @return the record's LSN
   */
  default long append(ByteBuffer record) {
    return append(MemorySegment.ofBuffer(record), 0, record.remaining());
  }

  /** Where the next record will stand, or before. Everything appended is below. */
  @Override
  long endLsn();

  /** The log can be read from here on; what was before has been recycled. */
  @Override
  long startLsn();

  /**
   * What this opening could not read behind the end that it decided, and gave up because {@link
   * LogOptions#acceptUnreadableTail} said so: with it all of the log that was behind. Mostly empty.
   */
  List<UnreadableBlock> unreadableTail();

  /** A record is durable if and only if this is above its LSN. Never moves back. */
  long durableEndLsn();

  /**
   * Makes the log durable up to and including the record at {@code lsn}. Returns at once if it is.
   * Concurrent callers share one force.
   *
   * @param lsn of an appended record
   * @throws dev.redoubt.io.EngineHaltedException if this or an earlier force failed and the record
   *     is not durable; nothing more will be written
   * @throws IllegalArgumentException if nothing was appended there yet
   */
  void force(long lsn);

  /**
   * Makes everything durable that was appended before the call.
   *
   * @throws dev.redoubt.io.EngineHaltedException as {@link #force}
   */
  void forceAll();

  /**
   * Has the log made durable up to and including the record at {@code lsn} without waiting. Futures
   * complete in LSN order, on a thread of the log's (with {@code background}), else inside {@link
   * #tick} or {@link #force}; what hangs on them must not block.
   *
   * @param lsn of an appended record
   * @return completes when the record is durable, or with the exception that {@link #force} throws
   */
  CompletableFuture<Void> forceAsync(long lsn);

  /** As {@link LogRecords#cursor} says; it holds the log where it stands. */
  @Override
  LogCursor cursor(long fromLsn);

  /**
   * As {@link #cursorAhead} from a record that is known to be there: nothing before its batch is
   * read, where else the segment is read from its start.
   *
   * @param recordLsn of a durable record
   */
  LogCursor cursorAheadAt(long recordLsn);

  /**
   * Hands every durable record from the first one at or above {@code fromLsn} to {@code consumer},
   * in LSN order, on the calling thread, to the durable end as it was at the call. What the
   * consumer throws ends the replay and is thrown on.
   *
   * @param fromLsn as for {@link #cursor}
   * @throws dev.redoubt.io.CorruptionException if the bytes below that end are damaged
   */
  default void replay(long fromLsn, RecordConsumer consumer) {
    try (LogCursor cursor = cursor(fromLsn)) {
      while (cursor.next()) {
        consumer.accept(cursor.lsn(), cursor.payload().asByteBuffer());
      }
    }
  }

  /**
   * One record, durable or not, by its LSN.
   *
   * @return a copy of its bytes
   * @throws dev.redoubt.io.CorruptionException if no record begins there, or it is damaged
   * @throws IllegalArgumentException if the LSN is outside the log
   */
  byte[] read(long lsn);

  /**
   * For reading many single records that lie near each other, from the end to the start above all.
   */
  LogWindow window();

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
  void writeMaster(long checkpointLsn, long boundLsn, boolean clean);

  /**
   * Recycles whole segments that nobody needs: below the bound of the last master record that was
   * forced, and below every holder (I-7); a follower is passed over if it lags more than it may.
   *
   * @throws dev.redoubt.io.DiskFullException if the directory has no space for the change; what
   *     could be recycled is, but not durably
   * @throws dev.redoubt.io.EngineHaltedException if the gate is shut; nothing is recycled
   */
  void truncate();

  /** Tail cursors, and the slots that keep the places of followers. */
  LogFollowers followers();

  /**
   * Says that nothing below {@code lsn} will be needed any more, durably, and recycles the whole
   * segments that this sets free. Everything appended below it is forced first. For users with no
   * checkpoints: the master record's {@code checkpointLsn} becomes 0; others call {@link
   * #writeMaster} and {@link #truncate}.
   *
   * @param lsn from {@link #startLsn} to {@link #endLsn}
   * @throws IllegalArgumentException if the LSN is outside the log
   * @throws dev.redoubt.io.EngineHaltedException as {@link #writeMaster}
   */
  default void truncateBefore(long lsn) {
    long end = endLsn();
    if (lsn > end) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " is outside the log, which ends at " + end);
    }
    if (lsn > durableEndLsn()) {
      forceAll();
    }
    writeMaster(0, lsn, false);
    truncate();
  }

  /**
   * Keeps the log from {@code lsn} on from being recycled, until the holder moves on or is closed.
   * Forgotten at close.
   *
   * @param name for people: who holds
   * @throws IllegalArgumentException if the log no longer reaches back so far
   */
  LogHolder hold(String name, long lsn);

  /** All holders, cursors included, at this moment. */
  List<LogHolder> holders();

  /**
   * Sets log space aside (rule 4): segments that exist, zero-filled and forced, for {@code bytes}
   * of records (their lengths and 8 for each) and the padding of two forces. Called with no latch
   * held: it may make segments.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing is set aside
   */
  LogReservation reserve(long bytes);

  /**
   * Whether a force is under way at this moment: somebody waits for the disk, and other work on it
   * had better wait a little. A hint, old when it is returned.
   */
  boolean isForceAwaited();

  /** Figures of this moment. */
  LogStats stats();

  /**
   * Does what the threads of the log do: forces what nobody waits for; when there is none of that,
   * seals; completes futures; makes segments ahead. For logs without {@code background}; harmless
   * otherwise.
   *
   * @throws dev.redoubt.io.EngineHaltedException as {@link #force}
   */
  void tick();

  /**
   * Forces and seals everything, then gives up threads, files and the lock. Whoever still waits for
   * a force gets it. After a halt nothing is written. Does nothing the second time.
   */
  @Override
  void close();

  /**
   * Gives up threads, files and the lock without writing anything more, as a crash of the process
   * would: for tests. Whoever waits for a force gets an exception.
   */
  void abandon();
}
