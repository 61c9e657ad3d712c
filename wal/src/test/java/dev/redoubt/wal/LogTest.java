package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StoreLockedException;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogTest {
  @TempDir Path directory;

  @Test
  void recordsComeBackAfterReopening() {
    MemoryDisk disk = new MemoryDisk();
    TreeMap<Long, String> written = new TreeMap<>();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      for (int i = 0; i < 200; i++) {
        String text = Logs.text(i, 1 + i * 37 % 3000);
        written.put(Logs.append(log, text), text);
        if (i % 7 == 0) {
          log.force(written.lastKey());
        }
      }
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      assertEquals(written, Logs.records(log));
      assertArrayEquals(new byte[] {1, 2, 3}, log.attributes());
    }
  }

  @Test
  void aRealDirectoryWithDefaultOptionsKeepsRecords() {
    long lsn;
    try (RealDisk disk = RealDisk.create(directory.resolve("a/b"))) {
      try (Log log = Logs.create(disk, LogOptions.defaults())) {
        lsn = Logs.append(log, "hello");
        log.force(lsn);
        assertTrue(log.durableEndLsn() > lsn);
        assertThrows(StoreLockedException.class, () -> Logs.open(disk, LogOptions.defaults()));
      }
      try (Log log = Logs.open(disk, LogOptions.defaults())) {
        assertEquals("hello", Logs.text(log.read(lsn)));
        log.startAppending();
        long next = Logs.append(log, "world");
        assertEquals("world", Logs.text(log.read(next)));
        log.force(next);
        assertEquals("world", Logs.text(log.read(next)));
        assertEquals(2, Logs.records(log).size());
      }
    }
  }

  @Test
  void unforcedRecordsAreGoneAfterAPowerCutAndForcedOnesAreThere() {
    MemoryDisk disk = new MemoryDisk();
    Log log = Logs.create(disk, Logs.SMALL);
    long kept = Logs.append(log, "kept");
    log.force(kept);
    Logs.append(log, "lost");
    MemoryDisk after = disk.powerCutLosingAll();
    try (Log again = Logs.open(after, Logs.SMALL)) {
      assertEquals("{" + kept + "=kept}", Logs.records(again).toString());
    }
    log.close();
  }

  @Test
  void readsOnlyWhereARecordBegins() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      long first = Logs.append(log, "first");
      long second = Logs.append(log, "second");
      assertThrows(CorruptionException.class, () -> log.read(first + 1));
      log.force(second);
      assertEquals("first", Logs.text(log.read(first)));
      assertThrows(CorruptionException.class, () -> log.read(first + 1));
      assertThrows(IllegalArgumentException.class, () -> log.read(log.endLsn()));
      assertThrows(IllegalArgumentException.class, () -> log.read(0));
      assertThrows(IllegalArgumentException.class, () -> log.force(log.endLsn()));
    }
  }

  @Test
  void truncationRecyclesWhatTheMasterRecordAndTheHoldersLetGo() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      long last = 0;
      for (int i = 0; i < 60; i++) {
        last = Logs.append(log, Logs.text(i, 2000));
        log.force(last);
      }
      LogHolder holder = log.hold("backup", Logs.SMALL.segmentBytes() + 5000);
      log.writeMaster(last, last, false);
      log.truncate();
      assertEquals(Logs.SMALL.segmentBytes(), log.startLsn());
      holder.close();
      log.truncate();
      assertEquals(last / Logs.SMALL.segmentBytes(), log.startLsn() / Logs.SMALL.segmentBytes());
      assertTrue(log.stats().spareSegments() > 0);
      assertThrows(IllegalArgumentException.class, () -> log.cursor(4096));
      assertEquals(Logs.text(59, 2000), Logs.text(log.read(last)));
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      assertEquals(Logs.text(59, 2000), Logs.records(log).lastEntry().getValue());
      log.startAppending();
      for (int i = 0; i < 60; i++) {
        log.force(Logs.append(log, Logs.text(i, 2000)));
      }
    }
  }

  @Test
  void openingWhatIsNoStoreSaysSo() {
    MemoryDisk disk = new MemoryDisk();
    assertFalse(Log.exists(disk));
    assertThrows(NotAStoreException.class, () -> Logs.open(disk, Logs.SMALL));
    assertTrue(disk.list().isEmpty());
    assertThrows(NotAStoreException.class, () -> RealDisk.open(directory.resolve("nowhere")));
  }

  @Test
  void anInspectionWritesNothing() {
    MemoryDisk disk = new MemoryDisk();
    long lsn;
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      lsn = Logs.append(log, "seen");
    }
    int calls = disk.calls();
    try (Log log = Log.openReadOnly(disk, Environment.system(), Logs.SMALL)) {
      assertEquals("seen", Logs.text(log.read(lsn)));
      assertThrows(IllegalStateException.class, log::startAppending);
      assertThrows(IllegalStateException.class, () -> Logs.append(log, "x"));
      assertThrows(IllegalStateException.class, () -> log.disk().delete("master"));
    }
    assertEquals(calls, disk.calls());
  }
}
