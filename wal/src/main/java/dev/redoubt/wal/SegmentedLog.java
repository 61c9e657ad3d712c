package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.Environment;
import dev.redoubt.io.GatedDisk;
import dev.redoubt.io.HaltGate;
import dev.redoubt.io.RealDisk;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The log in segment files: a half that reads, and, from the start of appending, one that writes.
 */
final class SegmentedLog implements Log {
  private final LogReading reading;
  private final Environment environment;
  private final LogOptions options;
  private final @Nullable DiskLock lock;
  private final LogFollowers followers;

  /** Held over the I/O of starting and closing: whoever comes second waits for it. */
  private final ReentrantLock lifeLatch = new ReentrantLock();

  private volatile @Nullable LogWriter writer;
  private volatile boolean closed;

  SegmentedLog(
      LogReading reading, Environment environment, LogOptions options, @Nullable DiskLock lock) {
    this.reading = reading;
    this.environment = environment;
    this.options = options;
    this.lock = lock;
    this.followers =
        new LogFollowers(reading, environment, options, this::durableEndLsn, this::writing);
  }

  static Log create(Disk disk, Environment environment, LogOptions options, byte[] attributes) {
    DiskLock lock = disk.lock(LogLayout.LOCK_FILE);
    try {
      LogCreator.create(disk, environment, options, attributes);
      GatedDisk gated = new GatedDisk(disk, new HaltGate());
      LogOpener.Found found = LogOpener.open(gated, options, true).found(environment);
      LogReading reading = new LogReading(gated, options, found, false);
      Log log = new SegmentedLog(reading, environment, options, lock);
      log.startAppending();
      return log;
    } catch (Throwable t) {
      if (t instanceof DiskFullException) {
        FileNames.discard(disk, LogLayout.MASTER_FILE, t); // so that there is no store
      }
      LogReading.release(lock, t);
      throw t;
    }
  }

  static Log open(Disk disk, Environment environment, LogOptions options) {
    try (LogOpening opening = LogOpening.begin(disk, environment, options)) {
      return opening.log();
    }
  }

  static Log openReadOnly(Disk disk, Environment environment, LogOptions options) {
    return InspectionOpening.open(disk, () -> inspect(disk, environment, options));
  }

  private static Log inspect(Disk disk, Environment environment, LogOptions options) {
    GatedDisk gated = GatedDisk.readOnly(disk);
    LogOpener.Found found = LogOpener.open(gated, options, false).found(environment);
    return new SegmentedLog(
        new LogReading(gated, options, found, true), environment, options, null);
  }

  static Log openOrCreate(Path directory, LogOptions options) {
    Disk disk = RealDisk.create(directory); // holds nothing open: there is nothing to close
    Environment environment = Environment.system();
    return Log.exists(disk)
        ? appending(open(disk, environment, options))
        : create(disk, environment, options, new byte[0]);
  }

  private static Log appending(Log log) {
    try {
      log.startAppending();
      return log;
    } catch (Throwable t) {
      log.close();
      throw t;
    }
  }

