package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.oracle.AriesOracle;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Disk;
import dev.redoubt.kv.StoreOptions;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Sweeps restarts behind an open store. The run works, dies with transactions open, opens again and
 * goes on working while what was open is undone, one step after some operations of the script; so
 * the calls that are crashed are for the most part those of such a restart. After each crash the
 * store, too, is used while it is restarted: it must show a prefix of the commits from the moment
 * on that it is open, take commits on keys of losers, and write no CLR twice.
 *
 * @param name short name
 * @param options of the engine, with restart behind the open store and no threads
 * @param script what the script does; none of its commits may be one that does not wait
 * @param door put before the disk: {@link UnaryOperator#identity}, or a planted mistake
 */
public record RestartWorkload(
    String name, StoreOptions options, ScriptOptions script, UnaryOperator<Disk> door)
    implements Workload<Contents> {
  /** So many a recovery commits while it is under way, with a step of it before each. */
  private static final int TRANSACTIONS = 3;

  /** Of recoveries: the others look at every page at once, and nothing is owed any more. */
  private static final int CHECKPOINTED_ONE_IN = 2;

  /** Of recoveries: reading the whole log at each would take longer than recovery. */
  private static final int WATCHED_ONE_IN = 4;

  public RestartWorkload {
    if (script.asyncPercent() != 0) {
      throw new IllegalArgumentException("after its death a script must know what it committed");
    }
  }

  @Override
  public Contents emptyState() {
    return Contents.empty();
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    Script work = new Script(script, seed, oracle);
    disk.phase("create");
    AriesOracle watched = new AriesOracle(disk);
    StoreSubject first = open(watched, seed);
    disk.phase("work");
    work.run(first, script.steps() / 2);
    first.store().engine().log().forceAll(); // else there may be no loser
    first.abandon();
    work.forgetOpen();
    disk.phase("open");
    StoreSubject second = open(watched, seed + 1);
    second.checkpoint(); // before a page is looked at: all are owed redo
    oracle.observe(second.contents());
    disk.phase("work while restart goes on");
    work.run(second, script.steps() - script.steps() / 2);
    disk.phase("close");
    second.close();
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    Disk watched = disk.fingerprint() % WATCHED_ONE_IN == 0 ? new AriesOracle(disk) : disk;
    StoreSubject subject = open(watched, seed + 2);
    boolean closed = false;
    try {
      if (disk.ordinal() % CHECKPOINTED_ONE_IN == 0) {
        disk.phase("checkpoint with pages owed");
        subject.checkpoint();
      }
      oracle.observe(subject.contents());
      disk.phase("after opening");
      for (int i = 0; i < TRANSACTIONS; i++) {
        subject.idle();
        commit(subject, oracle, (int) Math.floorMod(seed * 7 + 31L * i, (long) script.keys()));
        oracle.observe(subject.contents());
      }
      boolean toTheEnd = oracle.attempted() % 4 != 0;
      if (toTheEnd) {
        subject.verify();
        oracle.observe(subject.contents());
        subject.store().engine().log().forceAll();
        ClrOracle.check(subject.store().engine().log());
      }
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

  /** Any key: if it is a loser's, its undo is waited for. */
  private static void commit(StoreSubject subject, PrefixOracle<Contents> oracle, int key) {
    Subject.Tx tx = subject.begin();
    String value = "after " + oracle.attempted() + " commits";
    tx.put(key, value);
    TreeMap<Integer, String> after = new TreeMap<>(oracle.latest().entries());
    after.put(key, value);
    oracle.attempt(new Contents(after));
    tx.commit(true);
    oracle.acknowledge();
  }

  private StoreSubject open(Disk disk, long seed) {
    return StoreSubject.open(door.apply(disk), SimEnvironment.withoutThreads(seed), options);
  }
}
