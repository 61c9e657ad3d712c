package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import dev.redoubt.wal.LogOptions;
import dev.redoubt.wal.LogReservation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * The log by itself: append, force, force later, master records, truncation, ticks, reservations. A
 * state is how many records were appended. The recovered log must hold consecutive records, each as
 * it was appended, from its start (at or before the bound of its master record) to an end that
 * loses nothing acknowledged.
 *
 * @param records how many are appended
 * @param longest record, in bytes
 * @param door put before the disk
 */
public record LogWorkload(int records, int longest, UnaryOperator<Disk> door)
    implements Workload<Integer> {
  @Override
  public String name() {
    return "log";
  }

  @Override
  public Integer emptyState() {
    return 0;
  }

  private static LogOptions options() {
    return LogOptions.defaults()
        .withSegmentBytes(32 << 10)
        .withBuffers(2, 8 << 10)
        .withBackground(false);
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<Integer> oracle) {
    disk.phase("create");
    Log log = create(disk, seed);
    disk.phase("work");
    SplittableRandom random = new SplittableRandom(seed);
    long[] lsns = new long[records];
    for (int i = 0; i < records; i++) {
      lsns[i] = append(log, seed, i, oracle);
      int dice = random.nextInt(100);
      if (dice < 40) {
        log.force(lsns[i]);
        oracle.acknowledge();
      } else if (dice < 50) {
        int count = oracle.attempted();
        var _ = log.forceAsync(lsns[i]).thenRun(() -> oracle.acknowledge(count));
      } else if (dice < 60) {
        log.tick();
      } else if (dice < 68) {
        log.forceAll();
        oracle.acknowledge();
        log.writeMaster(lsns[i], lsns[Math.max(0, i - 5)], false);
        log.truncate();
      } else if (dice < 72) {
        try (LogReservation room = log.reserve(20_000)) {
          room.release(room.remainingBytes() / 2);
        }
      }
    }
    disk.phase("close");
    log.close();
    oracle.acknowledge();
  }

  private Log create(SimDisk disk, long seed) {
    Environment environment = SimEnvironment.withoutThreads(seed);
    return Log.create(door.apply(disk), environment, options(), new byte[] {1, 2, 3});
  }

  private long append(Log log, long seed, int number, PrefixOracle<Integer> oracle) {
    byte[] record = record(seed, number);
    oracle.attempt(number + 1);
    return log.append(MemorySegment.ofArray(record), 0, record.length);
  }

  private byte[] record(long seed, int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    byte[] record = new byte[Integer.BYTES + random.nextInt(longest)];
    random.nextBytes(record);
    MemorySegment.ofArray(record).set(ValueLayout.JAVA_INT_UNALIGNED, 0, number);
    return record;
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<Integer> oracle) {
    if (!Log.exists(disk)) {
      oracle.observe(0);
      try (Log log = create(disk, seed)) {
        log.force(append(log, seed, 0, oracle));
        oracle.acknowledge();
      }
      return;
    }
    Log log = Log.open(door.apply(disk), SimEnvironment.withoutThreads(seed + 1), options());
    try {
      oracle.observe(count(log, seed));
      log.startAppending();
      disk.phase("after recovery");
      for (int i = 0; i < 2; i++) {
        log.force(append(log, seed, oracle.latest(), oracle));
        oracle.acknowledge();
      }
      if (count(log, seed) != oracle.latest()) {
        throw new AssertionError("what was appended after recovery cannot be read");
      }
    } finally {
      log.close();
    }
  }

  private int count(Log log, long seed) {
    int next = -1;
    boolean sawCheckpoint = log.master().checkpointLsn() == 0;
    try (LogCursor cursor = log.cursor(0)) {
      while (cursor.next()) {
        byte[] found = cursor.payload().toArray(ValueLayout.JAVA_BYTE);
        int number = MemorySegment.ofArray(found).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        if (next < 0) {
          next = number;
          checkStart(log, cursor.lsn());
        }
        if (number != next || !Arrays.equals(found, record(seed, number))) {
          throw new AssertionError("record " + next + " is wrong at LSN " + cursor.lsn());
        }
        sawCheckpoint |= cursor.lsn() == log.master().checkpointLsn();
        next++;
      }
    }
    if (!sawCheckpoint) {
      throw new AssertionError("the master record's LSN is not in the log: " + log.master());
    }
    return Math.max(0, next);
  }

  private static void checkStart(Log log, long firstLsn) {
    long bound = log.master().boundLsn();
    if (bound != 0 && firstLsn > bound) {
      throw new AssertionError("the log starts at " + firstLsn + " above its bound " + bound);
    }
  }
}
