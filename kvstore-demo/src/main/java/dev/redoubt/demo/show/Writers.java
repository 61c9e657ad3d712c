package dev.redoubt.demo.show;

import dev.redoubt.demo.show.Announcement.What;
import dev.redoubt.demo.show.Cities.City;
import dev.redoubt.demo.show.Plan.Kind;
import dev.redoubt.demo.show.Plan.Transaction;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.WriteTx;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The traffic: several threads run what of the {@link Plan} is not in the store yet, one more keeps
 * the large transaction open, one more takes checkpoints. Runs in the child process, which is
 * killed in the middle of it. For one run, by one thread.
 */
public final class Writers {
  private static final int LARGE_STEP = 500;
  private static final long CHECKPOINT_MILLIS = 300;

  private final Store store;
  private final Plan plan;
  private final PrintWriter out;
  private final ReentrantLock outLatch = new ReentrantLock();
  private final AtomicInteger next = new AtomicInteger();
  private final CountDownLatch finished = new CountDownLatch(1);

  public Writers(Store store, Plan plan, PrintWriter out) {
    this.store = store;
    this.plan = plan;
    this.out = out;
  }

  /**
   * Writes until the plan is done.
   *
   * @param threads that write
   * @param holdLarge whether the large transaction stays open for ever: then this does not return
   */
  public void run(int threads, boolean holdLarge) throws InterruptedException {
    List<Transaction> todo = todo();
    try (ExecutorService pool = Executors.newCachedThreadPool()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        writers.add(pool.submit(() -> write(todo)));
      }
      Future<?> large = pool.submit(() -> large(todo, holdLarge));
      Future<?> checkpoints = pool.submit(this::checkpoints);
      try {
        for (Future<?> writer : writers) {
          writer.get();
        }
        large.get();
        finished.countDown();
        checkpoints.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a writer failed: " + e.getCause(), e);
      } finally {
        finished.countDown();
      }
    }
    announce(What.DONE, 0);
  }

  /**
   * What is not in the store; transactions that roll back come again from where the rest begins.
   */
  private List<Transaction> todo() {
    Set<String> there = new HashSet<>();
    store.read(
        tx -> {
          for (Map.Entry<String, String> marker :
              tx.tree(DemoStore.TRANSACTIONS).range(dev.redoubt.kv.KeyRange.all())) {
            there.add(marker.getKey());
          }
          return there;
        });
    List<Transaction> open =
        plan.transactions().stream().filter(t -> !there.contains(t.marker())).toList();
    int begin =
        open.stream()
            .filter(t -> t.commits() && t.kind() != Kind.LARGE)
            .mapToInt(Transaction::number)
            .min()
            .orElse(Integer.MAX_VALUE);
    return open.stream().filter(t -> t.commits() || t.number() >= begin).toList();
  }

  private void write(List<Transaction> todo) {
    Transaction last = null;
    for (int i = next.getAndIncrement(); i < todo.size(); i = next.getAndIncrement()) {
      Transaction transaction = todo.get(i);
      switch (transaction.kind()) {
        case COMMIT -> {
          announce(What.BEGUN, transaction.number());
          store.write(tx -> put(tx, transaction));
          announce(What.ACKNOWLEDGED, transaction.number());
          last = transaction;
        }
        case SAVEPOINT -> {
          announce(What.BEGUN, transaction.number());
          store.write(tx -> putWithSavepoint(tx, transaction));
          announce(What.ACKNOWLEDGED, transaction.number());
          last = transaction;
        }
        case ROLLBACK -> {
          announce(What.BEGUN, transaction.number());
          rollBack(transaction, last);
          announce(What.ROLLED_BACK, transaction.number());
        }
        case LARGE -> {}
      }
    }
  }

  private void put(WriteTx tx, Transaction transaction) {
    Tree<String, String> cities = tx.tree(DemoStore.CITIES);
    for (City city : plan.citiesOf(transaction)) {
      cities.put(city.key(), city.value());
    }
    putMarker(tx, transaction);
  }

  private void putWithSavepoint(WriteTx tx, Transaction transaction) {
    Tree<String, String> cities = tx.tree(DemoStore.CITIES);
    List<City> own = plan.citiesOf(transaction);
    List<City> before = own.subList(0, own.size() / 2);
    before.forEach(city -> cities.put(city.key(), city.value()));
    Savepoint savepoint = tx.savepoint();
    damage(cities, before, transaction);
    tx.rollbackTo(savepoint);
    own.subList(before.size(), own.size()).forEach(city -> cities.put(city.key(), city.value()));
    putMarker(tx, transaction);
  }

  /** Works on what this same thread committed last, which nobody else writes. */
  private void rollBack(Transaction transaction, @Nullable Transaction last) {
    try (WriteTx tx = store.beginWrite()) {
      List<City> victims = last == null ? List.of() : plan.citiesOf(last);
      damage(tx.tree(DemoStore.CITIES), victims, transaction);
      putMarker(tx, transaction);
      tx.rollback();
    }
  }

  private static void damage(
      Tree<String, String> cities, List<City> victims, Transaction transaction) {
    for (int i = 0; i < victims.size(); i++) {
      if (i % 3 == 0) {
        cities.remove(victims.get(i).key());
      } else {
        cities.put(victims.get(i).key(), "must not be seen");
      }
    }
    for (int i = 0; i < 10; i++) {
      cities.put("~/" + transaction.number() + "/" + i, "must not be seen");
    }
  }

  private static void putMarker(WriteTx tx, Transaction transaction) {
    tx.tree(DemoStore.TRANSACTIONS).put(transaction.marker(), transaction.markerValue());
  }

  private void large(List<Transaction> todo, boolean hold) {
    Transaction large = todo.stream().filter(t -> t.kind() == Kind.LARGE).findFirst().orElse(null);
    if (large == null) {
      return;
    }
    announce(What.BEGUN, large.number());
    try (WriteTx tx = store.beginWrite()) {
      putMarker(tx, large);
      Tree<String, String> cities = tx.tree(DemoStore.CITIES);
      int count = 0;
      for (City city : plan.citiesOf(large)) {
        cities.put(city.key(), city.value());
        count++;
        if (count % LARGE_STEP == 0 || count == large.size()) {
          announce(What.LARGE_OPEN, count);
        }
      }
      if (hold) {
        awaitForEver();
      }
      tx.commit();
    }
    announce(What.ACKNOWLEDGED, large.number());
  }

  private static void awaitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void checkpoints() {
    try {
      while (!finished.await(CHECKPOINT_MILLIS, TimeUnit.MILLISECONDS)) {
        announce(What.CHECKPOINT, store.checkpoint());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void announce(What what, long number) {
    outLatch.lock();
    try {
      out.println(new Announcement(what, number).line());
      out.flush();
    } finally {
      outLatch.unlock();
    }
  }
}
