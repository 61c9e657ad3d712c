package dev.redoubt.crash.differential;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.suite.Budget;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same operations on a TreeMap, RocksDB and our store: the same answers. */
class DifferentialTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {40, 400, 4000})
  void sameOperationsHaveTheSameAnswers(int keys) {
    compare(keys, 4_000, Long.getLong("redoubt.crash.seed", 1));
  }

  private long compare(int keys, int steps, long seed) {
    Path mine = folder.resolve("rocks-" + keys + "-" + seed);
    try (OrderedStore map = new MapStore();
        OrderedStore rocks = new RocksStore(mine);
        OrderedStore ours = ours(seed)) {
      Differential run = new Differential(List.of(map, rocks, ours), keys, seed);
      run.run(steps);
      return run.operations();
    }
  }

  /** Reopened after a close, a death or a power loss, whatever the seed says. */
  private static OrderedStore ours(long seed) {
    SimDisk[] disk = {SimDisk.create()};
    SplittableRandom random = new SplittableRandom(seed);
    return new RedoubtStore(
        open(disk[0], RestartMode.FULL),
        store -> {
          boolean power = random.nextBoolean();
          switch (random.nextInt(3)) {
            case 0 -> store.close();
            case 1 -> {
              disk[0] = disk[0].crash(power ? CrashChoice.none() : CrashChoice.death());
              store.abandon();
            }
            default -> {
              store.checkpoint();
              disk[0] = disk[0].crash(new CrashChoice.Seeded(random.nextLong()));
              store.abandon();
            }
          }
          return open(disk[0], random.nextBoolean() ? RestartMode.FULL : RestartMode.INSTANT);
        });
  }

  private static Store open(SimDisk disk, RestartMode restart) {
    StoreOptions options = StoreSubject.tiny().withRestart(restart);
    return Store.open(disk, SimEnvironment.withoutThreads(1), options, RecoveryListener.NONE);
  }

  @Test
  void differenceIsTold() {
    for (Wrong.Way way : Wrong.Way.values()) {
      try (OrderedStore map = new MapStore();
          OrderedStore wrong = new Wrong(way)) {
        Differential run = new Differential(List.of(map, wrong), 60, 7);
        String told = assertThrows(AssertionError.class, () -> run.run(4_000)).toString();
        assertTrue(told.contains("seed 7"), told);
      }
    }
  }

  @Test
  @Tag("slow")
  void sameOperationsHaveTheSameAnswersForLong() {
    SplittableRandom seeds = new SplittableRandom(Long.getLong("redoubt.crash.seed", 1));
    long until = System.nanoTime() + Budget.slow().toNanos();
    long operations = 0;
    while (System.nanoTime() < until) {
      operations += compare(10 + seeds.nextInt(20_000), 50_000, seeds.nextLong() >>> 1);
    }
    System.out.println(operations + " operations compared, no difference");
  }

  /** A map with one mistake. */
  private static final class Wrong implements OrderedStore {
    enum Way {
      FORGETS_A_REMOVAL,
      RANGE_HAS_ITS_END,
      SAVEPOINT_UNDOES_NOTHING,
      ROLLBACK_KEEPS,
      REOPENING_LOSES
    }

    private final Way way;
    private MapStore map = new MapStore();

    Wrong(Way way) {
      this.way = way;
    }

    @Override
    public String name() {
      return way.name();
    }

    @Override
    public void begin() {
      map.begin();
    }

    @Override
    public void commit() {
      map.commit();
    }

    @Override
    public void rollback() {
      if (way == Way.ROLLBACK_KEEPS) {
        map.commit();
      } else {
        map.rollback();
      }
    }

    @Override
    public @Nullable String get(String key) {
      return map.get(key);
    }

    @Override
    public void put(String key, String value) {
      map.put(key, value);
    }

    @Override
    public void remove(String key) {
      if (way != Way.FORGETS_A_REMOVAL) {
        map.remove(key);
      }
    }

    @Override
    public List<Map.Entry<String, String>> range(
        String from, String to, boolean descending, int limit) {
      String end = way == Way.RANGE_HAS_ITS_END ? to + "\0" : to;
      return map.range(from, end, descending, limit);
    }

    @Override
    public Map.@Nullable Entry<String, String> neighbour(Neighbour which, String key) {
      return map.neighbour(which, key);
    }

    @Override
    public void savepoint() {
      map.savepoint();
    }

    @Override
    public void rollbackToSavepoint() {
      if (way != Way.SAVEPOINT_UNDOES_NOTHING) {
        map.rollbackToSavepoint();
      }
    }

    @Override
    public void reopen() {
      if (way == Way.REOPENING_LOSES) {
        map = new MapStore();
      }
    }

    @Override
    public void close() {
      map.close();
    }
  }
}
