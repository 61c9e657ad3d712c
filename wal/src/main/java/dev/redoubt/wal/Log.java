package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Skeleton: signatures that the modules above build on. */
public final class Log implements AutoCloseable {
  private Log() {}

  public static boolean exists(Disk disk) {
    throw new AssertionError("skeleton");
  }

  public static Log create(
      Disk disk, Environment environment, LogOptions options, byte[] attributes) {
    throw new AssertionError("skeleton");
  }

  public static Log open(Disk disk, Environment environment, LogOptions options) {
    throw new AssertionError("skeleton");
  }

  public static Log openReadOnly(Disk disk, Environment environment, LogOptions options) {
    throw new AssertionError("skeleton");
  }

  public void startAppending() {
    throw new AssertionError("skeleton");
  }

  public UUID storeId() {
    throw new AssertionError("skeleton");
  }

  public byte[] attributes() {
    throw new AssertionError("skeleton");
  }

  public MasterRecord master() {
    throw new AssertionError("skeleton");
  }

  public Disk disk() {
    throw new AssertionError("skeleton");
  }

  public HaltGate gate() {
    throw new AssertionError("skeleton");
  }

  public int maxRecordBytes() {
    throw new AssertionError("skeleton");
  }

  public long append(MemorySegment source, long offset, int lengthBytes) {
    throw new AssertionError("skeleton");
  }

  public long endLsn() {
    throw new AssertionError("skeleton");
  }

  public long startLsn() {
    throw new AssertionError("skeleton");
  }

  public long durableEndLsn() {
    throw new AssertionError("skeleton");
  }

  public void force(long lsn) {
    throw new AssertionError("skeleton");
  }

  public void forceAll() {
    throw new AssertionError("skeleton");
  }

  public CompletableFuture<Void> forceAsync(long lsn) {
    throw new AssertionError("skeleton");
  }

  public LogCursor cursor(long fromLsn) {
    throw new AssertionError("skeleton");
  }

  public byte[] read(long lsn) {
    throw new AssertionError("skeleton");
  }

  public void writeMaster(long checkpointLsn, long boundLsn, boolean clean) {
    throw new AssertionError("skeleton");
  }

  public void truncate() {
    throw new AssertionError("skeleton");
  }

  public LogHolder hold(String name, long lsn) {
    throw new AssertionError("skeleton");
  }

  public List<LogHolder> holders() {
    throw new AssertionError("skeleton");
  }

  public LogReservation reserve(long bytes) {
    throw new AssertionError("skeleton");
  }

  public LogStats stats() {
    throw new AssertionError("skeleton");
  }

  public void tick() {
    throw new AssertionError("skeleton");
  }

  @Override
  public void close() {
    throw new AssertionError("skeleton");
  }
}
