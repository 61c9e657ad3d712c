package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.ShortTransfers;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a script on a disk with one fault: what an engine does with it, and what is there
 * afterwards. Confined to one thread.
 */
public final class FaultRun {
  private static final int COMMITS_AFTER_FAILURE = 60;

  private final TransactionWorkload workload;
  private final long seed;
  private final SimDisk disk = SimDisk.create();
  private final PrefixOracle<Contents> oracle = PrefixOracle.startingWith(Contents.empty());
  private final Script script;
  private @Nullable Subject subject;

  /** A run of the workload's script with a seed, on a disk of its own. */
  public FaultRun(TransactionWorkload workload, long seed) {
    this.workload = workload;
    this.seed = seed;
    this.script = new Script(workload.options(), seed, oracle);
  }

  /** The disk, still empty; faults may be injected. */
  public SimDisk disk() {
    return disk;
  }

  /** Opens the engine and runs the whole script. */
  public void runAll() {
    open();
    work(workload.options().steps());
  }

  /** Opens the engine. */
  public void open() {
    subject = workload.factory().open(disk, SimEnvironment.withoutThreads(seed));
  }

  /** Runs a part of the script. */
  public void work(int steps) {
    script.run(opened(), steps);
  }

  /** Changes refused since the disk was full. */
  public long refused() {
    return script.refused();
  }

  /**
   * Runs until a force fails, and checks that the engine takes it for what it is: the call fails
   * with a {@link StorageException}, no commit is acknowledged afterwards, and every crash from
   * here leaves what was acknowledged. So does every crash after the engine was opened again and
   * has worked on the same machine.
   *
   * @return whether the fault struck
   */
  public boolean checkFailedForce(Fault fault) {
    disk.inject(fault);
    boolean failed = false;
    try {
      runAll();
      opened().close();
    } catch (StorageException expected) {
      failed = true;
    }
    if (fault.struck() && !failed) {
      throw new AssertionError("a force failed and nobody was told");
    }
    if (failed && subject != null) {
      checkHalted(opened());
      opened().abandon();
    }
    checkCrashes();
    if (fault.struck()) {
      checkMachineGoesOn();
    }
    return fault.struck();
  }

  /**
   * Opens after the failure on a machine that was never off, whose cache shows what a failed force
   * has thrown away; works until further files are begun; every crash then leaves what was
   * acknowledged.
   */
  private void checkMachineGoesOn() {
    disk.heal();
    Subject again = workload.factory().open(disk, SimEnvironment.withoutThreads(seed + 3));
    oracle.observe(again.shown());
    again.verify();
    int key = workload.options().keys();
    for (int i = 0; i < COMMITS_AFTER_FAILURE; i++) {
      String value = i + "x".repeat(workload.options().valueBytes());
      Subject.Tx tx = again.begin();
      tx.put(key, value);
      oracle.attempt(oracle.latest().with(key, value));
      tx.commit(true);
      oracle.acknowledge();
    }
    again.abandon();
    checkCrashes();
  }

  /**
   * Runs on a disk that moves only a part of what it is asked to, so that every transfer takes
   * several calls: nobody notices, and every crash at the end is survived.
   */
  public void checkShortTransfers() {
    ShortTransfers.shorten(disk);
    runAll();
    checkCrashes();
    checkCleanRestart();
  }

  private static void checkHalted(Subject subject) {
    try {
      Subject.Tx tx = subject.begin();
      tx.put(0, "after the failure");
      tx.commit(true);
    } catch (StorageException | IllegalStateException halted) {
      return;
    }
    throw new AssertionError("a commit was acknowledged after a force had failed (I-9)");
  }

  /**
   * Opens with a fault that fills the disk: that either works or is refused as a full disk. Then
   * every crash is survived, and on the disk, once it is well, the engine opens and works.
   *
   * @return whether the fault struck
   */
  public boolean checkCreationOnFullDisk(Fault fault) {
    disk.inject(fault);
    try {
      open();
      opened().abandon();
    } catch (DiskFullException refusedAsItShouldBe) {
      subject = null;
    }
    checkCrashes();
    disk.heal();
    runAll();
    checkCleanRestart();
    return fault.struck();
  }

