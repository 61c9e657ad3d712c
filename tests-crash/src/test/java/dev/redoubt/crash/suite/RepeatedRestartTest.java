package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.IoEvent;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreInspector;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Restarts of one store that crash ten times in a row at random moments get on. */
class RepeatedRestartTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final int SEEDS = 12;
  private static final int CRASHES = 10;
  private static final int UPDATES = 300;

  private final TreeMap<String, String> committed = new TreeMap<>();
  private int furthered;
  private long mostClrs;

  private static StoreOptions options(RestartMode mode) {
    StoreOptions tiny = StoreSubject.tiny();
    return tiny.withEngine(
        tiny.engine().withRestart(mode).withCheckpoints(6 << 10, Duration.ofDays(1)));
  }

  /** What the durable log of a store says. */
  private static final class Told {
    final Map<Long, Integer> updates = new TreeMap<>();
    final Map<Long, Integer> clrs = new TreeMap<>();
    final Set<Long> ended = new HashSet<>();
    long checkpointLsn;

    static Told by(SimDisk disk) {
      Told told = new Told();
      Set<String> undone = new HashSet<>();
      try (Inspection store = StoreInspector.open(disk, Environment.system())) {
        told.checkpointLsn = store.log().master().checkpointLsn();
        store
            .dump()
            .forEach(
                0,
                entry -> {
                  switch (entry.type()) {
                    case "update" -> told.updates.merge(entry.transactionId(), 1, Integer::sum);
                    case "clr" -> {
                      told.clrs.merge(entry.transactionId(), 1, Integer::sum);
                      assertTrue(
                          undone.add(entry.transactionId() + "/" + entry.undoNextLsn()),
                          () -> "an update was undone twice: " + entry);
                    }
                    case "commit", "end" -> told.ended.add(entry.transactionId());
                    default -> {}
                  }
                  return true;
                });
      }
      return told;
    }
  }

  /** A store that died with losers, one of them large, beside what was committed. */
  private SimDisk crashed(StoreOptions options, SplittableRandom random) {
    SimDisk disk = SimDisk.create();
    Store store = open(disk, options);
    committed.clear();
    for (int i = 0; i < 60; i++) {
      put(store, "k" + i, "v" + i);
    }
    store.checkpoint();
    WriteTx large = store.beginWrite();
    WriteTx small = store.beginWrite();
    for (int i = 0; i < UPDATES; i++) {
      large.tree(TREE).put("k" + i % 40 + (i % 3 == 0 ? "" : "+" + i), "loser " + i);
      if (i % 20 == 0) {
        small.tree(TREE).put("s" + i, "other loser");
        put(store, "c" + i, "c" + i);
        store.engine().pool().cleanSome(random.nextInt(4));
      }
    }
    store.engine().log().forceAll();
    SimDisk after = disk.crash(CrashChoice.none());
    store.abandon();
    return after;
  }

  private void put(Store store, String key, String value) {
    store.write(tx -> tx.tree(TREE).put(key, value));
    committed.put(key, value);
  }

  private static Store open(SimDisk disk, StoreOptions options) {
    return Store.open(disk, SimEnvironment.withoutThreads(7), options, RecoveryListener.NONE);
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void tenCrashesInARowWriteNoMoreClrsThanUpdatesAndGetOn(RestartMode mode) {
    for (int seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      SimDisk disk = crashed(options(mode), random);
      Told first = Told.by(disk);
      Set<Long> losers = new HashSet<>(first.updates.keySet());
      losers.removeAll(first.ended);
      assertEquals(2, losers.size());
      for (int crash = 0; crash < CRASHES; crash++) {
        disk = restart(disk, mode, random);
        Told now = Told.by(disk);
        for (long loser : losers) {
          int clrs = now.clrs.getOrDefault(loser, 0);
          assertTrue(clrs <= first.updates.get(loser), "CLRs of " + loser + ": " + clrs);
          mostClrs = Math.max(mostClrs, clrs);
        }
      }
      try (Store store = open(disk, options(mode))) {
        finish(store);
        check(store);
      }
    }
    System.out.println(
        mode + ": " + furthered + " restarts of " + SEEDS * CRASHES + " began further on");
    assertTrue(furthered >= SEEDS, "only " + furthered + " restarts began further on");
    assertTrue(mostClrs > UPDATES / 4, "at most " + mostClrs + " CLRs: crashes come too early");
  }

  /** One restart, to its end; returns the disk as a crash at a random moment of it leaves it. */
  private SimDisk restart(SimDisk disk, RestartMode mode, SplittableRandom random) {
    long before = Told.by(disk).checkpointLsn;
    Moment moment = new Moment(random.nextInt(calls(disk, mode)), choice(random));
    disk.listen(moment);
    try (Store store = open(disk, options(mode))) {
      assertEquals(before, store.lastRecovery().checkpointLsn(), "where analysis began");
      finish(store);
      check(store);
      disk.listen(null);
      SimDisk image = moment.image != null ? moment.image : disk.crash(moment.choice);
      store.abandon();
      long after = Told.by(image).checkpointLsn;
      assertTrue(after >= before, "the checkpoint went back from " + before + " to " + after);
      assertFalse(
          moment.checkpointIsDurable() && after == before, "a checkpoint was taken in vain");
      furthered += after > before ? 1 : 0;
      return image;
    }
  }

  /** How many calls that change the disk the restart makes, counted on a copy. */
  private static int calls(SimDisk disk, RestartMode mode) {
    SimDisk copy = disk.crash(CrashChoice.death());
    int[] calls = {0};
    copy.listen((changed, event) -> calls[0]++);
    Store store = open(copy, options(mode));
    finish(store);
    store.abandon();
    return calls[0];
  }

  private static CrashChoice choice(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> CrashChoice.none();
      case 1 -> CrashChoice.all();
      case 2 -> CrashChoice.death();
      default -> new CrashChoice.Seeded(random.nextLong());
    };
  }

  private static void finish(Store store) {
    while (!store.engine().restart().isOver()) {
      store.engine().tick();
    }
  }

  private void check(Store store) {
    TreeMap<String, String> found = new TreeMap<>();
    store.view(tx -> tx.tree(TREE).stream().forEach(e -> found.put(e.getKey(), e.getValue())));
    assertEquals(committed, found);
  }

  /** Takes the image of a crash before the n-th call of a restart that changes the disk. */
  private static final class Moment implements dev.redoubt.crash.disk.IoListener {
    private static final int FORCES_OF_AN_OPENING = 2;

    private final CrashChoice choice;
    private int left;
    private int masterForces;
    private @Nullable SimDisk image;

    Moment(int left, CrashChoice choice) {
      this.left = left;
      this.choice = choice;
    }

    @Override
    public void before(SimDisk disk, IoEvent event) {
      if (image != null) {
        return;
      }
      if (left-- == 0) {
        image = disk.crash(choice);
      } else if (event.kind() == IoKind.FORCE && event.file().equals("master")) {
        masterForces++;
      }
    }

    /** Whether the master record of a checkpoint was forced before the crash. */
    boolean checkpointIsDurable() {
      return masterForces > FORCES_OF_AN_OPENING;
    }
  }
}
