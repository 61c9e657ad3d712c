package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.MemoryDisk;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is set aside counts against a cap, and holders can be watched and dropped. */
final class RetentionTest {
  private final MemoryDisk disk = new MemoryDisk();

  private static long retained(Log log) {
    LogStats stats = log.stats();
    return stats.endLsn() - stats.startLsn() + stats.reservedBytes();
  }

  @Test
  void reservationsNeverPassTheCapAndLeaveNothingWhenRefused() {
    try (Log log = Logs.create(disk, Logs.SMALL);
        LogReservation first = log.reserve(0);
        LogReservation second = log.reserve(0)) {
      long cap = 200_000;
      int granted = 0;
      while (first.tryExtend(1000, cap)) {
        granted++;
        assertTrue(retained(log) <= cap);
      }
      assertTrue(granted > 50, "granted " + granted);
      long before = log.stats().reservedBytes();
      assertFalse(second.tryExtend(1, cap));
      assertEquals(before, log.stats().reservedBytes());
      assertEquals(1000L * granted, first.remainingBytes());
      first.release(20_000);
      assertTrue(second.tryExtend(1, cap));
      second.extend(cap);
      assertTrue(retained(log) > cap, "extend asks for no cap");
    }
  }

  @Test
  void appendedRecordsCountAndTruncatedOnesDoNot() {
    try (Log log = Logs.create(disk, Logs.SMALL);
        LogReservation reservation = log.reserve(0)) {
      long cap = 6L * log.segmentBytes();
      long last = 0;
      while (log.endLsn() - log.startLsn() < cap) {
        last = Logs.append(log, Logs.text(1, 3000));
      }
      assertFalse(reservation.tryExtend(1, cap));
      log.force(last);
      log.writeMaster(last, last, false);
      log.truncate();
      assertTrue(reservation.tryExtend(1, cap));
    }
  }

  @Test
  void onlyAHoldThatAgreedIsDroppedAndItIsToldOnceBeforeTheLogIsLetGo() {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      long first = Logs.append(log, "a");
      LogHolder backup = log.hold("backup", first);
      assertFalse(backup.drop());
      assertEquals(1, log.holders().size());
      AtomicInteger told = new AtomicInteger();
      LogHolder slot =
          log.hold("slot", first)
              .droppable(
                  () -> {
                    assertEquals(2, log.holders().size());
                    told.incrementAndGet();
                  });
      assertTrue(slot.drop());
      assertTrue(slot.drop());
      assertEquals(1, told.get());
      assertEquals(1, log.holders().size());
      backup.close();
    }
  }

  @Test
  void whoWatchesAHoldHearsOfItsNextMoveOnce() {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      long first = Logs.append(log, "a");
      long second = Logs.append(log, "b");
      LogHolder holder = log.hold("slow", first);
      AtomicInteger heard = new AtomicInteger();
      holder.onMoveFrom(first, heard::incrementAndGet);
      holder.advance(first);
      assertEquals(0, heard.get());
      holder.advance(second);
      assertEquals(1, heard.get());
      holder.onMoveFrom(first, heard::incrementAndGet);
      assertEquals(2, heard.get(), "it has moved already");
      holder.onMoveFrom(second, heard::incrementAndGet);
      holder.close();
      assertEquals(3, heard.get());
      holder.onMoveFrom(second, heard::incrementAndGet);
      assertEquals(4, heard.get(), "it has ended");
      assertThrows(IllegalArgumentException.class, () -> log.hold("late", -1));
    }
  }

  /** Else the slot names a segment that is gone, and the log is refused as damaged. */
  @Test
  void truncationWhileAMasterRecordIsWrittenPassesNeitherBound() {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      long middle = fill(log, 2);
      long last = fill(log, 4);
      log.writeMaster(0, last, false);
      disk.onCall(
          call -> {
            if (call.kind().equals("write") && call.file().equals(LogLayout.MASTER_FILE)) {
              log.truncate();
            }
          });
      log.writeMaster(0, middle, false);
      disk.onCall(_ -> {});
      assertTrue(log.startLsn() <= middle, "starts at " + log.startLsn());
      assertTrue(log.holders().isEmpty());
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      assertFalse(Logs.records(log).isEmpty());
    }
  }

  /** Appends until the log has so many segments; gives the last record, durable. */
  private static long fill(Log log, int segments) {
    long last = 0;
    while (log.endLsn() < (long) segments * log.segmentBytes()) {
      last = Logs.append(log, Logs.text(1, 3000));
    }
    log.force(last);
    return last;
  }
}
