package dev.redoubt.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Commits of one put of a 16-byte key and a 100-byte value, side by side: durable ones from 1 to
 * 128 platform threads and from 1000 virtual ones, with the bare disk in the same run, and commits
 * that do not wait for the force from one and two threads.
 *
 * <pre>
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar commits
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar commits \
 *       --peers redoubt,rocksdb --clients 1,8 --seconds 0.5 --rounds 1
 * </pre>
 *
 * <p>See {@link Arguments}. Keys are drawn at random from {@code --entries}, none loaded before.
 */
final class CommitFigures {
  private static final List<Integer> NOT_WAITING_CLIENTS = List.of(1, 2);

  private final Arguments arguments;
  private final Duration slice;
  private final int entries;

  private CommitFigures(Arguments arguments) {
    this.arguments = arguments;
    this.slice = arguments.slice();
    this.entries = arguments.entries();
  }

  static void run(Arguments arguments) throws Exception {
    new CommitFigures(arguments).run();
  }

  private void run() throws Exception {
    Tables tables = new Tables(System.out);
    try (WorkDirectory work = arguments.directory()) {
      Map<String, Map<String, Sample>> durable = durable(work);
      tables.rates("durable commits/s", durable);
      tables.ratesToBestOfAll("durable commits/s", durable);
      tables.latencies("durable commits", durable);
      tables.costs("durable commits", durable);
      Map<String, Map<String, Sample>> notWaiting = notWaiting(work);
      tables.rates("commits/s that do not wait", notWaiting);
      tables.latencies("commits that do not wait", notWaiting);
      tables.costs("commits that do not wait", notWaiting);
    }
  }

  private Map<String, Map<String, Sample>> durable(WorkDirectory work) throws Exception {
    Path bareFile = work.fresh("bare").resolve("blocks");
    try (BareDisk bare = new BareDisk(bareFile);
        OpenPeers peers = open(work, true)) {
      Rounds rounds = new Rounds(arguments.rounds(), arguments::wants);
      for (int clients : arguments.clients()) {
        String label = clients == 1 ? "1 thread" : clients + " threads";
        if (clients == 1) {
          rounds.add(
              label,
              BareDisk.LABEL,
              () -> Clients.platform(1, slice, () -> random -> bare.writeAndForce()));
        }
        peers.each((name, peer) -> rounds.add(label, name, puts(peer, clients, false)));
      }
      int virtual = arguments.virtualClients();
      if (virtual > 0) {
        String label = virtual + " virtual threads";
        peers.each(
            (name, peer) -> {
              if (Peers.of(name).virtualThreads()) {
                rounds.add(label, name, puts(peer, virtual, true));
              }
            });
      }
      return rounds.run();
    }
  }

  private Map<String, Map<String, Sample>> notWaiting(WorkDirectory work) throws Exception {
    try (OpenPeers peers = open(work, false)) {
      Rounds rounds = new Rounds(arguments.rounds(), arguments::wants);
      for (int clients : NOT_WAITING_CLIENTS) {
        String label = clients == 1 ? "1 thread" : clients + " threads";
        peers.each((name, peer) -> rounds.add(label, name, puts(peer, clients, false)));
      }
      return rounds.run();
    }
  }

  private Callable<Sample> puts(Peer peer, int clients, boolean virtual) {
    Clients.ClientFactory factory =
        () -> {
          Peer.Session session = peer.session();
          return new SessionClient(
              session,
              random -> session.put(Keys.key(random.nextInt(entries)), Keys.value(random)));
        };
    return virtual
        ? () -> Clients.virtual(clients, slice, factory)
        : () -> Clients.platform(clients, slice, factory);
  }

  private OpenPeers open(WorkDirectory work, boolean durable) throws Exception {
    Map<Peers, Peer.Setup> setups = new LinkedHashMap<>();
    for (Peers each : arguments.peers(Peers.values())) {
      Path dir = work.fresh(each.label() + (durable ? "-durable" : "-not-waiting"));
      setups.put(each, new Peer.Setup(dir, durable, arguments.cacheBytes(), false));
    }
    return OpenPeers.open(setups);
  }
}
