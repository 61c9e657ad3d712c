package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A failure at every call of a run that must not fail, for a single caller. */
final class FailedForceTest {
  private static final int STEPS = 90;

  /** Fails one of the calls that {@code matching} picks, or it and all after it. */
  static final class Failing {
    private final Predicate<MemoryDisk.Call> matching;
    private final int position;
    private final boolean forEver;
    private final Runnable failure;
    private int seen;
    private int callsAfter;

    Failing(Predicate<MemoryDisk.Call> matching, int position, boolean forEver, Runnable failure) {
      this.matching = matching;
      this.position = position;
      this.forEver = forEver;
      this.failure = failure;
    }

    boolean struck() {
      return seen >= position;
    }

    void on(MemoryDisk.Call call) {
      if (call.kind().equals("read")) {
        return;
      }
      if (struck()) {
        callsAfter++;
        if (forEver) {
          failure.run();
        }
      } else if (matching.test(call) && ++seen == position) {
        failure.run();
      }
    }
  }

  private static void io() {
    throw new StorageIoException("EIO");
  }

  private static boolean isForce(MemoryDisk.Call call) {
    return call.kind().startsWith("force");
  }

  /** A write of records: no other write of a segment comes from the leader or goes elsewhere. */
  static boolean isAdmittedWrite(MemoryDisk.Call call) {
    return call.kind().equals("write")
        && (LogLayout.segmentIndex(call.file()) >= 0 || call.file().equals(LogLayout.MASTER_FILE));
  }

  @Test
  void aFailedForceHaltsOnceAndForEver() {
    int tried = failAtEach(FailedForceTest::isForce, FailedForceTest::io);
    System.out.println("failed forces, single caller: " + tried);
    assertTrue(tried > 100, "tried " + tried);
  }

  @Test
  void aFailedWriteOfAdmittedBytesHaltsOnceAndForEver() {
    int tried = failAtEach(FailedForceTest::isAdmittedWrite, FailedForceTest::io);
    System.out.println("failed writes, single caller: " + tried);
    assertTrue(tried > 100, "tried " + tried);
  }

  static int failAtEach(Predicate<MemoryDisk.Call> matching, Runnable failure) {
    int tried = 0;
    for (int position = 1; true; position++) {
      for (boolean forEver : new boolean[] {false, true}) {
        try {
          if (!fail(new Failing(matching, position, forEver, failure), position)) {
            return tried;
          }
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("call " + position + (forEver ? " for ever" : " once"), e);
        }
        tried++;
      }
    }
  }

  /** Whether the failure came. */
  private static boolean fail(Failing failing, int seed) {
    MemoryDisk disk = new MemoryDisk();
    LogRun run = new LogRun(3, false);
    Log log = Logs.create(disk, Logs.SMALL);
    disk.onCall(failing::on);
    boolean told = false;
    try {
      run.work(log, STEPS);
    } catch (StorageException e) {
      told = true;
      assertTrue(e instanceof EngineHaltedException || "EIO".equals(e.getMessage()), e.toString());
    }
    assertEquals(failing.struck(), told, "whoever needed it is told");
    if (!told) {
      log.close();
      return failing.struck();
    }
    run.checkHalted(log);
    log.close();
    assertEquals(0, failing.callsAfter, "nothing is written, forced or renamed after a failure");
    SplittableRandom chance = new SplittableRandom(seed);
    MemoryDisk[] found = {disk.processDeath(), disk.powerCutLosingAll(), disk.powerCut(chance)};
    for (MemoryDisk survivor : found) {
      try (Log again = Logs.open(survivor, Logs.SMALL)) {
        run.check(again);
        again.startAppending();
        again.force(Logs.append(again, "goes on"));
      }
    }
    return true;
  }
}
