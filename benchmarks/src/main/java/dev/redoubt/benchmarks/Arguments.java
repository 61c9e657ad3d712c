package dev.redoubt.benchmarks;

import dev.redoubt.io.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments that all figures share, each as {@code --name value}.
 *
 * <ul>
 *   <li>{@code --dir}: where the stores are made; a new temporary directory unless given, removed
 *       at the end
 *   <li>{@code --peers}: comma-separated, see {@link Peers}; all unless given
 *   <li>{@code --only}: comma-separated; of loads and reads only rows with one of these in their
 *       name
 *   <li>{@code --seconds}: length of one slice of measuring
 *   <li>{@code --rounds}: rounds counted, after one that warms up
 *   <li>{@code --entries}: entries or records loaded before reads
 *   <li>{@code --cache-mib}: cache of each peer
 *   <li>{@code --data-mib}: data that are larger than the cache, keys and values
 *   <li>{@code --clients}: comma-separated numbers of platform threads
 *   <li>{@code --virtual}: number of virtual threads, 0 for none
 *   <li>{@code --log-mib}: log to be redone, comma-separated
 *   <li>{@code --losers}: updates of a transaction that the crash cuts off, comma-separated
 *   <li>{@code --rows}: of the table of restarts, each {@code MiB:updates}, or {@code
 *       MiB:updates/transactions} where many transactions are cut off, comma-separated; every pair
 *       of the two before unless given
 *   <li>{@code --rocks-mib}: rows with more log than that are measured without RocksDB, which takes
 *       the longest by far; none are unless given
 *   <li>{@code --drawn}: which of these rows are drawn over time, too; the last one unless given
 *   <li>{@code --checkpoints}: {@code held} off before the crash, or {@code running}
 *   <li>{@code --pool-mib}: sizes of the pools to be opened, comma-separated
 *   <li>{@code --caching}: whether our pages go through the operating system's cache, {@code
 *       buffered}, or past it, {@code direct}; of the stall alone
 *   <li>{@code --system-cache}: of the restart, comma-separated: {@code kept}, or {@code dropped}
 *       before every opening, as a power cut does; for that the program has to be root on Linux
 *   <li>{@code --plots}: where pictures go; the current directory unless given
 *   <li>{@code --seed}: of the traces of page accesses
 * </ul>
 */
final class Arguments {
  private static final Set<String> KNOWN =
      Set.of(
          "dir",
          "peers",
          "only",
          "seconds",
          "rounds",
          "entries",
          "cache-mib",
          "data-mib",
          "clients",
          "virtual",
          "log-mib",
          "pool-mib",
          "losers",
          "rows",
          "rocks-mib",
          "drawn",
          "checkpoints",
          "seed",
          "caching",
          "system-cache",
          "plots");

  private final Map<String, String> given = new HashMap<>();

