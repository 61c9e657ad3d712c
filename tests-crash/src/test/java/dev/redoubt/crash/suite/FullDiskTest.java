package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.work.CrowdRun;
import dev.redoubt.crash.work.FaultRun;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.kv.StoreOptions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults in a restart, and faults under several threads. */
class FullDiskTest {
  private static final List<IoKind> TAKING_SPACE = List.of(IoKind.WRITE, IoKind.CREATE);

  @Test
  void restartOnAFullDiskOpensOrSaysSoAndLosesNothing() {
    FaultRun run = new FaultRun(StoreSweepTest.store(160, 300, 400), Budget.seed());
    run.open();
    int tried = 0;
    for (int part = 0; part < 8; part++) {
      run.work(20);
      for (CrashChoice choice : List.of(CrashChoice.none(), CrashChoice.death())) {
        for (IoKind kind : TAKING_SPACE) {
          tried += restarts(run, choice, kind, false) + restarts(run, choice, kind, true);
        }
      }
    }
    System.out.println("restarts on a full disk: " + tried);
    assertTrue(tried > 4, "tried " + tried);
  }

  private static int restarts(FaultRun run, CrashChoice choice, IoKind kind, boolean forEver) {
    int nth = 0;
    try {
      while (run.checkRestartOnFullDisk(
          choice, FaultTest.fault(kind, nth, forEver, Fault.Action.ENOSPC))) {
        nth++;
      }
    } catch (RuntimeException | AssertionError wrong) {
      throw new AssertionError(choice + ", full at " + kind + " " + nth + " " + forEver, wrong);
    }
    return nth;
  }

  private static Subject.Factory manyThreads() {
    StoreOptions options =
        StoreOptions.defaults()
            .withEngine(MemorySubject.tiny().withFrames(64).withBackground(true));
    return StoreSubject.factory(options);
  }

  @Test
  void failedForcesUnderFourThreads() throws InterruptedException {
    failedForces(17);
  }

  @Test
  @Tag("slow")
  void failedForcesUnderFourThreadsOneByOne() throws InterruptedException {
    failedForces(1);
  }

  private static void failedForces(int stride) throws InterruptedException {
    int tried = 0;
    long told = 0;
    for (boolean forEver : new boolean[] {false, true}) {
      boolean struck = true;
      for (long nth = 0; struck; nth += stride) {
        CrowdRun run = new CrowdRun(manyThreads());
        struck =
            run.checkFailedForce(FaultTest.fault(IoKind.FORCE, nth, forEver, Fault.Action.EIO));
        tried += struck ? 1 : 0;
        told += run.halted();
      }
    }
    System.out.println("failed forces under four threads: " + tried + "; threads told: " + told);
    assertTrue(tried > 2, "tried " + tried);
  }

  @Test
  void fullDisksUnderFourThreads() throws InterruptedException {
    fullDisks(7);
  }

  @Test
  @Tag("slow")
  void fullDisksUnderFourThreadsOneByOne() throws InterruptedException {
    fullDisks(1);
  }

  private static void fullDisks(int stride) throws InterruptedException {
    int tried = 0;
    long refused = 0;
    for (IoKind kind : TAKING_SPACE) {
      for (boolean forEver : new boolean[] {false, true}) {
        boolean struck = true;
        for (long nth = 0; struck; nth += stride) {
          CrowdRun run = new CrowdRun(manyThreads());
          struck = run.checkFullDisk(FaultTest.fault(kind, nth, forEver, Fault.Action.ENOSPC));
          tried += struck ? 1 : 0;
          refused += run.refused();
        }
      }
    }
    System.out.println("full disks under four threads: " + tried + "; refused: " + refused);
    assertTrue(tried > 2, "tried " + tried);
  }
}
