package dev.redoubt.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import site.ycsb.measurements.Measurements;
import site.ycsb.workloads.CoreWorkload;

/**
 * The core workloads of YCSB (Cooper and others, "Benchmarking Cloud Serving Systems with YCSB",
 * 2010) on every peer, driven by YCSB's own {@code CoreWorkload}: records of ten fields of 100
 * bytes, keys {@code user} and a hash, requests by Zipf's law, in D the latest. Every operation is
 * a transaction of its own. First without waiting for the force, from two clients, then durable,
 * from eight.
 *
 * <pre>
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar ycsb
 *   java -Xmx6g -jar benchmarks/target/benchmarks.jar ycsb \\
 *       --peers redoubt,rocksdb --entries 20000 --seconds 0.5 --rounds 1
 * </pre>
 *
 * <p>See {@link Arguments}. An update writes all fields, so that it is a put for every peer; the
 * last workload, F, reads a record and writes it back in two transactions, as YCSB's client does.
 */
final class YcsbFigures {
  private static final int RECORDS = 100_000;
  private static final int NOT_WAITING_CLIENTS = 2;
  private static final int DURABLE_CLIENTS = 8;

  /** E comes last: its inserts and those of D are the same records. */
  private enum Workload {
    A("A: half updates", Map.of("readproportion", "0.5", "updateproportion", "0.5")),
    B("B: 5 % updates", Map.of("readproportion", "0.95", "updateproportion", "0.05")),
    C("C: reads", Map.of("readproportion", "1", "updateproportion", "0")),
    F(
        "F: half read, modify, write",
        Map.of(
            "readproportion", "0.5", "updateproportion", "0", "readmodifywriteproportion", "0.5")),
    D(
        "D: reads of the latest, 5 % inserts",
        Map.of(
            "readproportion",
            "0.95",
            "updateproportion",
            "0",
            "insertproportion",
            "0.05",
            "requestdistribution",
            "latest")),
    E(
        "E: scans of 1 to 100, 5 % inserts",
        Map.of(
            "readproportion",
            "0",
            "updateproportion",
            "0",
            "scanproportion",
            "0.95",
            "insertproportion",
            "0.05",
            "maxscanlength",
            "100"));

    private final String label;

    @SuppressWarnings("ImmutableEnumChecker") // made by Map.of
    private final Map<String, String> mix;

    Workload(String label, Map<String, String> mix) {
      this.label = label;
      this.mix = mix;
    }

    Properties properties(int records) {
      Properties all = new Properties();
      all.setProperty("recordcount", Integer.toString(records));
      all.setProperty("operationcount", Integer.toString(records)); // bounds the new keys expected
      all.setProperty("writeallfields", "true");
      all.setProperty("requestdistribution", "zipfian");
      all.setProperty("measurementtype", "raw"); // what is measured is measured here
      all.putAll(mix);
      return all;
    }
  }

  private final Arguments arguments;
  private final int records;

  private YcsbFigures(Arguments arguments) {
    this.arguments = arguments;
    this.records = arguments.entries(RECORDS);
  }

  static void run(Arguments arguments) throws Exception {
    Properties quiet = new Properties();
    quiet.setProperty("measurementtype", "histogram");
    Measurements.setProperties(quiet);
    YcsbFigures figures = new YcsbFigures(arguments);
    Tables tables = new Tables(System.out);
    try (WorkDirectory work = arguments.directory()) {
      figures.measure(work, tables, false, "not waiting, " + NOT_WAITING_CLIENTS + " clients");
      figures.measure(work, tables, true, "durable, " + DURABLE_CLIENTS + " clients");
    }
  }

  private void measure(WorkDirectory work, Tables tables, boolean durable, String how)
      throws Exception {
    Map<Peers, Peer.Setup> setups = new LinkedHashMap<>();
    List<Peers> chosen = arguments.peers(Peers.values());
    for (Peers each : chosen) {
      setups.put(
          each,
          new Peer.Setup(
              work.fresh(each.label() + "-ycsb-" + (durable ? "durable" : "not-waiting")),
              durable,
              arguments.cacheBytes(),
              false));
    }
    try (OpenPeers peers = OpenPeers.open(setups)) {
      peers.each((name, peer) -> load(name, peer));
      Rounds rounds = new Rounds(arguments.rounds(), arguments::wants);
      for (Workload workload : Workload.values()) {
        peers.each((name, peer) -> add(rounds, workload, name, peer, durable));
      }
      Map<String, Map<String, Sample>> found = rounds.run();
      tables.rates("YCSB operations/s, " + how, found);
      tables.costs("YCSB, " + how, found);
    }
  }

  private void add(Rounds rounds, Workload workload, String name, Peer peer, boolean durable)
      throws Exception {
    CoreWorkload core = new CoreWorkload();
    core.init(workload.properties(records));
    int clients = durable ? DURABLE_CLIENTS : NOT_WAITING_CLIENTS;
    rounds.add(
        workload.label,
        name,
        () -> Clients.platform(clients, arguments.slice(), () -> client(core, peer.session())));
  }

  private static Clients.Client client(CoreWorkload core, Peer.Session session) {
    YcsbDb db = new YcsbDb(session);
    return new SessionClient(
        session,
        random -> {
          if (!core.doTransaction(db, new Object())) {
            throw new AssertionError("a transaction of YCSB failed");
          }
        });
  }

  /** Loads in YCSB's own order, each peer in the way that is cheapest for it. */
  private void load(String name, Peer peer) throws Exception {
    CoreWorkload core = new CoreWorkload();
    core.init(Workload.C.properties(records));
    YcsbLoad load = new YcsbLoad(peer);
    for (int i = 0; i < records; i++) {
      core.doInsert(load, new Object());
    }
    load.finish();
    peer.settle();
    System.err.printf("%s: %d records loaded%n", name, records);
  }
}
