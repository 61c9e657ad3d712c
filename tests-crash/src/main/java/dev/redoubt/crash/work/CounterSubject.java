package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import org.jspecify.annotations.Nullable;

/**
 * The store with a few hot counters to which every change of every transaction adds: the number of
 * entries, and sums over what they hold. Transactions that are open at the same time all have
 * increments of the same keys; whatever a crash leaves, the counters must be what the entries say.
 */
public final class CounterSubject implements Subject {
  private static final TreeDef<String, Long> COUNTERS =
      TreeDef.of("counters", Codecs.UTF_8, Codecs.INT64);
  private static final String COUNT = "count";
  private static final String SUM = "sum";

  private final StoreSubject subject;

  private CounterSubject(StoreSubject subject) {
    this.subject = subject;
  }

  /** Opens a store with these options. */
  public static Factory factory(StoreOptions options) {
    return (disk, environment) -> open(disk, environment, options);
  }

  private static CounterSubject open(Disk disk, Environment environment, StoreOptions options) {
    StoreSubject subject = StoreSubject.open(disk, environment, options);
    if (subject.store().read(tx -> tx.tree(COUNTERS).get(SUM)) == null) {
      // Who adds to an absent key owns it alone, and a script waits for nobody.
      subject
          .store()
          .write(
              tx -> {
                tx.tree(COUNTERS).add(COUNT, 0);
                tx.tree(COUNTERS).add(SUM, 0);
              });
    }
    return new CounterSubject(subject);
  }

  @Override
  public Tx begin() {
    return new CountingTx(subject.begin());
  }

  @Override
  public void checkpoint() {
    subject.checkpoint();
  }

  @Override
  public void idle() {
    subject.idle();
  }

  @Override
  public Contents contents() {
    Contents contents = subject.contents();
    long sum = 0;
    for (var each : contents.entries().entrySet()) {
      sum += weight(each.getKey(), each.getValue());
    }
    check(COUNT, contents.entries().size());
    check(SUM, sum);
    return contents;
  }

  private void check(String counter, long expected) {
    Long found = subject.store().read(tx -> tx.tree(COUNTERS).get(counter));
    if (found == null || found != expected) {
      throw new AssertionError(
          "counter '%s' is %s, and the entries make %d".formatted(counter, found, expected));
    }
  }

  @Override
  public void verify() {
    subject.verify();
    contents(); // once more: now restart is over
  }

  @Override
  public void abandon() {
    subject.abandon();
  }

  @Override
  public void close() {
    subject.close();
  }

  private static long weight(int key, @Nullable String value) {
    return value == null ? 0 : (key + 1) * 0x9E3779B97F4A7C15L + value.hashCode();
  }

  private record CountingTx(StoreSubject.StoreTx tx) implements Tx {
    private Tree<String, Long> counters() {
      return tx.writeTx().tree(COUNTERS);
    }

    @Override
    public void put(int key, String value) {
      changed(key, value);
    }

    @Override
    public void remove(int key) {
      changed(key, null);
    }

    /** All of it or, if the disk is full, nothing. */
    private void changed(int key, @Nullable String value) {
      Object start = tx.savepoint();
      try {
        String old = tx.tree(key).getForUpdate(StoreSubject.StoreTx.name(key));
        if (value == null) {
          tx.remove(key);
        } else {
          tx.put(key, value);
        }
        counters().add(COUNT, (value == null ? 0 : 1) - (old == null ? 0 : 1));
        counters().add(SUM, weight(key, value) - weight(key, old));
      } catch (RuntimeException e) {
        tx.rollbackTo(start);
        throw e;
      }
    }

    @Override
    public Object savepoint() {
      return tx.savepoint();
    }

    @Override
    public void rollbackTo(Object savepoint) {
      tx.rollbackTo(savepoint);
    }

    @Override
    public void commit(boolean sync) {
      tx.writeTx().commit(sync ? Durability.SYNC : Durability.ASYNC);
    }

    @Override
    public void rollback() {
      tx.rollback();
    }
  }
}
