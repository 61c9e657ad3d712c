package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.oracle.AriesOracle;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Disk;
import java.util.function.UnaryOperator;

/**
 * Sweeps a transactional engine with a seeded script: created, used, closed, opened again, used,
 * closed. After each crash the store must hold the state after a prefix of the commits, be sound,
 * and take another commit.
 *
 * @param name short name
 * @param factory opens the engine
 * @param options what the script does
 * @param door put before the disk: {@link UnaryOperator#identity}, or a planted mistake
 */
public record TransactionWorkload(
    String name, Subject.Factory factory, ScriptOptions options, UnaryOperator<Disk> door)
    implements Workload<Contents> {
  /** Of recoveries: reading the whole log at each would take longer than recovery. */
  private static final int WATCHED_ONE_IN = 4;

  /** Reading the log takes as long as everything else of a recovery. */
  private static final int CLRS_CHECKED_ONE_IN = 3;

  @Override
  public Contents emptyState() {
    return Contents.empty();
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    Script script = new Script(options, seed, oracle);
    disk.phase("create");
    Disk watched = door.apply(new AriesOracle(disk));
    Subject first = factory.open(watched, SimEnvironment.withoutThreads(seed));
    disk.phase("work");
    script.run(first, options.steps() / 2);
    disk.phase("close");
    first.close();
    script.forgetOpen();
    disk.phase("open");
    Subject second = factory.open(watched, SimEnvironment.withoutThreads(seed + 1));
    disk.phase("work again");
    script.run(second, options.steps() - options.steps() / 2);
    disk.phase("close again");
    second.close();
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    Disk watched = disk.fingerprint() % WATCHED_ONE_IN == 0 ? new AriesOracle(disk) : disk;
    Subject subject = factory.open(door.apply(watched), SimEnvironment.withoutThreads(seed + 2));
    boolean closed = false;
    try {
      oracle.observe(subject.shown());
      subject.verify();
      if (disk.ordinal() % CLRS_CHECKED_ONE_IN == 0) {
        subject.checkClrs();
      }
      disk.phase("decision");
      decide(subject, oracle);
      disk.phase("after recovery");
      Subject.Tx tx = subject.begin();
      String value = "after " + oracle.attempted() + " commits";
      tx.put(options.keys(), value);
      oracle.attempt(oracle.latest().with(options.keys(), value));
      tx.commit(true);
      oracle.acknowledge();
      if (oracle.attempted() % 2 == 0) {
        closed = true;
        subject.close();
      }
    } finally {
      if (!closed) {
        subject.abandon();
      }
    }
  }

  /** The coordinator's word on those in doubt, but for one of them, who waits on. */
  private static void decide(Subject subject, PrefixOracle<Contents> oracle) {
    for (String name : oracle.latest().inDoubt().keySet()) {
      int word = (name.hashCode() + oracle.attempted()) % 3;
      if (word != 0) {
        oracle.attempt(oracle.latest().decided(name, word == 1));
        subject.decide(name, word == 1);
        oracle.acknowledge();
        oracle.observe(subject.shown());
      }
    }
  }
}
