package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.MemoryDisk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An opening, and a cursor at the checkpoint, read nothing before the checkpoint's batch. */
final class CheckpointStartTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final List<Long> lsns = new ArrayList<>();

  /** Batches of two records; the checkpoint is one of them. */
  private void write(int records, int checkpoint) {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      for (int i = 0; i < records; i++) {
        lsns.add(Logs.append(log, Logs.text(i, 700)));
        if (i % 2 == 1) {
          log.force(lsns.getLast());
        }
      }
      log.writeMaster(lsns.get(checkpoint), log.startLsn(), false);
    }
  }

  private void damage(int record) {
    byte[] bytes = disk.bytes(LogLayout.segmentName(0));
    bytes[(int) (lsns.get(record) % Logs.SMALL.segmentBytes()) + 20] ^= 1;
    disk.setBytes(LogLayout.segmentName(0), bytes);
  }

  private static List<Long> read(Log log, long fromLsn) {
    return read(log.cursor(fromLsn));
  }

  private static List<Long> read(LogCursor from) {
    List<Long> found = new ArrayList<>();
    try (LogCursor cursor = from) {
      while (cursor.next()) {
        found.add(cursor.lsn());
      }
    }
    return found;
  }

  @Test
  void everyRecordMayBeTheCheckpointAndTheRestIsRead() {
    for (int checkpoint = 0; checkpoint < 10; checkpoint++) {
      CheckpointStartTest fresh = new CheckpointStartTest();
      fresh.write(10, checkpoint);
      try (Log log = Logs.open(fresh.disk, Logs.SMALL)) {
        List<Long> rest = fresh.lsns.subList(checkpoint, 10);
        assertEquals(rest, read(log, fresh.lsns.get(checkpoint)));
        assertEquals(fresh.lsns, read(log, 0));
      }
    }
  }

  @Test
  void damageBeforeTheCheckpointIsMetByWhoReadsThere() {
    write(10, 5);
    damage(1);
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      assertEquals(lsns.subList(5, 10), read(log, lsns.get(5)));
      assertThrows(CorruptionException.class, () -> read(log, 0));
      assertThrows(CorruptionException.class, () -> read(log, lsns.get(6)));
      assertEquals(lsns.subList(6, 10), read(log.cursorAheadAt(lsns.get(6))));
    }
  }

  @Test
  void damageOfTheCheckpointsBatchOrBehindItRefusesOpening() {
    for (int record = 4; record < 10; record++) {
      CheckpointStartTest fresh = new CheckpointStartTest();
      fresh.write(10, 5);
      fresh.damage(record);
      assertThrows(CorruptionException.class, () -> Logs.open(fresh.disk, Logs.SMALL));
    }
  }
}
