package dev.redoubt.crash.sim;

import dev.redoubt.crash.plant.Patch;
import dev.redoubt.crash.plant.PlantedBug;
import java.util.Arrays;
import java.util.List;

/** Bugs of concurrency: each needs threads that come between each other at one certain place. */
final class SimPlants {
  private static final String WAL = "dev.redoubt.wal.";
  private static final String BUFFER = "dev.redoubt.buffer.";
  private static final String RECOVERY = "dev.redoubt.recovery.";
  private static final String KV = "dev.redoubt.kv.";

  /** That seeds are drawn from: what is found once is found again. */
  static final long SEED = 1;

  /** Of so many runs one finds any of them: the slowest took 250, over four seeds. */
  static final int RUNS = 3_000;

  private SimPlants() {}

  /**
   * A bug and what is simulated to find it.
   *
   * @param subject log, memory or store
   */
  record Plant(PlantedBug bug, String subject) {
    @Override
    public String toString() {
      return bug.name();
    }
  }

  static List<Plant> all() {
    return List.of(
        plant(
            "lead-not-handed-over",
            "the next leader of a group force is not woken",
            "log",
            Patch.withoutCall(WAL + "Forcer", "handOff", "Waiter.resume")),
        plant(
            "two-leaders",
            "whether somebody leads is looked up and set without the latch",
            "log",
            unlocked(WAL + "Forcer", "takeLead")),
        plant(
            "followers-told-too-early",
            "a leader releases those whose records it has not written",
            "log",
            Patch.branchInverted(WAL + "Forcer", "handOff", 1)),
        plant(
            "futures-outside-the-latch",
            "two threads complete futures of forces at a time",
            "log",
            unlocked(WAL + "AsyncForces", "collect"),
            unlocked(WAL + "AsyncForces", "begin"),
            unlocked(WAL + "AsyncForces", "register")),
        plant(
            "append-without-latch",
            "records are put into the ring without the latch of the appender",
            "log",
            unlocked(WAL + "Appender", "append")),
        plant(
            "range-claimed-without-latch",
            "a range of memory is looked up and claimed without the latch",
            "memory",
            unlocked(RECOVERY + "RangeOwnership", "claim")),
        plant(
            "sleepers-not-woken",
            "who waits for a latch is not woken when it is released",
            "store",
            Patch.withoutCall(BUFFER + "LatchQueue", "wakeAll", "Condition.signalAll")),
        plant(
            "waiters-not-woken",
            "who waits for a key is not woken when its owner ends",
            "store",
            Patch.withoutCall(KV + "WaitGraph", "ended", "Condition.signalAll")),
        plant(
            "version-pushed-in-two-steps",
            "a version is put on a chain by looking and then writing",
            "store",
            unlocked(KV + "ChainTable", "addFirst"),
            unlocked(KV + "ChainTable", "change")));
  }

  private static Plant plant(String name, String does, String subject, Patch... patches) {
    return new Plant(new PlantedBug(name, "concurrency", does, List.of(patches)), subject);
  }

  private static Plant plant(String name, String does, String subject, Patch[]... patches) {
    Patch[] all = Arrays.stream(patches).flatMap(Arrays::stream).toArray(Patch[]::new);
    return plant(name, does, subject, all);
  }

  private static Patch[] unlocked(String className, String method) {
    return new Patch[] {
      Patch.withoutCall(className, method, "ReentrantLock.lock"),
      Patch.withoutCall(className, method, "ReentrantLock.unlock")
    };
  }
}
