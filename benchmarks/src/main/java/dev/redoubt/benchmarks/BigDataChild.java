package dev.redoubt.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The process in which {@link BigDataFigures} measures one peer: loads, then does what each line of
 * its input says, and answers with a line.
 */
final class BigDataChild {
  private static final int LOAD_BATCH = 1000;

  private final Peer peer;
  private final int entries;
  private final int[] zipf;

  private BigDataChild(Peer peer, int entries) {
    this.peer = peer;
    this.entries = entries;
    this.zipf = Keys.zipf(entries);
  }

  /** Arguments: peer, directory, cache bytes, entries. */
  public static void main(String[] args) throws Exception {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    commands.readLine(); // until it is in its group
    Peer.Setup setup =
        new Peer.Setup(Path.of(args[1]), false, Long.parseLong(args[2]), false, true);
    try (Peer peer = Peers.of(args[0]).open(setup)) {
      BigDataChild child = new BigDataChild(peer, Integer.parseInt(args[3]));
      long begin = System.nanoTime();
      child.load();
      answer(Double.toString((System.nanoTime() - begin) / 1e9));
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        answer(child.slice(line.split(" ", -1)));
      }
    }
    System.exit(0); // some peers leave threads behind
  }

  private static void answer(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** In key order, which all of them can: so that it does not take hours. */
  private void load() throws Exception {
    byte[][] keys = Keys.sorted(entries);
    for (int i = 0; i < entries; i += LOAD_BATCH) {
      peer.load(Arrays.copyOfRange(keys, i, Math.min(entries, i + LOAD_BATCH)));
    }
    peer.settle();
  }

  /** {@code reads|updates uniform|Zipf clients seconds}. */
  private String slice(String[] command) throws Exception {
    boolean reads = command[0].equals("reads");
    boolean uniform = command[1].equals("uniform");
    Duration time = Duration.ofNanos((long) (Double.parseDouble(command[3]) * 1e9));
    long before = diskBytes("read_bytes");
    long written = diskBytes("write_bytes");
    Sample sample =
        Clients.platform(
            Integer.parseInt(command[2]),
            time,
            () -> {
              Peer.Session session = peer.session();
              return new SessionClient(
                  session,
                  random -> {
                    byte[] key = Keys.key(uniform ? random.nextInt(entries) : zipf(random));
                    if (reads) {
                      read(session, key);
                    } else {
                      session.put(key, Keys.value(random));
                    }
                  });
            });
    double operations = Math.max(1, sample.latencies().count());
    return String.format(
        Locale.ROOT,
        "%f %d %d %d %f %f %f",
        sample.perSecond(),
        sample.latencies().quantileNanos(0.5),
        sample.latencies().quantileNanos(0.99),
        sample.latencies().quantileNanos(0.999),
        sample.cpuNanosPerOperation(),
        (diskBytes("read_bytes") - before) / operations,
        (diskBytes("write_bytes") - written) / operations);
  }

  private int zipf(SplittableRandom random) {
    return zipf[random.nextInt(zipf.length)];
  }

  private static void read(Peer.Session session, byte[] key) throws Exception {
    byte[] value = session.get(key);
    if (value == null || value.length != Keys.VALUE_BYTES) {
      throw new AssertionError("an entry that was loaded is missing");
    }
  }

  /**
   * What this process has fetched from the disk, or sent to it; 0 where the system does not say.
   */
  static long diskBytes(String name) throws Exception {
    Path counters = Path.of("/proc/self/io");
    if (Files.exists(counters)) {
      for (String line : Files.readAllLines(counters)) {
        if (line.startsWith(name + ": ")) {
          return Long.parseLong(line.substring(name.length() + 2));
        }
      }
    }
    return 0;
  }
}
