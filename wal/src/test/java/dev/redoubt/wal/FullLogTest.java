package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.MemoryDisk;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * The disk is full at every call of a run that takes space, in turn: once, and until space is
 * freed. Whoever asked is told; what was admitted goes on; nothing has to be reopened.
 */
final class FullLogTest {
  private static final int STEPS = 80;

  /** Where a full disk shows. */
  private enum Space {
    /** Creations, and writes that make a file longer. */
    BYTES,
    /** Entries of the directory; of what takes and gives names, and of making them durable. */
    NAMES,
    /** Forces of files that are being made: a file system that allocates late. */
    LATE;

    boolean isTakenBy(MemoryDisk disk, MemoryDisk.Call call) {
      return switch (this) {
        case BYTES ->
            call.kind().equals("create")
                || (call.kind().equals("write")
                    && call.position() >= disk.bytes(call.file()).length);
        case NAMES -> call.kind().equals("rename") || call.kind().equals("forceDirectory");
        case LATE -> call.kind().equals("force") && isBeingMade(call.file());
      };
    }
  }

  private static boolean isBeingMade(String file) {
    return LogLayout.spareNumber(file) >= 0
        || SlotLayout.isTemporary(file)
        || file.equals(LogLayout.MASTER_TEMPORARY);
  }

  /** Says that the disk is full, from a call on: once, or until space is freed. */
  private static final class Filling {
    final Predicate<MemoryDisk.Call> takesSpace;
    final int position;
    final boolean forEver;
    int seen;

    Filling(Predicate<MemoryDisk.Call> takesSpace, int position, boolean forEver) {
      this.takesSpace = takesSpace;
      this.position = position;
      this.forEver = forEver;
    }

    boolean struck() {
      return seen >= position;
    }

    void on(MemoryDisk.Call call) {
      if (takesSpace.test(call)) {
        seen++;
        if (seen == position || (forEver && struck())) {
          throw new DiskFullException("ENOSPC at " + call);
        }
      }
    }
  }

  /**
   * Runs something at every position until the disk is never full any more; how many there were.
   */
  private interface Attempt {
    boolean at(Space space, int position, boolean forEver);
  }

  private static int everywhere(Space[] spaces, Attempt attempt) {
    int tried = 0;
    for (Space space : spaces) {
      for (boolean forEver : new boolean[] {false, true}) {
        for (int position = 1; true; position++) {
          try {
            if (!attempt.at(space, position, forEver)) {
              break;
            }
          } catch (RuntimeException | AssertionError e) {
            String how = forEver ? " until freed" : " once";
            throw new AssertionError(space + " full at " + position + how, e);
          }
          tried++;
        }
      }
    }
    return tried;
  }

  @Test
  void whoeverAsksIsToldAndAllElseGoesOn() {
    int tried = everywhere(Space.values(), FullLogTest::fillARun);
    System.out.println("full disks in a run: " + tried);
    assertTrue(tried > 100, "tried " + tried);
  }

  private static boolean fillARun(Space space, int position, boolean forEver) {
    MemoryDisk disk = new MemoryDisk();
    LogRun run = new LogRun(5, true);
    Filling filling = new Filling(call -> space.isTakenBy(disk, call), position, forEver);
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      disk.onCall(
          call -> {
            try {
              filling.on(call);
            } catch (DiskFullException e) {
              // A reservation is of bytes: the directory may still have no room for a name.
              assertTrue(space != Space.BYTES || run.doing != LogRun.Doing.ADMITTED, e.toString());
              run.struckWhile(run.doing);
              throw e;
            }
          });
      run.work(log, STEPS);
      assertFalse(log.gate().isHalted());
      if (!filling.struck()) {
        return false;
      }
      opensWhileFull(disk.processDeath(), run, space);
      disk.onCall(_ -> {});
      int refused = run.refused;
      run.work(log, STEPS / 2);
      assertEquals(refused, run.refused, "freeing space is enough");
      run.check(log);
    }
    MemoryDisk[] found = {
      disk.processDeath(), disk.powerCutLosingAll(), disk.powerCut(new SplittableRandom(position))
    };
    for (MemoryDisk survivor : found) {
      try (Log log = Logs.open(survivor, Logs.SMALL)) {
        run.check(log);
      }
    }
    return true;
  }

  /** It opens; or says that the disk is full, and opens, or starts, once space is freed. */
  private static void opensWhileFull(MemoryDisk disk, LogRun run, Space space) {
    Filling filling = new Filling(call -> space.isTakenBy(disk, call), 1, true);
    disk.onCall(filling::on);
    try {
      Logs.open(disk, Logs.SMALL).close();
    } catch (DiskFullException e) {
      assertEquals(Space.NAMES, space, "reading takes no bytes");
      disk.onCall(_ -> {});
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      run.check(log);
      disk.onCall(filling::on);
      try {
        log.startAppending();
      } catch (DiskFullException e) {
        disk.onCall(_ -> {});
        log.startAppending();
      }
      disk.onCall(_ -> {});
      log.force(Logs.append(log, "goes on"));
    }
  }

  @Test
  void aCreationThatFailsIsClearedByTheNext() {
    int tried = everywhere(Space.values(), FullLogTest::fillACreation);
    System.out.println("full disks in a creation: " + tried);
    assertTrue(tried > 10, "tried " + tried);
  }

  private static boolean fillACreation(Space space, int position, boolean forEver) {
    MemoryDisk disk = new MemoryDisk();
    Filling filling = new Filling(call -> space.isTakenBy(disk, call), position, forEver);
    disk.onCall(filling::on);
    try {
      Logs.create(disk, Logs.SMALL).close();
      assertFalse(filling.struck());
      return false;
    } catch (DiskFullException e) {
      disk.onCall(_ -> {});
    }
    MemoryDisk crashed = disk.powerCutLosingAll();
    if (Log.exists(crashed)) { // its name was durable when the disk was full: it is whole
      assertAppends(Logs.open(crashed, Logs.SMALL));
    } else {
      assertAppends(Logs.create(crashed, Logs.SMALL));
    }
    assertAppends(Logs.create(disk, Logs.SMALL));
    return true;
  }

  private static void assertAppends(Log empty) {
    try (Log log = empty) {
      log.startAppending();
      log.force(Logs.append(log, "first"));
      assertEquals("[first]", Logs.texts(log).toString());
    }
  }

  @Test
  void aDiskThatLiesAboutAdmittedBytesHaltsTheLog() {
    int tried =
        FailedForceTest.failAtEach(
            call ->
                FailedForceTest.isAdmittedWrite(call)
                    || (call.kind().equals("force") && LogLayout.segmentIndex(call.file()) >= 0),
            () -> {
              throw new DiskFullException("EIO");
            });
    System.out.println("full disks in admitted writes and forces: " + tried);
    assertTrue(tried > 100, "tried " + tried);
  }
}