  @Override
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
      writer = LogStarter.start(environment, options, reading, followers::wake);
    } finally {
      lifeLatch.unlock();
    }
  }

  @Override
  public UUID storeId() {
    return reading.geometry().storeId();
  }

  @Override
  public byte[] attributes() {
    return reading.found().identity().attributes();
  }

  @Override
  public int segmentBytes() {
    return reading.geometry().segmentBytes();
  }

  @Override
  public MasterRecord master() {
    return reading.masters().forced();
  }

  @Override
  public Disk disk() {
    return reading.disk();
  }

  @Override
  public HaltGate gate() {
    return reading.disk().gate();
  }

  @Override
  public int maxRecordBytes() {
    return options.maxRecordBytesFor(reading.geometry());
  }

  @Override
  public long append(MemorySegment source, long offset, int lengthBytes) {
    Objects.checkFromIndexSize(offset, lengthBytes, source.byteSize());
    if (lengthBytes <= 0 || lengthBytes > maxRecordBytes()) {
      throw new IllegalArgumentException(
          "a record is from 1 to " + maxRecordBytes() + " bytes long, not " + lengthBytes);
    }
    return writing().append(source, offset, lengthBytes);
  }

  @Override
  public long endLsn() {
    LogWriter writing = writer;
    return writing == null ? reading.found().tail().endLsn() : writing.appender().endLsn();
  }

  @Override
  public List<UnreadableBlock> unreadableTail() {
    LogOpener.Found found = reading.found();
    long endLsn = found.tail().endLsn();
    return found.unreadable().stream().filter(block -> block.lsn() >= endLsn).toList();
  }

  @Override
  public long startLsn() {
    return reading.holders().startLsn();
  }

  @Override
  public long durableEndLsn() {
    LogWriter writing = writer;
    return writing == null ? reading.found().tail().endLsn() : writing.durableEnd();
  }

  @Override
  public void force(long lsn) {
    if (lsn >= durableEndLsn()) {
      checkAppended(lsn);
      writing().force(lsn + 1);
    }
  }

  @Override
  public void forceAll() {
    LogWriter writing = writer;
    if (writing != null) {
      writing.force(writing.appender().endLsn());
    }
  }

  @Override
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

  @Override
  public LogCursor cursor(long fromLsn) {
    checkNotClosed();
    return reading.cursor(fromLsn, false, durableEndLsn());
  }

  @Override
  public LogCursor cursorAhead(long fromLsn) {
    return cursorAhead(fromLsn, false);
  }

  @Override
  public LogCursor cursorAheadAt(long recordLsn) {
    return cursorAhead(recordLsn, true);
  }

  private LogCursor cursorAhead(long fromLsn, boolean isRecord) {
    checkNotClosed();
    return options.background()
        ? reading.cursorAhead(fromLsn, isRecord, durableEndLsn(), environment)
        : reading.cursor(fromLsn, isRecord, durableEndLsn());
  }

  @Override
  public byte[] read(long lsn) {
    checkNotClosed();
    if (lsn <= 0 || lsn < startLsn() || lsn >= endLsn()) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " is outside the log, " + startLsn() + " to " + endLsn());
    }
    return reading.read(lsn, writer);
  }

  @Override
  public LogWindow window() {
    checkNotClosed();
    return reading.window(this::durableEndLsn, this::read);
  }

  @Override
  public void writeMaster(long checkpointLsn, long boundLsn, boolean clean) {
    reading.writeMaster(writing(), checkpointLsn, boundLsn, clean);
  }

  @Override
  public void truncate() {
    reading.truncate(writing());
  }

  @Override
  public LogFollowers followers() {
    checkNotClosed();
    return followers;
  }

  @Override
  public LogHolder hold(String name, long lsn) {
    checkNotClosed();
    return reading.holders().hold(name, lsn);
  }

  @Override
  public List<LogHolder> holders() {
    return reading.holders().list();
  }

  @Override
  public LogReservation reserve(long bytes) {
    return writing().space().reserve(bytes);
  }

  @Override
  public boolean isForceAwaited() {
    LogWriter writing = writer;
    return writing != null && writing.isForcing();
  }

  @Override
  public LogStats stats() {
    LogWriter writing = writer;
    return writing == null ? reading.stats() : writing.stats(startLsn());
  }

  @Override
  public void tick() {
    LogWriter writing = writer;
    if (writing != null) {
      writing.tick();
    }
  }

  @Override
  public void close() {
    shut(LogWriter::close);
  }

  @Override
  public void abandon() {
    shut(LogWriter::abandon);
  }

  private void shut(Consumer<LogWriter> how) {
    lifeLatch.lock();
    try {
      if (!closed) {
        closed = true;
        try {
          reading.close(lock, writer, how);
        } finally {
          followers.close();
        }
      }
    } finally {
      lifeLatch.unlock();
    }
  }

  LogReading reading() {
    return reading;
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
