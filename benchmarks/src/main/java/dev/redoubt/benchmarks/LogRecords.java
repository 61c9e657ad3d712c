package dev.redoubt.benchmarks;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** One client's records: as many bytes as a key and a value of the peers. For one thread. */
final class LogRecords {
  private static final int RECORD_BYTES = Keys.KEY_BYTES + Keys.VALUE_BYTES;

  private final Log log;
  private final MemorySegment record = Arena.ofAuto().allocate(RECORD_BYTES).fill((byte) 0x5a);

  LogRecords(Log log) {
    this.log = log;
  }

  static Log open(Path directory) {
    return Log.openOrCreate(directory, LogOptions.defaults());
  }

  long append() {
    return log.append(record, 0, RECORD_BYTES);
  }

  /** Between slices: gives the segments back, to be used again. */
  static void recycle(Log log) {
    log.truncateBefore(new LogRecords(log).append());
  }
}
