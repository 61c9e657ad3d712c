package dev.redoubt.crash.store;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import dev.redoubt.crash.workload.AbortedException;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.PassingTx;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Ways to use a right store so that what its clients see is wrong. */
@SuppressWarnings("ImmutableEnumChecker")
enum Misbehaviour implements BiFunction<Store, StoreOptions, Client> {
  /** Reads in a transaction of its own, writes what follows from that in another. */
  READS_NOT_VALIDATED {
    @Override
    Client.Tx begin(Client honest, State state) {
      return new Split(honest.begin(true), honest.begin(false), true);
    }
  },
  /** Range reads, and they alone, are of a transaction of their own. */
  RANGES_NOT_VALIDATED {
    @Override
    Client.Tx begin(Client honest, State state) {
      return new Split(honest.begin(true), honest.begin(false), false);
    }
  },
  /** Shows what transactions have appended before they commit; some of them never do. */
  DIRTY_READS {
    @Override
    Client.Tx begin(Client honest, State state) {
      return new Dirty(honest.begin(false), state);
    }
  },
  /** Reads half of the keys late, one client these and the next one those. */
  TWO_SITES {
    @Override
    Client.Tx begin(Client honest, State state) {
      return new TwoSites(state.old(honest), honest.begin(true), state.number);
    }
  },
  /** Reads by snapshots that were taken some transactions ago. */
  STALE_READS {
    @Override
    Client.Tx begin(Client honest, State state) {
      return state.old(honest);
    }
  };

  /** How many transactions of a client an old snapshot is behind. */
  private static final int BEHIND = 6;

  /** What one client of a store knows, and what all know together. */
  static final class State {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    final int number = NUMBERS.incrementAndGet();
    final Map<String, Long> uncommitted;
    final Deque<Client.Tx> snapshots = new ArrayDeque<>();

    State(Map<String, Long> uncommitted) {
      this.uncommitted = uncommitted;
    }

    /** A snapshot that was taken some time ago. */
    Client.Tx old(Client honest) {
      Client.Tx fresh = honest.begin(true);
      snapshots.add(fresh);
      return snapshots.size() > BEHIND ? snapshots.poll() : honest.begin(true);
    }
  }

  private final Map<String, Long> uncommitted = new ConcurrentHashMap<>();

  abstract Client.Tx begin(Client honest, State state);

  /** Only transactions that read are led astray, unless it is the writing that is wrong. */
  private boolean spoils(boolean readOnly) {
    return readOnly == (this == TWO_SITES || this == STALE_READS) || this == DIRTY_READS;
  }

  @Override
  public Client apply(Store store, StoreOptions options) {
    Client honest = new StoreClient(store, options.transaction());
    State state = new State(uncommitted);
    return new Client() {
      @Override
      public Tx begin(boolean readOnly) {
        return spoils(readOnly) ? Misbehaviour.this.begin(honest, state) : honest.begin(readOnly);
      }

      @Override
      public void close() {
        state.snapshots.forEach(Tx::rollback);
        honest.close();
      }
    };
  }

  /** Reads by range, or all reads, in another transaction than writes. */
  private static final class Split extends PassingTx {
    private final Client.Tx reads;
    private final boolean keysToo;

    Split(Client.Tx reads, Client.Tx writes, boolean keysToo) {
      super(writes);
      this.reads = reads;
      this.keysToo = keysToo;
    }

    @Override
    public @Nullable Value read(String key) {
      return keysToo ? reads.read(key) : super.read(key);
    }

    @Override
    public List<MicroOp.Entry> scan(String from, String to, boolean descending) {
      return reads.scan(from, to, descending);
    }

    @Override
    public void commit() {
      reads.commit();
      super.commit();
    }

    @Override
    public void rollback() {
      reads.rollback();
      super.rollback();
    }
  }

  /** Tells everybody what it appends. */
  private static final class Dirty extends PassingTx {
    private static final int ABORTED_ONE_IN = 5;

    private final State state;
    private final List<String> mine = new ArrayList<>();

    Dirty(Client.Tx tx, State state) {
      super(tx);
      this.state = state;
    }

    @Override
    public @Nullable Value read(String key) {
      Value committed = super.read(key);
      Long open = mine.contains(key) ? null : state.uncommitted.get(key);
      if (open == null) {
        return committed;
      }
      Elements list = committed instanceof Elements found ? found : Elements.of();
      return list.contains(open) ? list : list.with(open);
    }

    @Override
    public void append(String key, long element) {
      super.append(key, element);
      mine.add(key);
      state.uncommitted.put(key, element);
    }

    @Override
    public void commit() {
      if (!mine.isEmpty() && mine.hashCode() % ABORTED_ONE_IN == 0) {
        rollback();
        throw new AbortedException("rolled back after it was seen");
      }
      super.commit();
      mine.forEach(state.uncommitted::remove);
    }

    @Override
    public void rollback() {
      super.rollback();
      mine.forEach(state.uncommitted::remove);
    }
  }

  /** Keys of one half are read from one snapshot, those of the other half from another. */
  private static final class TwoSites extends PassingTx {
    private final Client.Tx late;
    private final int client;

    TwoSites(Client.Tx late, Client.Tx now, int client) {
      super(now);
      this.late = late;
      this.client = client;
    }

    @Override
    public @Nullable Value read(String key) {
      boolean mine = (key.charAt(key.length() - 1) + client) % 2 == 0;
      return mine ? super.read(key) : late.read(key);
    }

    @Override
    public void commit() {
      late.commit();
      super.commit();
    }

    @Override
    public void rollback() {
      late.rollback();
      super.rollback();
    }
  }
}
