package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A cursor that is read ahead by a thread tells what any other does, and leaves no thread. */
final class ReadAheadTest {
  private static final LogOptions THREADS =
      LogOptions.defaults().withSegmentBytes(3 << 20).withBuffers(3, 640 << 10);

  private final MemoryDisk disk = new MemoryDisk();
  private final AtomicInteger readers = new AtomicInteger();
  private final AtomicInteger readersDone = new AtomicInteger();

  private final Environment environment =
      new Environment() {
        @Override
        public Thread start(String name, Runnable body) {
          if (!name.equals("redoubt-log-reader")) {
            return Environment.system().start(name, body);
          }
          readers.incrementAndGet();
          return Environment.system()
              .start(
                  name,
                  () -> {
                    body.run();
                    readersDone.incrementAndGet();
                  });
        }

        @Override
        public long nanoTime() {
          return Environment.system().nanoTime();
        }

        @Override
        public Instant now() {
          return Environment.system().now();
        }

        @Override
        public RandomGenerator random() {
          return Environment.system().random();
        }
      };

  /** Some segments, batches of all lengths up to more than half a transfer. */
  private void write() {
    SplittableRandom random = new SplittableRandom(7);
    try (Log log = Logs.create(disk, THREADS)) {
      for (int i = 0; log.endLsn() < 20 << 20; i++) {
        long lsn = Logs.append(log, Logs.text(i, 1 + random.nextInt(1 << random.nextInt(1, 19))));
        if (random.nextInt(3) == 0) {
          log.force(lsn);
        }
      }
    }
  }

  private static NavigableMap<Long, Integer> read(LogCursor from, int most) {
    NavigableMap<Long, Integer> found = new TreeMap<>();
    try (LogCursor cursor = from) {
      while (found.size() < most && cursor.next()) {
        found.put(
            cursor.lsn(), Logs.text(cursor.payload().toArray(ValueLayout.JAVA_BYTE)).hashCode());
      }
    }
    return found;
  }

  @Test
  void recordsAreThoseOfAnyCursorFromAnywhereAndToAnywhere() throws InterruptedException {
    write();
    SplittableRandom random = new SplittableRandom(8);
    try (Log log = Log.open(disk, environment, THREADS)) {
      NavigableMap<Long, Integer> all = read(log.cursor(0), Integer.MAX_VALUE);
      assertTrue(all.size() > 100, "records " + all.size());
      assertEquals(all, read(log.cursorAhead(0), Integer.MAX_VALUE));
      for (int i = 0; i < 30; i++) {
        long from = random.nextLong(log.startLsn(), log.endLsn());
        int most = i % 3 == 0 ? Integer.MAX_VALUE : random.nextInt(60);
        assertEquals(read(log.cursor(from), most), read(log.cursorAhead(from), most));
        long record = all.floorKey(from) == null ? all.firstKey() : all.floorKey(from);
        assertEquals(read(log.cursor(record), most), read(log.cursorAheadAt(record), most));
      }
    }
    assertEquals(62, readers.get()); // with that of the opening
    while (readersDone.get() < readers.get()) {
      Thread.onSpinWait(); // close has waited for their last step, not for their end
    }
  }

  @Test
  void damageIsMetWhereAnyCursorMeetsIt() {
    write();
    String name = LogLayout.segmentName(2);
    byte[] bytes = disk.bytes(name);
    bytes[1_500_000] ^= 1;
    try (Log log = Log.open(disk, environment, THREADS)) {
      disk.setBytes(name, bytes);
      CorruptionException met =
          assertThrows(CorruptionException.class, () -> read(log.cursor(0), Integer.MAX_VALUE));
      CorruptionException ahead =
          assertThrows(
              CorruptionException.class, () -> read(log.cursorAhead(0), Integer.MAX_VALUE));
      assertEquals(met.getMessage(), ahead.getMessage());
    }
  }
}
