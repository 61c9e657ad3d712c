package dev.redoubt.benchmarks;

import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * Time to open a store that was closed in order, and to read an entry, with 1, 10 and 100 GB of
 * pages: the file of pages is made longer without being written, so {@code --dir} must be on a file
 * system with sparse files.
 */
final class OpenFigures {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final int ENTRIES = 100_000;
  private static final int ROUNDS = 9;

  private OpenFigures() {}

  /** Prints a line for each size. */
  static void run(Arguments arguments) throws IOException {
    try (WorkDirectory work = arguments.directory()) {
      measure(work.fresh("open"));
    }
  }

  private static void measure(Path dir) throws IOException {
    try (Store store = Store.open(dir)) {
      for (int from = 0; from < ENTRIES; from += 1000) {
        int start = from;
        store.write(
            tx -> {
              for (int i = start; i < start + 1000; i++) {
                tx.tree(TREE).put("k" + i, "v" + i);
              }
            });
      }
    }
    print("as it is", dir);
    for (long gigabytes : new long[] {1, 10, 100, 1}) {
      Path pages = dir.resolve("pages");
      try (FileChannel file = FileChannel.open(pages, StandardOpenOption.WRITE)) {
        long bytes = gigabytes << 30;
        if (file.size() > bytes) {
          file.truncate(bytes);
        } else {
          file.write(ByteBuffer.allocate(1), bytes - 1);
        }
      }
      print(gigabytes + " GB", dir);
    }
  }

  private static void print(String what, Path dir) throws IOException {
    double[] millis = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      try (Store store = Store.open(dir)) {
        String value = store.read(tx -> tx.tree(TREE).find("k77").orElseThrow());
        millis[i] = (System.nanoTime() - start) / 1e6;
        if (!value.equals("v77") || !store.lastRecovery().clean()) {
          throw new IllegalStateException("not as it was closed");
        }
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%-9s pages file of %,d bytes: open and first read %.1f ms (median of %d; %.1f to %.1f)%n",
        what,
        Files.size(dir.resolve("pages")),
        millis[ROUNDS / 2],
        ROUNDS,
        millis[0],
        millis[ROUNDS - 1]);
  }
}
