package dev.redoubt.crash.sim;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.PreparedTransaction;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The store, with all its threads and several clients: bank, lists, pairs, keys of their own, large
 * transactions, savepoints, snapshots held, two-phase commits, checkpoints. Every life opens it as
 * the last one left it.
 */
public final class StoreLives implements SimSubject {
  private static final int MOST_CLIENTS = 5;

  private final SplittableRandom random;
  private final Ledger ledger;
  private final SimStoreOptions options;

  /** A store whose options follow from the seed. */
  public StoreLives(long seed) {
    this.random = new SplittableRandom(seed);
    this.ledger = new Ledger(1 + random.nextInt(MOST_CLIENTS));
    this.options = new SimStoreOptions(random);
  }

  @Override
  public void live(SimLife life) throws Exception {
    Store store;
    try {
      store = Store.open(life.disk(), life.environment(), options.draw(), RecoveryListener.NONE);
    } catch (StorageException failed) {
      excuse(life, failed);
      return;
    }
    try {
      life.note("open");
      settle(store, life);
      boolean well = work(store, life, random.nextInt(4, 30));
      if (life.last()) {
        new StoreAudit(store, ledger, life).everything();
      }
      if (well && (life.last() || random.nextInt(4) == 0)) {
        store.close();
      }
    } catch (StorageException failed) {
      excuse(life, failed);
    }
  }

  private static void excuse(SimLife life, StorageException failed) {
    if (!life.excuses()) {
      throw failed;
    }
    life.note("failed " + failed.code());
  }

  /** Finds out what the crash left, and decides what is in doubt. */
  private void settle(Store store, SimLife life) throws InterruptedException {
    Map<String, Long> inDoubt = new HashMap<>();
    for (PreparedTransaction prepared : store.listPrepared()) {
      inDoubt.put(new String(prepared.gtrid(), StandardCharsets.UTF_8), prepared.id());
    }
    StoreAudit audit = new StoreAudit(store, ledger, life);
    ledger.settle(audit.counters(), entry -> inDoubt.containsKey(gtrid(entry)));
    if (random.nextBoolean()) {
      audit.reads(random);
    }
    for (Ledger.Entry entry : ledger.unsettled()) {
      Long id = inDoubt.remove(gtrid(entry));
      if (id != null) {
        StoreClient.decide(store, ledger, life, id, entry, !entry.refused && random.nextBoolean());
      }
    }
    Ledger.check(inDoubt.isEmpty(), () -> "in doubt and unknown to all: " + inDoubt.keySet());
  }

  private static String gtrid(Ledger.Entry entry) {
    return new String(StoreClient.name(entry), StandardCharsets.UTF_8);
  }

  private boolean work(Store store, SimLife life, int transactions) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    boolean[] well = {true};
    for (int i = 0; i < ledger.clients(); i++) {
      StoreClient client = new StoreClient(store, ledger, life, i);
      threads.add(
          life.spawn(
              "client-" + i,
              () -> {
                if (!client.work(transactions)) {
                  well[0] = false;
                }
              }));
    }
    SimLife.join(threads);
    return well[0];
  }

  @Override
  public List<String> history() {
    return ledger.history();
  }
}
