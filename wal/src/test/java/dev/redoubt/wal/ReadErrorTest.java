package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An I/O error while reading is never an end of the log, at whichever read it strikes. */
final class ReadErrorTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final TreeMap<Long, String> written = new TreeMap<>();

  /** What reads. */
  private interface Reading {
    void run(MemoryDisk disk);
  }

  private void write() {
    Log log = Logs.create(disk, Logs.SMALL);
    for (int i = 0; log.endLsn() < 2L * Logs.SMALL.segmentBytes() + 10_000; i++) {
      String text = Logs.text(i, 900);
      written.put(Logs.append(log, text), text);
      log.force(written.lastKey());
    }
    log.abandon();
  }

  private int failAtEveryRead(boolean looksAgain, Reading reading) {
    MemoryDisk healthy = disk.processDeath();
    int[] reads = new int[1];
    healthy.onCall(call -> reads[0] += call.kind().equals("read") ? 1 : 0);
    reading.run(healthy);
    assertTrue(reads[0] > 0);
    for (int position = 1; position <= reads[0]; position++) {
      for (boolean forEver : new boolean[] {false, true}) {
        MemoryDisk broken = disk.processDeath();
        int failing = position;
        int[] seen = new int[1];
        broken.onCall(
            call -> {
              if (call.kind().equals("read")) {
                seen[0]++;
                if (seen[0] == failing || (forEver && seen[0] > failing)) {
                  throw new StorageIoException("EIO");
                }
              }
            });
        if (looksAgain && !forEver) {
          wholeOrIoError(reading, broken);
        } else {
          assertThrows(StorageIoException.class, () -> reading.run(broken), "read " + failing);
        }
        broken.onCall(call -> {});
        try (Log log = Logs.open(broken.processDeath(), Logs.SMALL)) {
          assertEquals(written, Logs.records(log), "nothing was changed");
        }
      }
    }
    return 2 * reads[0];
  }

  /**
   * An inspection looks again, since a live writer may have recycled what it read: it finds the
   * whole log then, as {@code reading} asserts, or fails. It never finds a shorter one.
   */
  private static void wholeOrIoError(Reading reading, MemoryDisk broken) {
    try {
      reading.run(broken);
    } catch (StorageIoException e) {
      assertEquals("EIO", e.getMessage());
    }
  }

  @Test
  void everyReadOfOpeningInspectingReadingAndStartingFailsAsAnError() {
    write();
    int tried =
        failAtEveryRead(
            false,
            broken -> {
              try (Log log = Logs.open(broken, Logs.SMALL)) {
                assertEquals(written, Logs.records(log));
              }
            });
    tried +=
        failAtEveryRead(
            true,
            broken -> {
              try (Log log = Log.openReadOnly(broken, Environment.system(), Logs.SMALL)) {
                assertEquals(written, Logs.records(log));
              }
            });
    tried +=
        failAtEveryRead(
            false,
            broken -> {
              try (Log log = Logs.open(broken, Logs.SMALL)) {
                log.startAppending();
                written.forEach((lsn, text) -> assertEquals(text, Logs.text(log.read(lsn))));
              }
            });
    System.out.println("read errors tried: " + tried);
  }
}
