package dev.redoubt.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Loads a million entries, 1000 a transaction, in random order and in key order, and reads them
 * back, all cached: point reads at random and by Zipf's law from one and two threads, scans of 100,
 * and scans of everything; looks are scans without copies where the peer has a way to that.
 *
 * <pre>
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar reads
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar reads \
 *       --peers redoubt,lmdb --entries 100000 --seconds 0.5 --rounds 1
 * </pre>
 *
 * <p>See {@link Arguments}. A load is measured up to its last commit, none of them waited for; what
 * a peer does later in the background is not counted. Those in key order go into a new store in
 * every round; the one in random order is done once, into the stores that are read afterwards, and
 * the background is done before the reads begin.
 */
final class ReadFigures {
  private static final int LOAD_BATCH = 1000;
  private static final int SCAN = 100;
  private static final String RANDOM = "load in random order";

  private final Arguments arguments;
  private final int entries;
  private final int[] zipf;

  private ReadFigures(Arguments arguments) {
    this.arguments = arguments;
    this.entries = arguments.entries();
    this.zipf = Keys.zipf(entries);
  }

  static void run(Arguments arguments) throws Exception {
    ReadFigures figures = new ReadFigures(arguments);
    Tables tables = new Tables(System.out);
    try (WorkDirectory work = arguments.directory()) {
      figures.loadAndRead(work, tables);
    }
  }

  private void loadAndRead(WorkDirectory work, Tables tables) throws Exception {
    List<Peers> chosen = arguments.peers(Peers.values());
    byte[][] sorted = Keys.sorted(entries);
    Rounds rounds = new Rounds(arguments.rounds(), arguments::wants);
    for (Peers each : chosen) {
      rounds.add("load in key order", each.label(), () -> ordered(work, each, sorted, false));
      rounds.add("bulk load", each.label(), () -> ordered(work, each, sorted, true));
    }
    Map<String, Map<String, Sample>> loads = rounds.run();
    int[] order = Keys.shuffled(entries, new SplittableRandom(5));
    byte[][] shuffled = new byte[entries][];
    Arrays.setAll(shuffled, i -> sorted[order[i]]);
    Map<Peers, Peer.Setup> setups = new LinkedHashMap<>();
    for (Peers each : chosen) {
      setups.put(each, setup(work.fresh(each.label() + "-random")));
    }
    try (OpenPeers peers = OpenPeers.open(setups)) {
      peers.each(
          (name, peer) -> {
            Sample random = Sample.ofRate(load(peer, shuffled));
            loads.computeIfAbsent(RANDOM, _ -> new LinkedHashMap<>()).put(name, random);
            peer.settle();
          });
      tables.rates("puts/s, 1000 a transaction", loads);
      sizes(setups, tables);
      Map<String, Map<String, Sample>> reads = reads(peers);
      tables.rates("reads/s and entries/s", reads);
      tables.latencies("reads", reads);
      tables.costs("reads", reads);
    }
  }

  /** Loads a store that is deleted afterwards. */
  private Sample ordered(WorkDirectory work, Peers which, byte[][] keys, boolean bulk)
      throws Exception {
    Path dir = work.fresh(which.label() + (bulk ? "-bulk" : "-in-order"));
    try (Peer peer = which.open(setup(dir))) {
      if (!bulk) {
        return Sample.ofRate(load(peer, keys));
      }
      long start = System.nanoTime();
      peer.bulkLoad(keys, LOAD_BATCH);
      return Sample.ofRate(keys.length / ((System.nanoTime() - start) / 1e9));
    } finally {
      WorkDirectory.delete(dir);
    }
  }

  private Peer.Setup setup(Path dir) {
    return new Peer.Setup(dir, false, arguments.cacheBytes(), false);
  }

