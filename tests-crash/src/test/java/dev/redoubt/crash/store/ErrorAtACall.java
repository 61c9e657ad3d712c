package dev.redoubt.crash.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.workload.AbortedException;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.ClientLoop;
import dev.redoubt.crash.workload.PassingTx;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RecoveryListener;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * A store in one thread; one call that it makes to the disk ends in an error of the JVM, in the
 * middle of commits and rollbacks. Whether it halts then or goes on, what was acknowledged is there
 * when it is opened again.
 */
final class ErrorAtACall {
  private static final int BEFORE = 4;
  private static final int DURING = 24;
  private static final int AFTER = 4;

  private final SimEnvironment environment = SimEnvironment.withoutThreads(1);
  private final String name;
  private final long nth;
  private final Supplier<Error> error;
  private boolean armed;
  private long calls;
  private boolean halted;

  ErrorAtACall(String workload, long nth, Supplier<Error> error) {
    this.name = workload;
    this.nth = nth;
    this.error = error;
  }

  /** Whether the store refused to go on afterwards. */
  boolean halted() {
    return halted;
  }

  private void call() {
    if (armed && calls++ == nth) {
      throw error.get();
    }
  }

  /** Runs it; false if there were fewer calls. */
  boolean check() {
    Workload workload = Workloads.of(name);
    Recorder recorder = new Recorder(environment::nanoTime);
    ClientLoop loop = new ClientLoop(recorder.session());
    SplittableRandom random = new SplittableRandom(5);
    SimDisk disk = SimDisk.create();
    Store store = open(disk);
    workload.setup().forEach(step -> loop.run(client(store), step));
    disk.listen((_, _) -> call());
    run(loop, store, workload, random, BEFORE);
    armed = true;
    run(loop, store, workload, random, DURING);
    armed = false;
    halted = run(loop, store, workload, random, 1) != Operation.Type.OK;
    disk.listen(null);
    SimDisk found = disk;
    if (nth % 3 == 0) {
      store.close();
    } else {
      found = disk.crash(nth % 3 == 1 ? CrashChoice.none() : CrashChoice.death());
      store.abandon();
    }
    Store reopened = open(found);
    run(loop, reopened, workload, random, AFTER);
    Operation.Type end = loop.run(client(reopened), workload.finalRead());
    assertTrue(end == Operation.Type.OK, "the final read: " + end);
    assertTrue(reopened.verify(_ -> {}).ok(), "the store is not sound");
    reopened.close();
    Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(recorder.history());
    assertTrue(verdict.ok(), verdict::toString);
    return calls > nth;
  }

  private Store open(SimDisk disk) {
    StoreOptions options = StoreSubject.tiny();
    return Store.open(disk, environment, options, RecoveryListener.NONE);
  }

  private static Client client(Store store) {
    return new StoreClient(store, StoreSubject.tiny().transaction());
  }

  /** Every third transaction is rolled back when it wants to commit. */
  private static Operation.Type run(
      ClientLoop loop, Store store, Workload workload, SplittableRandom random, int steps) {
    Operation.Type last = Operation.Type.INFO;
    for (int i = 1; i <= steps; i++) {
      Client client = i % 3 == 0 ? new RollingBack(client(store)) : client(store);
      try {
        last = loop.run(client, workload.next(random));
      } catch (OutOfMemoryError | StackOverflowError planted) {
        last = Operation.Type.INFO; // it was recorded; a program that lives on goes on like this
      }
    }
    return last;
  }

  private record RollingBack(Client client) implements Client {
    @Override
    public Tx begin(boolean readOnly) {
      return new PassingTx(client.begin(readOnly)) {
        @Override
        public void commit() {
          rollback();
          throw new AbortedException("not wanted");
        }
      };
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
