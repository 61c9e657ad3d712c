package dev.redoubt.benchmarks;

import dev.redoubt.wal.Log;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The log alone beside the peers and the bare disk in the same run: each client makes one small
 * record durable and waits for it. Ours appends and forces; a peer puts the same bytes under the
 * next key in order, which is the cheapest for all of them. Then what nobody waits for: {@link
 * LogNotWaiting}.
 *
 * <pre>
 *   java -jar benchmarks/target/benchmarks.jar log
 *   java -jar benchmarks/target/benchmarks.jar log --peers rocksdb-batch --seconds 0.7
 * </pre>
 *
 * <p>See {@link Arguments}. The log is truncated between the slices, so its segments are recycled.
 */
final class LogFigures {
  private static final Peers[] USUAL = {
    Peers.ROCKSDB_BATCH, Peers.LMDB, Peers.SQLITE, Peers.JE, Peers.MVSTORE
  };
  private static final String OURS = Peers.REDOUBT.label();
  private static final String ROCKSDB = Peers.ROCKSDB_BATCH.label();
  private static final List<String> WAITING_GOALS =
      List.of("8 threads", "32 threads", "128 threads");

  private final Arguments arguments;
  private final Duration slice;
  private final Log log;
  private final AtomicLong nextKey = new AtomicLong();

  private LogFigures(Arguments arguments, Log log) {
    this.arguments = arguments;
    this.slice = arguments.slice();
    this.log = log;
  }

  static void run(Arguments arguments) throws Exception {
    Tables tables = new Tables(System.out);
    Goals goals = new Goals();
    try (WorkDirectory work = arguments.directory();
        Log log = LogRecords.open(work.fresh("log"));
        BareDisk bare = new BareDisk(work.fresh("bare").resolve("blocks"));
        OpenPeers peers = peers(arguments, work)) {
      Map<String, Map<String, Sample>> durable =
          new LogFigures(arguments, log).durable(bare, peers);
      tables.rates("durable records/s", durable);
      tables.latencies("durable records", durable);
      tables.costs("durable records", durable);
      durableGoals(goals, durable);
      new LogNotWaiting(arguments, log).run(tables, goals);
    }
    goals.print(tables);
  }

  private static OpenPeers peers(Arguments arguments, WorkDirectory work) throws Exception {
    Map<Peers, Peer.Setup> setups = new LinkedHashMap<>();
    for (Peers each : arguments.peers(USUAL)) {
      if (each != Peers.REDOUBT) {
        setups.put(
            each, new Peer.Setup(work.fresh(each.label()), true, arguments.cacheBytes(), false));
      }
    }
    return OpenPeers.open(setups);
  }

  private Map<String, Map<String, Sample>> durable(BareDisk bare, OpenPeers peers)
      throws Exception {
    Rounds rounds = new Rounds(arguments.rounds());
    for (int clients : arguments.clients()) {
      String label = clients == 1 ? "1 thread" : clients + " threads";
      if (clients == 1) {
        rounds.add(
            label,
            BareDisk.LABEL,
            () -> Clients.platform(1, slice, () -> random -> bare.writeAndForce()));
      }
      rounds.add(label, OURS, () -> forced(clients, false));
      peers.each((name, peer) -> rounds.add(label, name, puts(peer, clients, false)));
    }
    int virtual = arguments.virtualClients();
    if (virtual > 0) {
      String label = virtual + " virtual threads";
      rounds.add(label, OURS, () -> forced(virtual, true));
      peers.each(
          (name, peer) -> {
            if (Peers.of(name).virtualThreads()) {
              rounds.add(label, name, puts(peer, virtual, true));
            }
          });
    }
    return rounds.run();
  }

  private Sample forced(int clients, boolean virtual) throws Exception {
    Clients.ClientFactory factory =
        () -> {
          LogRecords records = new LogRecords(log);
          return random -> log.force(records.append());
        };
    Sample sample =
        virtual
            ? Clients.virtual(clients, slice, factory)
            : Clients.platform(clients, slice, factory);
    LogRecords.recycle(log);
    return sample;
  }

  private Callable<Sample> puts(Peer peer, int clients, boolean virtual) {
    Clients.ClientFactory factory =
        () -> {
          Peer.Session session = peer.session();
          return new SessionClient(
              session,
              random -> session.put(Keys.inOrder(nextKey.incrementAndGet()), Keys.value(random)));
        };
    return virtual
        ? () -> Clients.virtual(clients, slice, factory)
        : () -> Clients.platform(clients, slice, factory);
  }

  private static void durableGoals(Goals goals, Map<String, Map<String, Sample>> figures) {
    goals.ratio(
        "1 client, to the bare disk",
        0.85,
        Goals.rate(figures, "1 thread", OURS),
        Goals.rate(figures, "1 thread", BareDisk.LABEL));
    for (String clients : WAITING_GOALS) {
      goals.ratio(
          clients + ", to RocksDB",
          1.5,
          Goals.rate(figures, clients, OURS),
          Goals.rate(figures, clients, ROCKSDB));
    }
    double rocksBest =
        figures.keySet().stream()
            .mapToDouble(row -> Goals.rate(figures, row, ROCKSDB))
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    goals.ratio(
        "1000 virtual threads, to RocksDB's best",
        4,
        Goals.rate(figures, "1000 virtual threads", OURS),
        rocksBest);
  }
}
