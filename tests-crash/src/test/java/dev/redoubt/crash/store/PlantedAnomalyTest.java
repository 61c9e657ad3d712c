package dev.redoubt.crash.store;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.redoubt.crash.check.AnomalyKind;
import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.SerializabilityChecker;
import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.Step;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Isolation;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Anomalies that are planted in real histories are found, under their names. */
class PlantedAnomalyTest {
  private static final int CLIENTS = 6;
  private static final int STEPS = 100;

  /** Threads interleave as they like: so many histories to show the anomaly. */
  private static final int HISTORIES = 25;

  @SuppressWarnings("ImmutableEnumChecker")
  enum Planted {
    LOST_UPDATE(
        AnomalyKind.LOST_UPDATE,
        Misbehaviour.READS_NOT_VALIDATED,
        () -> Workloads.of("numbered-register")),
    LOST_UPDATE_OF_MONEY(
        AnomalyKind.TOTAL, Misbehaviour.READS_NOT_VALIDATED, () -> Workloads.of("bank")),
    WRITE_SKEW(
        AnomalyKind.G2_ITEM, Misbehaviour.READS_NOT_VALIDATED, () -> Workloads.of("list-append")),
    PHANTOM(AnomalyKind.G2, Misbehaviour.RANGES_NOT_VALIDATED, () -> Workloads.of("predicate")),
    DIRTY_READ(AnomalyKind.G1A, Misbehaviour.DIRTY_READS, () -> Workloads.of("list-append")),
    LONG_FORK(AnomalyKind.G_NONADJACENT, Misbehaviour.TWO_SITES, OneKeyWrites::new),
    STALE_READ(
        AnomalyKind.G_SINGLE_REALTIME, Misbehaviour.STALE_READS, () -> Workloads.of("list-append")),
    STALE_READ_OF_A_REGISTER(
        AnomalyKind.NOT_LINEARIZABLE, Misbehaviour.STALE_READS, () -> Workloads.of("register")),
    STALE_READ_OF_A_SET(
        AnomalyKind.G_SINGLE_REALTIME, Misbehaviour.STALE_READS, () -> Workloads.of("set")),
    STALE_READ_OF_A_COUNTER(
        AnomalyKind.COUNTER, Misbehaviour.STALE_READS, () -> Workloads.of("counter"));

    private final AnomalyKind kind;
    private final BiFunction<Store, StoreOptions, Client> clients;
    private final Supplier<Workload> workload;

    Planted(
        AnomalyKind kind,
        BiFunction<Store, StoreOptions, Client> clients,
        Supplier<Workload> workload) {
      this.kind = kind;
      this.clients = clients;
      this.workload = workload;
    }
  }

  @ParameterizedTest
  @EnumSource(Planted.class)
  void plantedAnomalyIsFound(Planted planted) throws InterruptedException {
    Verdict last = null;
    for (int seed = 1; seed <= HISTORIES; seed++) {
      last =
          verdict(
              planted.workload.get(),
              planted.clients,
              Isolation.SERIALIZABLE,
              Consistency.STRICT_SERIALIZABLE,
              seed);
      if (last.has(planted.kind)) {
        System.out.println(planted + ": " + planted.kind + " after " + seed + " histories");
        return;
      }
    }
    fail(planted + " was not found in " + HISTORIES + " histories; the last: " + last);
  }

  @Test
  void snapshotIsolationOfTheStoreHasWriteSkewAndNothingWorse() throws InterruptedException {
    boolean seen = false;
    for (int seed = 1; seed <= HISTORIES && !seen; seed++) {
      Verdict verdict =
          verdict(
              Workloads.of("list-append"),
              StoreRunClients.HONEST,
              Isolation.SNAPSHOT,
              Consistency.STRONG_SNAPSHOT,
              seed);
      assertTrue(verdict.ok(), verdict.toString());
      seen = verdict.allowed().stream().anyMatch(a -> a.kind() == AnomalyKind.G2_ITEM);
    }
    assertTrue(seen, "no write skew in " + HISTORIES + " histories: is SNAPSHOT what it says?");
  }

  @Test
  void staleReadsAreSerializableAndNotStrictlySo() throws InterruptedException {
    Verdict verdict =
        verdict(
            new OneKeyWrites(),
            Misbehaviour.STALE_READS,
            Isolation.SERIALIZABLE,
            Consistency.SERIALIZABLE,
            1);
    assertTrue(verdict.ok(), verdict.toString());
    assertTrue(
        verdict.allowed().stream().anyMatch(a -> a.kind() == AnomalyKind.G_SINGLE_REALTIME),
        verdict.allowed().toString());
  }

  private static Verdict verdict(
      Workload workload,
      BiFunction<Store, StoreOptions, Client> clients,
      Isolation isolation,
      Consistency consistency,
      long seed)
      throws InterruptedException {
    StoreOptions options = RealHistoriesTest.options(isolation, RestartMode.INSTANT);
    StoreRun run =
        new StoreRun(
            new StoreRun.Plan(workload.name(), options, CLIENTS, STEPS, 0, seed),
            workload,
            clients,
            Environment.system(),
            Thread.ofPlatform().daemon().factory());
    History history = run.run();
    return run.judge(history, consistency);
  }

  /** Clients that are as they should be. */
  private static final class StoreRunClients {
    static final BiFunction<Store, StoreOptions, Client> HONEST =
        (store, options) -> new StoreClient(store, options.transaction());
  }

  /** Appends to one key at a time and reads of four: forks show as forks and not as read skew. */
  private static final class OneKeyWrites implements Workload {
    private static final int KEYS = 4;

    private long numbers;

    @Override
    public String name() {
      return "one-key-writes";
    }

    @Override
    public synchronized Step next(RandomGenerator random) {
      return random.nextBoolean()
          ? Step.of(
              "read",
              IntStream.range(0, KEYS).<MicroOp>mapToObj(i -> MicroOp.read("k" + i)).toList())
          : Step.of("append", List.of(new MicroOp.Append("k" + random.nextInt(KEYS), ++numbers)));
    }

    @Override
    public Checker checker(Consistency consistency) {
      return SerializabilityChecker.ofLists(consistency);
    }
  }
}
