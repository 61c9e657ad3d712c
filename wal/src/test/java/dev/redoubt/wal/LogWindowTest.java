package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Records read through a window are those that are read one by one, with fewer transfers. */
final class LogWindowTest {
  private static final LogOptions OPTIONS =
      LogOptions.defaults()
          .withSegmentBytes(1 << 20)
          .withBuffers(3, 256 << 10)
          .withBackground(false);

  private final MemoryDisk disk = new MemoryDisk();

  /** Some segments of records, most of them short, some longer than a window. */
  private Log written(int most) {
    SplittableRandom random = new SplittableRandom(5);
    Log log = Logs.create(disk, OPTIONS);
    log.startAppending();
    for (int i = 0; log.endLsn() < 3 << 20; i++) {
      boolean isLong = random.nextInt(100) == 0;
      long lsn = Logs.append(log, Logs.text(i, 1 + random.nextInt(isLong ? most : 300)));
      if (random.nextInt(20) == 0) {
        log.force(lsn);
      }
    }
    log.forceAll();
    return log;
  }

  private static String text(LogWindow window, long lsn) {
    return Logs.text(window.read(lsn).toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void recordsAreTheSameInAnyOrder() {
    try (Log log = written(100_000)) {
      NavigableMap<Long, String> records = Logs.records(log);
      assertTrue(records.size() > 2000, () -> "" + records.size());
      LogWindow window = log.window();
      records.descendingMap().forEach((lsn, text) -> assertEquals(text, text(window, lsn)));
      records.forEach((lsn, text) -> assertEquals(text, text(window, lsn)));
      List<Long> shuffled = new ArrayList<>(records.keySet());
      Collections.shuffle(shuffled, new Random(3));
      shuffled.forEach(lsn -> assertEquals(records.get(lsn), text(window, lsn)));
    }
  }

  @Test
  void goingBackTransfersEachByteOnce() {
    try (Log log = written(300)) {
      NavigableMap<Long, String> records = Logs.records(log);
      AtomicInteger transfers = new AtomicInteger();
      disk.onCall(call -> transfers.addAndGet(call.kind().equals("read") ? 1 : 0));
      LogWindow window = log.window();
      records.descendingKeySet().forEach(window::read);
      int least = (int) (log.endLsn() >> 16);
      assertTrue(
          transfers.get() >= least && transfers.get() <= 2 * least + 8,
          () -> transfers + " transfers for " + records.size() + " records");
    }
  }

  @Test
  void whatIsNotDurableYetIsSeenAndNeverOutOfDate() {
    try (Log log = written(300)) {
      LogWindow window = log.window();
      for (int i = 0; i < 2000; i++) {
        String text = Logs.text(i, 40);
        long lsn = Logs.append(log, text);
        assertEquals(text, text(window, lsn));
        if (i % 7 == 0) {
          log.force(lsn);
          assertEquals(text, text(window, lsn));
        }
      }
    }
  }

  @Test
  void whatIsNoRecordIsRefusedAsEver() {
    try (Log log = written(300)) {
      LogWindow window = log.window();
      long lsn = Logs.records(log).lastKey();
      window.read(lsn);
      assertThrows(CorruptionException.class, () -> window.read(lsn + 1));
      assertThrows(CorruptionException.class, () -> window.read(lsn - 1));
      assertThrows(CorruptionException.class, () -> window.read((1 << 20) + 3));
      assertThrows(IllegalArgumentException.class, () -> window.read(log.endLsn()));
      assertThrows(IllegalArgumentException.class, () -> window.read(0));
      window.read(lsn);
    }
  }

  @Test
  void aDamagedRecordIsRefusedAndThoseBesideItAreNot() {
    try (Log log = written(300)) {
      List<Long> lsns = new ArrayList<>(Logs.records(log).keySet());
      int middle = lsns.size() / 2;
      long damaged = lsns.get(middle);
      String name = LogLayout.segmentName(damaged >> 20);
      byte[] bytes = disk.bytes(name);
      bytes[(int) (damaged & ((1 << 20) - 1)) + BatchLayout.FRAME_HEADER_BYTES] ^= 4;
      disk.setBytes(name, bytes);
      LogWindow window = log.window();
      window.read(lsns.get(middle + 1));
      assertThrows(CorruptionException.class, () -> window.read(damaged));
      assertThrows(CorruptionException.class, () -> log.read(damaged));
      window.read(lsns.get(middle - 1));
    }
  }

  @Test
  void bytesThatNobodyAskedForMayBeUnreadable() {
    try (Log log = written(300)) {
      NavigableMap<Long, String> records = Logs.records(log);
      long wanted = records.floorKey((1L << 20) + (200 << 10));
      disk.onCall(
          call -> {
            if (call.kind().equals("read") && call.position() < 150 << 10) {
              throw new StorageIoException("planted: " + call, new java.io.IOException());
            }
          });
      LogWindow window = log.window();
      assertEquals(records.get(wanted), text(window, wanted));
      long beside = records.floorKey((1L << 20) + (170 << 10));
      assertEquals(records.get(beside), text(window, beside), "its window begins there");
      long unreadable = records.floorKey((1L << 20) + (100 << 10));
      assertThrows(StorageIoException.class, () -> window.read(unreadable));
      disk.onCall(_ -> {});
      assertEquals(records.get(unreadable), text(window, unreadable));
    }
  }
}