  private static double load(Peer peer, byte[][] keys) throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < keys.length; i += LOAD_BATCH) {
      peer.load(Arrays.copyOfRange(keys, i, Math.min(keys.length, i + LOAD_BATCH)));
    }
    return keys.length / ((System.nanoTime() - start) / 1e9);
  }

  private static void sizes(Map<Peers, Peer.Setup> setups, Tables tables) throws Exception {
    List<String> head = new ArrayList<>(List.of("MB on disk"));
    List<String> row = new ArrayList<>(List.of("after the load in random order"));
    for (Map.Entry<Peers, Peer.Setup> each : setups.entrySet()) {
      head.add(each.getKey().label());
      row.add(
          String.format(Locale.ROOT, "%,d", WorkDirectory.bytes(each.getValue().dir()) / 1000000));
    }
    tables.print(head, List.of(row));
  }

  private Map<String, Map<String, Sample>> reads(OpenPeers peers) throws Exception {
    Rounds rounds = new Rounds(arguments.rounds(), arguments::wants);
    for (int threads = 1; threads <= 2; threads++) {
      String suffix = threads == 1 ? ", 1 thread" : ", " + threads + " threads";
      int clients = threads;
      peers.each(
          (name, peer) ->
              rounds.add("uniform" + suffix, name, () -> gets(peer, clients, () -> this::uniform)));
      peers.each(
          (name, peer) -> rounds.add("Zipf" + suffix, name, () -> gets(peer, clients, Zipf::new)));
    }
    peers.each((name, peer) -> rounds.add("scans of 100, entries/s", name, () -> scans(peer)));
    peers.each((name, peer) -> rounds.add("full scan, entries/s", name, () -> fullScan(peer)));
    peers.each((name, peer) -> rounds.add("looks at 100, entries/s", name, () -> looks(peer)));
    peers.each((name, peer) -> rounds.add("look at all, entries/s", name, () -> lookAtAll(peer)));
    return rounds.run();
  }

  /** Says which entry is read next. */
  private interface Choice {
    int next(SplittableRandom random);
  }

  private int uniform(SplittableRandom random) {
    return random.nextInt(entries);
  }

  /** Goes through the draws from a place of its own: read at random they would cost a miss each. */
  private final class Zipf implements Choice {
    private int at = -1;

    @Override
    public int next(SplittableRandom random) {
      at = at < 0 ? random.nextInt(zipf.length) : (at + 1) % zipf.length;
      return zipf[at];
    }
  }

  private Sample gets(Peer peer, int clients, Supplier<Choice> choices) throws Exception {
    return Clients.platform(
        clients,
        arguments.slice(),
        () -> {
          Peer.Session session = peer.session();
          Choice choice = choices.get();
          return new SessionClient(
              session,
              random -> {
                byte[] value = session.get(Keys.key(choice.next(random)));
                if (value == null || value.length != Keys.VALUE_BYTES) {
                  throw new AssertionError("an entry that was loaded is missing");
                }
              });
        });
  }

  private Sample scans(Peer peer) throws Exception {
    return alone(peer, session -> random -> session.scan(Keys.key(uniform(random)), SCAN), SCAN);
  }

  private Sample looks(Peer peer) throws Exception {
    return alone(peer, session -> random -> session.look(Keys.key(uniform(random)), SCAN), SCAN);
  }

  private Sample lookAtAll(Peer peer) throws Exception {
    return alone(
        peer, session -> _ -> session.look(new byte[Keys.KEY_BYTES], Integer.MAX_VALUE), entries);
  }

  private Sample fullScan(Peer peer) throws Exception {
    return alone(peer, session -> _ -> scanAll(session), entries);
  }

  /** What one client reads again and again, counted by entries. */
  private Sample alone(Peer peer, Function<Peer.Session, Clients.Client> work, int entriesEach)
      throws Exception {
    Sample reads =
        Clients.platform(
            1,
            arguments.slice(),
            () -> {
              Peer.Session session = peer.session();
              return new SessionClient(session, work.apply(session));
            });
    return reads.times(entriesEach);
  }

  private void scanAll(Peer.Session session) throws Exception {
    int found = session.scan(new byte[Keys.KEY_BYTES], Integer.MAX_VALUE);
    if (found != entries) {
      throw new AssertionError("found " + found + " of " + entries + " entries");
    }
  }
}
