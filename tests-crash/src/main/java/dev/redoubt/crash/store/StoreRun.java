package dev.redoubt.crash.store;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.Crew;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Isolation;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.VerifyReport;
import dev.redoubt.recovery.RecoveryListener;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A workload on our store, in this process, on a simulated disk: many threads, and crashes at any
 * call to the disk, after each of which the store is opened again and the clients go on in the same
 * history. One object is one run; confined to one thread, which waits for the clients.
 */
public final class StoreRun {
  private static final int FINAL_READS = 5;

  /**
   * What to run.
   *
   * @param workload its name
   * @param store options of the store
   * @param clients how many, a thread each
   * @param steps transactions of each client between two crashes
   * @param crashes how often
   * @param seed decides what clients do and where crashes are; threads interleave as they like
   */
  public record Plan(
      String workload, StoreOptions store, int clients, int steps, int crashes, long seed) {
    /** What the store must keep. */
    public Consistency promised() {
      return store.transaction().isolation() == Isolation.SERIALIZABLE
          ? Consistency.STRICT_SERIALIZABLE
          : Consistency.STRONG_SNAPSHOT;
    }
  }

  private final Plan plan;
  private final BiFunction<Store, StoreOptions, Client> clients;
  private final Environment environment;
  private final ThreadFactory threads;
  private final Workload workload;
  private final Recorder recorder;
  private final SplittableRandom random;
  private SimDisk disk = SimDisk.create();

  /** A run with clients as they are, on real threads. */
  public StoreRun(Plan plan) {
    this(
        plan,
        Workloads.of(plan.workload()),
        (store, options) -> new StoreClient(store, options.transaction()),
        Environment.system(),
        Thread.ofPlatform().daemon().factory());
  }

  /**
   * A run of another workload, or in other surroundings.
   *
   * @param workload one that has not been used before
   * @param clients makes a client of an open store, for one thread
   */
  public StoreRun(
      Plan plan,
      Workload workload,
      BiFunction<Store, StoreOptions, Client> clients,
      Environment environment,
      ThreadFactory threads) {
    this.plan = plan;
    this.clients = clients;
    this.environment = environment;
    this.threads = threads;
    this.workload = workload;
    this.recorder = new Recorder(environment::nanoTime);
    this.random = new SplittableRandom(plan.seed());
  }

  /**
   * Runs it to its end.
   *
   * @return what happened, with a read of every key at the end
   * @throws AssertionError if a client met what it should not, or the store is not sound at the end
   */
  public History run() throws InterruptedException {
    Crew crew = new Crew(workload, recorder, plan.clients(), random.nextLong(), threads);
    Store store = open();
    try (Client client = clients.apply(store, plan.store())) {
      crew.setUp(client);
    }
    for (int crash = 0; crash < plan.crashes(); crash++) {
      Power power = new Power(random);
      Store running = store;
      disk.listen((on, _) -> power.call(on));
      Supplier<Client> wired = () -> power.line.wire(clients.apply(running, plan.store()));
      crew.shift(wired, plan.steps(), power.line::isOff);
      disk.listen(null);
      SimDisk image = power.image == null ? disk.crash(power.choice) : power.image;
      store.abandon();
      disk = image;
      store = open();
    }
    Store last = store;
    crew.shift(() -> clients.apply(last, plan.store()), plan.steps(), () -> false);
    try (Client client = new StoreClient(store, plan.store().transaction())) {
      crew.finalRead(client, FINAL_READS);
    }
    checkSound(store);
    return recorder.history();
  }

  /** Judges what {@link #run} gave, under what the store promises or under something else. */
  public Verdict judge(History history, Consistency consistency) {
    Checker checker = workload.checker(consistency);
    return checker.check(history);
  }

  private Store open() {
    return Store.open(disk, environment, plan.store(), RecoveryListener.NONE);
  }

  private static void checkSound(Store store) {
    VerifyReport report = store.verify(_ -> {});
    store.close();
    if (!report.ok()) {
      throw new AssertionError("the store is not sound: " + report.problems());
    }
  }

  /** When the power goes, and how. Called under the disk's lock. */
  private static final class Power {
    private static final int MOST_CALLS = 400;

    /** The disk stands still so long: who reads what is not durable has time to tell of it. */
    private static final long HELD_NANOS = 2_000_000;

    final PowerSwitch line = new PowerSwitch();
    final CrashChoice choice;
    private int callsLeft;
    volatile @Nullable SimDisk image;

    Power(SplittableRandom random) {
      this.callsLeft = 1 + random.nextInt(MOST_CALLS);
      this.choice =
          switch (random.nextInt(4)) {
            case 0 -> CrashChoice.death();
            case 1 -> CrashChoice.none();
            default -> new CrashChoice.Seeded(random.nextLong());
          };
    }

    void call(SimDisk disk) {
      if (--callsLeft == 0) {
        LockSupport.parkNanos(HELD_NANOS);
        line.off();
        image = disk.crash(choice);
      }
    }
  }
}
