package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.work.FaultRun;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.TransactionWorkload;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every force of a run fails in turn; the disk is full at every write of a run in turn. */
class FaultTest {
  /** Between the positions tried in every build, where the slow suite tries all. */
  private static final int SOME = 7;

  /** What is put to the test. */
  enum Engine {
    MEMORY,
    STORE;

    TransactionWorkload workload() {
      return switch (this) {
        case MEMORY ->
            new TransactionWorkload(
                "memory",
                MemorySubject.factory(MemorySubject.tiny(), 161),
                new ScriptOptions(160, 160, 3, 600, 0, 20),
                UnaryOperator.identity());
        case STORE -> StoreSweepTest.store(160, 300, 400);
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void failedForceHaltsAndLosesNothingAcknowledged(Engine engine) {
    int tried = failEach(engine, IoKind.FORCE, false, Fault.Action.EIO, 1);
    assertTrue(tried > 50, "forces of the run: " + tried);
    failEach(engine, IoKind.FORCE, true, Fault.Action.EIO, SOME);
    failEach(engine, IoKind.FORCE, false, Fault.Action.EIO_KEEPING, SOME);
    tried = failEach(engine, IoKind.FORCE_DIRECTORY, false, Fault.Action.EIO, 1);
    assertTrue(tried > 5, "forces of the directory in the run: " + tried);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Tag("slow")
  void forceThatFailsForEverHaltsAndLosesNothingAcknowledged(Engine engine) {
    failEach(engine, IoKind.FORCE, true, Fault.Action.EIO, 1);
    failEach(engine, IoKind.FORCE, false, Fault.Action.EIO_KEEPING, 1);
    int tried = failEach(engine, IoKind.FORCE_DIRECTORY, true, Fault.Action.EIO, 1);
    assertTrue(tried > 5, "forces of the directory in the run: " + tried);
  }

  private static int failEach(
      Engine engine, IoKind kind, boolean forEver, Fault.Action action, int stride) {
    int tried = 0;
    for (int nth = 0; true; nth += stride, tried++) {
      try {
        FaultRun run = new FaultRun(engine.workload(), Budget.seed());
        if (!run.checkFailedForce(fault(kind, nth, forEver, action))) {
          break;
        }
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError(action + " at " + kind + " " + nth + how(forEver), wrong);
      }
    }
    System.out.println(engine + ": " + action + how(forEver) + " at " + tried + " calls: " + kind);
    return tried;
  }

  private static String how(boolean forEver) {
    return forEver ? " for ever" : " once";
  }

  /** A fault at a call of a kind, whatever the file. */
  static Fault fault(IoKind kind, long nth, boolean forEver, Fault.Action action) {
    return forEver ? Fault.forEver(kind, "", nth, action) : Fault.once(kind, "", nth, action);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void shortTransfersChangeNothing(Engine engine) {
    new FaultRun(engine.workload(), Budget.seed()).checkShortTransfers();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void fullDiskRefusesChangesAndNothingElse(Engine engine) {
    fillAtEach(engine, IoKind.WRITE, false);
    fillAtEach(engine, IoKind.WRITE, true);
    fillAtEach(engine, IoKind.CREATE, false);
    fillAtEach(engine, IoKind.CREATE, true);
  }

  private static void fillAtEach(Engine engine, IoKind kind, boolean forEver) {
    int tried = 0;
    long refused = 0;
    boolean struck = true;
    for (int nth = 0; struck; nth++) {
      FaultRun run = new FaultRun(engine.workload(), Budget.seed());
      run.open();
      Fault fault = fault(kind, nth, forEver, Fault.Action.ENOSPC);
      run.disk().inject(fault);
      try {
        run.work(engine.workload().options().steps() / 2);
        struck = fault.struck();
        run.checkCrashes();
        run.checkOpensWhileFull();
        run.disk().heal();
        long before = run.refused();
        run.work(engine.workload().options().steps() / 2);
        assertEquals(before, run.refused(), "freeing space is enough");
        run.checkCleanRestart();
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError("disk full from " + kind + " " + nth + how(forEver), wrong);
      }
      tried += struck ? 1 : 0;
      refused += run.refused();
    }
    System.out.println(
        engine
            + ": disk full"
            + how(forEver)
            + " at each of "
            + tried
            + " calls: "
            + kind
            + "; refused "
            + refused
            + " changes");
    assertTrue(tried > 0);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void storeIsNotMadeOnAFullDiskAndIsMadeLater(Engine engine) {
    int tried = 0;
    boolean struck = true;
    for (int nth = 0; struck; nth++, tried++) {
      FaultRun run = new FaultRun(engine.workload(), Budget.seed());
      try {
        struck =
            run.checkCreationOnFullDisk(Fault.forEver(IoKind.WRITE, "", nth, Fault.Action.ENOSPC));
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError("disk full from write " + nth + " of the creation", wrong);
      }
    }
    System.out.println(engine + ": created on a disk full at each of " + tried + " writes");
  }
}
