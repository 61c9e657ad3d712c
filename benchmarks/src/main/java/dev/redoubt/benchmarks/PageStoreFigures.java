package dev.redoubt.benchmarks;

import dev.redoubt.buffer.FilePageStore;
import dev.redoubt.buffer.rocksdb.RocksDbPages;
import dev.redoubt.buffer.rocksdb.RocksDbPages.Compression;
import dev.redoubt.recovery.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * One store with its pages kept in different ways: in a file with and without copies against torn
 * writes, and in RocksDB with and without compression. Data are eight times the cache; half of the
 * rows have values that do not compress, half have decimal digits. Commits do not wait.
 *
 * <pre>
 *   java -Xmx1g -jar benchmarks/target/benchmarks.jar pagestores
 *   java -Xmx1g -jar benchmarks/target/benchmarks.jar pagestores \
 *       --cache-mib 16 --data-mib 128 --seconds 2 --rounds 3 --clients 4
 * </pre>
 *
 * <p>See {@link Arguments}. Pages in the file go past the operating system's cache; RocksDB's files
 * go through it.
 */
final class PageStoreFigures {
  private static final int LOAD_BATCH = 1000;

  private final Arguments arguments;
  private final int entries;
  private final List<Measured> stores = new ArrayList<>();

  /** A way of keeping pages, and what was found of it. */
  private static final class Measured {
    final String name;
    final boolean digits;
    final RedoubtPeer peer;
    final Path dir;
    double loadedPerSecond;
    double loadedMib;
    final Map<String, List<Slice>> slices = new LinkedHashMap<>();

    Measured(String name, boolean digits, RedoubtPeer peer, Path dir) {
      this.name = name;
      this.digits = digits;
      this.peer = peer;
      this.dir = dir;
    }

    byte[] value(SplittableRandom random) {
      return digits ? Keys.digits(random) : Keys.value(random);
    }
  }

  /** What one slice gave. */
  private record Slice(double rate, double cpuMicros, double kbWritten) {}

  private PageStoreFigures(Arguments arguments) {
    this.arguments = arguments;
    this.entries = Math.toIntExact(arguments.dataBytes(128) / (Keys.KEY_BYTES + Keys.VALUE_BYTES));
  }

  static void run(Arguments arguments) throws Exception {
    PageStoreFigures figures = new PageStoreFigures(arguments);
    try (WorkDirectory work = arguments.directory()) {
      try {
        figures.measure(work);
      } finally {
        figures.stores.forEach(each -> each.peer.close());
      }
    }
  }

  private void measure(WorkDirectory work) throws Exception {
    for (boolean digits : new boolean[] {false, true}) {
      open(work, "file, copied aside", digits, engine -> engine);
      open(work, "file alone", digits, engine -> engine.withDoubleWrite(false));
      for (Compression each : Compression.values()) {
        String name = "RocksDB, " + (each == Compression.NONE ? "plain" : each.name());
        open(work, name, digits, engine -> engine.withPages(new RocksDbPages(each)));
      }
    }
    for (Measured each : stores) {
      load(each);
    }
    for (int round = 0; round <= arguments.rounds(); round++) {
      for (String kind : List.of("updates", "reads")) {
        for (Measured each : stores) {
          Slice slice = slice(each, kind.equals("updates"));
          if (round > 0) {
            each.slices.computeIfAbsent(kind, _ -> new ArrayList<>()).add(slice);
          }
        }
      }
      System.err.printf("round %d of %d done%n", round, arguments.rounds());
    }
    print();
  }

  private void open(
      WorkDirectory work, String name, boolean digits, Function<EngineOptions, EngineOptions> pages)
      throws IOException {
    Path dir = work.fresh("pages-" + stores.size());
    Peer.Setup setup = new Peer.Setup(dir, false, arguments.cacheBytes(16), false, true);
    RedoubtPeer peer = new RedoubtPeer(setup, pages.apply(RedoubtPeer.engine(setup)));
    stores.add(new Measured(name, digits, peer, dir));
  }

  private void load(Measured store) throws IOException {
    byte[][] keys = Keys.sorted(entries);
    SplittableRandom random = new SplittableRandom(5);
    long begin = System.nanoTime();
    for (int from = 0; from < entries; from += LOAD_BATCH) {
      byte[][] batch = Arrays.copyOfRange(keys, from, Math.min(entries, from + LOAD_BATCH));
      byte[][] values = new byte[batch.length][];
      Arrays.setAll(values, v -> store.value(random));
      store.peer.load(batch, values);
    }
    settle(store);
    store.loadedPerSecond = entries / ((System.nanoTime() - begin) / 1e9);
    store.loadedMib = pagesMib(store.dir);
    System.err.printf("%s: loaded%n", store.name);
  }

  /** Every page is home. */
  private static void settle(Measured store) {
    store.peer.store().engine().pool().flushAll();
    store.peer.settle();
  }

  private Slice slice(Measured store, boolean updates) throws Exception {
    long written = BigDataChild.diskBytes("write_bytes");
    Sample sample =
        Clients.platform(
            arguments.clients("4").getFirst(),
            arguments.slice(),
            () -> {
              Peer.Session session = store.peer.session();
              return new SessionClient(
                  session,
                  random -> {
                    byte[] key = Keys.key(random.nextInt(entries));
                    if (updates) {
                      session.put(key, store.value(random));
                    } else if (session.get(key) == null) {
                      throw new AssertionError("an entry that was loaded is missing");
                    }
                  });
            });
    settle(store); // what it left to write is its own
    double operations = Math.max(1, sample.latencies().count());
    double kb = (BigDataChild.diskBytes("write_bytes") - written) / operations / 1e3;
    return new Slice(sample.perSecond(), sample.cpuNanosPerOperation() / 1e3, kb);
  }

  private void print() throws IOException {
    List<String> head =
        List.of(
            "pages in",
            "values",
            "loaded/s",
            "MiB of pages",
            "updates/s",
            "CPU us",
            "KB written each",
            "reads/s",
            "CPU us each",
            "MiB in the end");
    List<List<String>> rows = new ArrayList<>();
    for (Measured each : stores) {
      Slice updates = median(each.slices.getOrDefault("updates", List.of()));
      Slice reads = median(each.slices.getOrDefault("reads", List.of()));
      rows.add(
          List.of(
              each.name,
              each.digits ? "digits" : "random",
              String.format(Locale.ROOT, "%,.0f", each.loadedPerSecond),
              String.format(Locale.ROOT, "%,.0f", each.loadedMib),
              String.format(Locale.ROOT, "%,.0f", updates.rate()),
              String.format(Locale.ROOT, "%.1f", updates.cpuMicros()),
              String.format(Locale.ROOT, "%.1f", updates.kbWritten()),
              String.format(Locale.ROOT, "%,.0f", reads.rate()),
              String.format(Locale.ROOT, "%.1f", reads.cpuMicros()),
              String.format(Locale.ROOT, "%,.0f", pagesMib(each.dir))));
    }
    new Tables(System.out).print(head, rows);
  }

  private static Slice median(List<Slice> slices) {
    return slices.stream()
        .sorted((a, b) -> Double.compare(a.rate(), b.rate()))
        .skip(slices.size() / 2)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("--rounds must be at least 1"));
  }

  /** What lies beside the log. */
  private static double pagesMib(Path dir) throws IOException {
    Path file = dir.resolve(FilePageStore.PAGES_FILE);
    Path folder = dir.resolve(RocksDbPages.FOLDER);
    long bytes = Files.exists(file) ? Files.size(file) : WorkDirectory.bytes(folder);
    return bytes / (double) (1 << 20);
  }
}
