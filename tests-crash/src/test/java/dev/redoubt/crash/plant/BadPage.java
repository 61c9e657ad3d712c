package dev.redoubt.crash.plant;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import dev.redoubt.recovery.RestartMode;
import java.nio.ByteBuffer;

/**
 * An older version of a page comes back whose log is gone: the engine opens, the rest works, and
 * the page is refused, after any number of checkpoints and restarts (rule 18).
 */
final class BadPage {
  private static final int CELLS = 40;
  private static final int PAGE = 4096;
  private static final int TYPE_AT = 4;
  private static final int MEMORY_DATA = 3;

  private final long seed;
  private SimDisk disk = SimDisk.create();
  private Subject subject;

  private BadPage(long seed) {
    this.seed = seed;
    this.subject = open();
  }

  static void check(long seed) {
    new BadPage(seed).check();
  }

  private Subject open() {
    return MemorySubject.factory(
            MemorySubject.tiny().withDoubleWrite(false).withRestart(RestartMode.FULL), CELLS)
        .open(disk, SimEnvironment.withoutThreads(seed));
  }

  private void check() {
    putAll("old");
    forgetLog();
    long page = lastDataPage();
    byte[] old = disk.readDurable("pages", page * PAGE, PAGE);
    putAll("new");
    forgetLog();
    put(CELLS - 1, "newest");
    crash();
    try (DiskFile pages = disk.open("pages", Access.WRITE, Caching.BUFFERED)) {
      pages.write(ByteBuffer.wrap(old), page * PAGE);
      pages.force();
    }
    for (int restart = 0; restart < 3; restart++) {
      subject = open();
      expectRefusal(restart);
      forgetLog();
      crash();
    }
  }

  private void expectRefusal(int restart) {
    try {
      subject.contents();
    } catch (CorruptionException refused) {
      return;
    }
    throw new AssertionError("a page that lacks changes is shown after restart " + restart);
  }

  private void crash() {
    subject.abandon();
    disk = disk.crash(CrashChoice.none());
  }

  private void putAll(String value) {
    for (int key = 0; key < CELLS; key++) {
      put(key, value);
    }
  }

  private void put(int key, String value) {
    Subject.Tx tx = subject.begin();
    tx.put(key, value);
    tx.commit(true);
  }

  /** Every page that can go home does, and the log moves on by some segments. */
  private void forgetLog() {
    for (int i = 0; i < 300; i++) {
      put(0, "v" + i + "x".repeat(600));
      subject.idle();
    }
    subject.checkpoint();
    subject.checkpoint();
  }

  private long lastDataPage() {
    long last = -1;
    for (long page = 0; true; page++) {
      byte[] header = disk.readDurable("pages", page * PAGE, PAGE);
      if (header.length < PAGE) {
        return last;
      }
      last = header[TYPE_AT] == MEMORY_DATA ? page : last;
    }
  }
}
