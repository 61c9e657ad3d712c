package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.io.WatchedDisk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who reads a log while it is opened sees what is in it, and the log is read once. */
final class LogOpeningTest {
  private static final LogOptions THREADS =
      LogOptions.defaults().withSegmentBytes(3 << 20).withBuffers(3, 640 << 10);

  private final MemoryDisk disk = new MemoryDisk();
  private final List<Long> lsns = new ArrayList<>();

  /** Batches of two records; the log is left without a seal, as a crash leaves it. */
  private void write(LogOptions options, int records, int length, int checkpoint) {
    Log log = Logs.create(disk, options);
    for (int i = 0; i < records; i++) {
      lsns.add(Logs.append(log, Logs.text(i, length)));
      if (i % 2 == 1) {
        log.force(lsns.getLast());
      }
      if (i == checkpoint) {
        log.forceAll();
        log.writeMaster(lsns.get(i), log.startLsn(), false);
      }
    }
    log.abandon();
  }

  private LogOpening begin(LogOptions options) {
    return LogOpening.begin(disk, Environment.system(), options);
  }

  private void damage(int record) {
    long lsn = lsns.get(record);
    String name = LogLayout.segmentName(lsn / Logs.SMALL.segmentBytes());
    byte[] bytes = disk.bytes(name);
    bytes[(int) (lsn % Logs.SMALL.segmentBytes()) + 20] ^= 1;
    disk.setBytes(name, bytes);
  }

  private List<Long> read(LogCursor from) {
    List<Long> found = new ArrayList<>();
    try (LogCursor cursor = from) {
      while (cursor.next()) {
        found.add(cursor.lsn());
      }
    }
    return found;
  }

  @Test
  void theEndIsFoundByWhoeverReadsThere() {
    write(Logs.SMALL, 40, 700, 10);
    damage(39); // nothing behind it says that it was forced
    try (LogOpening opening = begin(Logs.SMALL)) {
      assertEquals(lsns.get(10), opening.checkpointLsn());
      assertEquals(lsns.subList(10, 38), read(opening.cursor(opening.checkpointLsn())));
      assertEquals(lsns.subList(0, 38), read(opening.cursor(0)));
      assertTrue(opening.endLsn() > lsns.get(37) && opening.endLsn() <= lsns.get(38));
      try (Log log = opening.log()) {
        assertEquals(opening.endLsn(), log.endLsn());
        log.startAppending();
        assertTrue(Logs.append(log, "more") >= opening.endLsn());
      }
    }
  }

  @Test
  void damageBelowAWatermarkRefusesTheOpeningOnTheWay() {
    write(Logs.SMALL, 40, 700, 10);
    damage(20);
    String refusal =
        assertThrows(CorruptionException.class, () -> Logs.open(disk, Logs.SMALL)).getMessage();
    try (LogOpening opening = begin(Logs.SMALL)) {
      List<Long> seen = new ArrayList<>();
      try (LogCursor cursor = opening.cursor(opening.checkpointLsn())) {
        CorruptionException refused =
            assertThrows(
                CorruptionException.class,
                () -> {
                  while (cursor.next()) {
                    seen.add(cursor.lsn());
                  }
                });
        assertEquals(refusal, refused.getMessage());
      }
      assertEquals(lsns.subList(10, 20), seen);
      assertThrows(CorruptionException.class, opening::log);
    }
    try (LogOpening again = begin(Logs.SMALL)) {
      assertEquals(lsns.get(10), again.checkpointLsn()); // the lock was given up
    }
  }

  @Test
  void damageBeforeTheCheckpointRefusesWhoReadsThereAndNobodyElse() {
    write(Logs.SMALL, 40, 700, 30);
    damage(4);
    try (LogOpening opening = begin(Logs.SMALL)) {
      assertThrows(CorruptionException.class, () -> read(opening.cursor(0)));
      assertEquals(lsns.subList(30, 40), read(opening.cursor(lsns.get(30))));
      assertThrows(CorruptionException.class, () -> read(opening.cursor(0)));
      try (Log log = opening.log()) {
        assertEquals(lsns.subList(30, 40), read(log.cursor(lsns.get(30))));
      }
    }
  }

  @Test
  void readingBeginsAtTheCheckpointOrBefore() {
    write(Logs.SMALL, 40, 700, 10);
    try (LogOpening opening = begin(Logs.SMALL)) {
      assertThrows(IllegalArgumentException.class, () -> opening.cursor(lsns.get(11)));
      assertTrue(opening.reachLsn() > lsns.get(39));
      assertEquals(lsns.getLast() / 4096, (opening.endLsn() - 1) / 4096);
      assertEquals(lsns.subList(11, 40), read(opening.cursor(lsns.get(11))));
    }
  }

  @Test
  void theLogIsReadOnce() {
    write(THREADS, 400, 60_000, 0);
    List<String> transfers = new ArrayList<>();
    WatchedDisk watched =
        new WatchedDisk(
            disk,
            call -> {
              if (call.kind().equals("read") && call.file().endsWith(".seg")) {
                synchronized (transfers) {
                  transfers.add(call.file() + " " + call.position());
                }
              }
            });
    try (LogOpening opening = LogOpening.begin(watched, Environment.system(), THREADS)) {
      assertEquals(lsns, read(opening.cursorAhead(0)));
      opening.log().close();
    }
    long mebibytes = lsns.getLast() >> 20;
    assertTrue(
        transfers.size() < mebibytes * 3 / 2 + 20,
        transfers.size() + " transfers of up to a MiB for " + mebibytes + " MiB");
  }

  @Test
  void theLockGoesWithTheLog() {
    write(Logs.SMALL, 4, 700, 1);
    LogOpening opening = begin(Logs.SMALL);
    assertThrows(StoreLockedException.class, () -> begin(Logs.SMALL));
    Log log = opening.log();
    opening.close();
    assertThrows(StoreLockedException.class, () -> begin(Logs.SMALL));
    assertThrows(IllegalStateException.class, opening::log);
    log.close();
    begin(Logs.SMALL).close();
  }
}