  /** What became of a disk that gives wrong pages. */
  public enum WrongPage {
    /** The fault did not strike. */
    NONE,
    /** Everything could be read and was right. */
    RIGHT,
    /** Somebody was told which page is wrong. */
    REPORTED
  }

  /**
   * Opens, runs half of the script, injects a fault that puts or gives wrong bytes, runs the other
   * half, and reads everything: what is read is what was committed, or its reader is told of the
   * damage.
   *
   * @throws AssertionError if wrong bytes were passed on
   */
  public WrongPage checkWrongPage(Fault fault) {
    int half = workload.options().steps() / 2;
    open();
    work(half);
    disk.inject(fault);
    WrongPage result = WrongPage.RIGHT;
    try {
      work(half);
      script.rollbackOpen();
      Contents found = opened().contents();
      if (!found.equals(script.committed())) {
        throw new AssertionError("expected " + script.committed() + ", found " + found);
      }
      verifyOrReport();
    } catch (CorruptionException told) {
      result = WrongPage.REPORTED;
    }
    opened().abandon();
    return fault.struck() ? result : WrongPage.NONE;
  }

  /** Verification reads what nobody else did: a page named there is reported, too. */
  private void verifyOrReport() {
    try {
      opened().verify();
    } catch (AssertionError unsound) {
      String problems = String.valueOf(unsound.getMessage());
      if (!problems.contains("cannot be rebuilt from the log")) {
        throw unsound;
      }
      throw new CorruptionException(problems);
    }
  }

  /** Recovers from each kind of crash here and judges what is there. */
  public void checkCrashes() {
    List<CrashChoice> choices =
        List.of(
            CrashChoice.none(),
            CrashChoice.all(),
            CrashChoice.death(),
            new CrashChoice.Seeded(seed),
            new CrashChoice.Seeded(seed + 1));
    for (CrashChoice choice : choices) {
      try {
        workload.recover(disk.crash(choice), seed, oracle.fork());
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError("after crash " + choice, wrong);
      }
    }
  }

  /** Opens the survivor of a power loss on a disk that is still full, and judges it. */
  public void checkOpensWhileFull() {
    SimDisk full = disk.crash(CrashChoice.none());
    full.limitBytes(full.allocatedBytes());
    Subject survivor = workload.factory().open(full, SimEnvironment.withoutThreads(seed));
    try {
      oracle.fork().observe(survivor.contents());
      survivor.verify();
    } finally {
      survivor.abandon();
    }
  }

  /**
   * Crashes here, and restarts on a disk that gets full: the engine opens and holds what it should,
   * or says that the disk is full. With space it opens in any case, and nothing is lost. May be
   * called again: the run itself is left as it is.
   *
   * @return whether the fault struck
   */
  public boolean checkRestartOnFullDisk(CrashChoice choice, Fault fault) {
    SimDisk full = disk.crash(choice);
    PrefixOracle<Contents> afterwards = oracle.fork();
    full.inject(fault);
    try {
      Subject survivor = workload.factory().open(full, SimEnvironment.withoutThreads(seed));
      try {
        afterwards.observe(survivor.contents());
        survivor.verify();
      } finally {
        survivor.abandon();
      }
    } catch (DiskFullException refusedAsItShouldBe) {
      if (!fault.struck()) {
        throw new AssertionError("the disk was not full", refusedAsItShouldBe);
      }
    }
    full.heal();
    for (CrashChoice again : List.of(CrashChoice.none(), CrashChoice.death())) {
      workload.recover(full.crash(again), seed, afterwards.fork());
    }
    return fault.struck();
  }

  /** Closes, opens again, and expects exactly what was committed. */
  public void checkCleanRestart() {
    opened().close();
    script.forgetOpen();
    subject = workload.factory().open(disk, SimEnvironment.withoutThreads(seed));
    Contents found = opened().contents();
    if (!found.equals(script.committed())) {
      throw new AssertionError("expected " + script.committed() + ", found " + found);
    }
    opened().verify();
    opened().close();
  }

  private Subject opened() {
    Subject open = subject;
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }
}