  Arguments(String... args) {
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!KNOWN.contains(name) || i + 1 == args.length) {
        throw new IllegalArgumentException(
            "not an argument: '" + args[i] + "'; known, each with a value: " + KNOWN);
      }
      given.put(name, args[i + 1]);
    }
  }

  List<Peers> peers(Peers... usual) {
    String names = given.get("peers");
    if (names == null) {
      return List.of(usual);
    }
    List<Peers> peers = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      peers.add(Peers.of(name));
    }
    return peers;
  }

  /** Whether that row is wanted. */
  boolean wants(String row) {
    String only = given.get("only");
    return only == null || Arrays.stream(only.split(",", -1)).anyMatch(row::contains);
  }

  Duration slice() {
    double seconds = Double.parseDouble(given.getOrDefault("seconds", "2"));
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  int rounds() {
    return integer("rounds", 3);
  }

  int entries() {
    return integer("entries", 1_000_000);
  }

  int entries(int usual) {
    return integer("entries", usual);
  }

  long cacheBytes() {
    return cacheBytes(512);
  }

  long cacheBytes(int usualMiB) {
    return (long) integer("cache-mib", usualMiB) << 20;
  }

  long dataBytes(int usualMiB) {
    return (long) integer("data-mib", usualMiB) << 20;
  }

  List<Integer> clients() {
    return clients("1,8,32,128");
  }

  List<Integer> clients(String usual) {
    return integers("clients", usual);
  }

  int virtualClients() {
    return integer("virtual", 1000);
  }

  List<Integer> logMiB() {
    return integers("log-mib", "64,256");
  }

  Disk.Caching caching() {
    String value = given.getOrDefault("caching", "buffered");
    return switch (value) {
      case "buffered" -> Disk.Caching.BUFFERED;
      case "direct" -> Disk.Caching.DIRECT;
      default -> throw new IllegalArgumentException("caching is buffered or direct: " + value);
    };
  }

  /** Whether the system's cache is dropped before openings, in turn. */
  List<Boolean> dropped() {
    List<Boolean> dropped = new ArrayList<>();
    for (String each : given.getOrDefault("system-cache", "kept").split(",", -1)) {
      switch (each) {
        case "kept" -> dropped.add(false);
        case "dropped" -> dropped.add(true);
        default -> throw new IllegalArgumentException("system-cache is kept or dropped: " + each);
      }
    }
    return dropped;
  }

  List<Integer> losers() {
    return integers("losers", "0,100000,1000000");
  }

  /** A restart to be measured: MiB of log to redo, and updates of how many transactions cut off. */
  record Row(int mib, int updates, int losers) {}

  List<Row> rows() {
    if (given.containsKey("rows")) {
      return rows("rows");
    }
    List<Row> rows = new ArrayList<>();
    for (int mib : logMiB()) {
      for (int loser : losers()) {
        rows.add(new Row(mib, loser, 1));
      }
    }
    return rows;
  }

  /** Those of the rows that are drawn. */
  List<Row> drawn() {
    return given.containsKey("drawn") ? rows("drawn") : List.of(rows().getLast());
  }

  private List<Row> rows(String name) {
    List<Row> rows = new ArrayList<>();
    for (String each : given.getOrDefault(name, "").split(",", -1)) {
      String[] parts = each.split(":", -1);
      if (parts.length != 2) {
        throw new IllegalArgumentException("a row is MiB:updates, such as 256:100000: " + each);
      }
      String[] losers = parts[1].split("/", 2);
      rows.add(
          new Row(
              Integer.parseInt(parts[0]),
              Integer.parseInt(losers[0]),
              losers.length == 1 ? 1 : Integer.parseInt(losers[1])));
    }
    return rows;
  }

  /** Whether checkpoints are taken before a crash. */
  boolean checkpoints() {
    String value = given.getOrDefault("checkpoints", "running");
    return switch (value) {
      case "held" -> false;
      case "running" -> true;
      default -> throw new IllegalArgumentException("checkpoints are held or running: " + value);
    };
  }

  /** Whether RocksDB is measured beside the store in a row. */
  boolean withRocks(Row row) {
    return row.mib() <= integer("rocks-mib", Integer.MAX_VALUE)
        && peers(Peers.ROCKSDB).contains(Peers.ROCKSDB);
  }

  List<Integer> poolMiB() {
    return integers("pool-mib", "64,512,4096");
  }

  Path plots() {
    return Path.of(given.getOrDefault("plots", "."));
  }

  long seed() {
    return integer("seed", 1);
  }

  /** The directory to work in; a temporary one is given back empty at the end. */
  WorkDirectory directory() throws IOException {
    String dir = given.get("dir");
    return dir == null
        ? new WorkDirectory(Files.createTempDirectory("redoubt-figures"), true)
        : new WorkDirectory(Files.createDirectories(Path.of(dir)), false);
  }

  private int integer(String name, int usual) {
    String value = given.get(name);
    return value == null ? usual : Integer.parseInt(value);
  }

  private List<Integer> integers(String name, String usual) {
    List<Integer> numbers = new ArrayList<>();
    for (String each : given.getOrDefault(name, usual).split(",", -1)) {
      numbers.add(Integer.parseInt(each));
    }
    return numbers;
  }
}
