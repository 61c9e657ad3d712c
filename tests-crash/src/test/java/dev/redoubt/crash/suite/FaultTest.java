package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.work.FaultRun;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.TransactionWorkload;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every force of a run fails in turn; the disk is full at every write of a run in turn. */
class FaultTest {
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
    for (Fault.Action action : new Fault.Action[] {Fault.Action.EIO, Fault.Action.EIO_KEEPING}) {
      int tried = 0;
      boolean struck = true;
      for (int nth = 0; struck; nth++, tried++) {
        try {
          FaultRun run = new FaultRun(engine.workload(), Budget.seed());
          struck = run.checkFailedForce(Fault.once(IoKind.FORCE, "", nth, action));
        } catch (RuntimeException | AssertionError wrong) {
          throw new AssertionError(action + " at force " + nth, wrong);
        }
      }
      System.out.println(engine + ": " + action + " at each of " + tried + " forces");
      assertTrue(tried > 50, "forces of the run: " + tried);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void fullDiskRefusesChangesAndNothingElse(Engine engine) {
    int tried = 0;
    long refused = 0;
    boolean struck = true;
    for (int nth = 0; struck; nth++, tried++) {
      FaultRun run = new FaultRun(engine.workload(), Budget.seed());
      run.open();
      Fault fault = Fault.forEver(IoKind.WRITE, "", nth, Fault.Action.ENOSPC);
      run.disk().inject(fault);
      try {
        run.work(engine.workload().options().steps() / 2);
        struck = fault.struck();
        run.checkCrashes();
        run.checkOpensWhileFull();
        run.disk().heal();
        run.work(engine.workload().options().steps() / 2);
        run.checkCleanRestart();
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError("disk full from write " + nth, wrong);
      }
      refused += run.refused();
    }
    System.out.println(
        engine + ": disk full at each of " + tried + " writes; refused " + refused + " changes");
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
