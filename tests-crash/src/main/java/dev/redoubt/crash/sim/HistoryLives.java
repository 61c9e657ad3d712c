package dev.redoubt.crash.sim;

import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.HistoryFile;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.store.StoreClient;
import dev.redoubt.crash.workload.ClientLoop;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RecoveryListener;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The store under one of the workloads that record histories, drawn by seed. The history goes on
 * over all lives, ends with a read of every key, and is judged under strict serializability.
 */
public final class HistoryLives implements SimSubject {
  /**
   * Those that need nothing to begin with and write what they have planned: a crash leaves nothing
   * but the plan of what was under way.
   */
  private static final List<String> WORKLOADS =
      List.of("counter", "large", "list-append", "predicate", "register", "savepoints", "set");

  private static final int MOST_CLIENTS = 5;

  private final SplittableRandom random;
  private final SimStoreOptions options;
  private final Workload workload;
  private final Recorder recorder;
  private final int clients;
  private long ticks;

  /** A store and a workload that follow from the seed. */
  public HistoryLives(long seed) {
    this.random = new SplittableRandom(seed);
    this.options = new SimStoreOptions(random);
    this.workload = Workloads.of(WORKLOADS.get(random.nextInt(WORKLOADS.size())));
    this.recorder = new Recorder(() -> ++ticks);
    this.clients = 1 + random.nextInt(MOST_CLIENTS);
  }

  @Override
  public void live(SimLife life) throws Exception {
    life.note("workload " + workload.name());
    StoreOptions drawn = options.draw();
    try {
      Store store = Store.open(life.disk(), life.environment(), drawn, RecoveryListener.NONE);
      life.note("open");
      work(store, drawn, life, steps());
      if (life.last()) {
        judge(store, drawn);
      }
      if (life.last() || random.nextInt(4) == 0) {
        store.close();
      }
    } catch (StorageException failed) {
      if (!life.excuses()) {
        throw failed;
      }
      life.note("failed " + failed.code());
    }
  }

  /** Transactions of each client in one life; a large one writes a hundred keys and more. */
  private int steps() {
    return workload.name().equals("large") ? random.nextInt(1, 5) : random.nextInt(4, 40);
  }

  private void work(Store store, StoreOptions drawn, SimLife life, int steps)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      SplittableRandom own = life.random().split();
      ClientLoop loop = new ClientLoop(recorder.session());
      StoreClient client = new StoreClient(store, drawn.transaction());
      threads.add(
          life.spawn(
              "client-" + i,
              () -> {
                for (int step = 0; step < steps; step++) {
                  Operation.Type ended = loop.run(client, workload.next(own));
                  life.note(workload.name() + " " + ended);
                  Ledger.check(
                      ended != Operation.Type.INFO || life.excuses(),
                      () -> "nobody knows how a transaction ended, and no fault has struck");
                }
              }));
    }
    SimLife.join(threads);
  }

  private void judge(Store store, StoreOptions drawn) {
    Ledger.check(store.verify(_ -> {}).ok(), () -> "the store is not sound");
    ClientLoop loop = new ClientLoop(recorder.session());
    Operation.Type read =
        loop.run(new StoreClient(store, drawn.transaction()), workload.finalRead());
    Ledger.check(read == Operation.Type.OK, () -> "the read of all keys ended as " + read);
    History history = recorder.history();
    workload.checker(Consistency.STRICT_SERIALIZABLE).check(history).orThrow();
  }

  @Override
  public List<String> history() {
    return recorder.history().operations().stream().map(HistoryFile::line).toList();
  }
}
