package dev.redoubt.benchmarks;

import dev.redoubt.buffer.FilePageStore;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.ForwardingDisk;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Full scans of more than the pool holds, pages past the operating system's cache, each from a pool
 * that is empty: with read-ahead, and with threads for it that never run.
 */
final class ScanFigures {
  private static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("entries");
  private static final int BATCH = 10_000;

  private ScanFigures() {}

  static void run(Arguments arguments) throws Exception {
    Rounds rounds = new Rounds(arguments.rounds());
    try (WorkDirectory work = arguments.directory()) {
      for (boolean inOrder : new boolean[] {true, false}) {
        String name = inOrder ? "loaded in key order" : "loaded in random order";
        Path dir = work.fresh(inOrder ? "ordered" : "random");
        load(dir, arguments.entries(), inOrder);
        int frames = (int) Math.max(64, WorkDirectory.bytes(dir) / 8192 / 8);
        for (boolean ahead : new boolean[] {true, false}) {
          rounds.add(
              name,
              ahead ? "with read-ahead" : "without",
              () -> scan(dir, Math.min(frames, arguments.entries() / 500), ahead));
        }
      }
      new Tables(System.out).rates("full scan, entries/s, cold, direct", rounds.run());
    }
  }

  private static void load(Path dir, int entries, boolean inOrder) {
    byte[][] keys = Keys.sorted(entries);
    SplittableRandom random = new SplittableRandom(3);
    int[] order = Keys.shuffled(entries, random);
    try (Store store = Store.open(dir)) {
      for (int from = 0; from < entries; from += BATCH) {
        try (WriteTx tx = store.beginWrite()) {
          Tree<byte[], byte[]> tree = tx.tree(TREE);
          for (int i = from; i < Math.min(entries, from + BATCH); i++) {
            tree.put(keys[inOrder ? i : order[i]], Keys.value(random));
          }
          tx.commit();
        }
      }
    }
  }

  private static Sample scan(Path dir, int frames, boolean ahead) {
    StoreOptions options =
        StoreOptions.defaults().withEngine(StoreOptions.defaults().engine().withFrames(frames));
    Environment environment = ahead ? Environment.system() : new WithoutReadAhead();
    try (Store store =
        Store.open(
            new DirectPages(RealDisk.open(dir)), environment, options, RecoveryListener.NONE)) {
      long begin = System.nanoTime();
      long seen = 0;
      try (ReadTx tx = store.beginRead()) {
        Iterator<Map.Entry<byte[], byte[]>> entries =
            tx.tree(TREE).range(KeyRange.all()).iterator();
        for (; entries.hasNext(); seen++) {
          entries.next();
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.err.printf(
          Locale.ROOT,
          "%s %s: %d frames, %d pages, %.2f s%n",
          dir.getFileName(),
          ahead ? "ahead" : "without",
          frames,
          store.stats().pool().faults(),
          seconds);
      return Sample.ofRate(seen / seconds);
    }
  }

  /** Threads for read-ahead do nothing. */
  private static final class WithoutReadAhead implements Environment {
    private final Environment real = Environment.system();

    @Override
    public Thread start(String name, Runnable body) {
      return real.start(name, name.startsWith("redoubt-read-ahead") ? () -> {} : body);
    }

    @Override
    public long nanoTime() {
      return real.nanoTime();
    }

    @Override
    public Instant now() {
      return real.now();
    }

    @Override
    public RandomGenerator random() {
      return real.random();
    }
  }

  /** A disk whose file of pages is read and written past the operating system's cache. */
  private static final class DirectPages extends ForwardingDisk {
    DirectPages(Disk disk) {
      super(disk);
    }

    @Override
    public DiskFile open(String name, Access access, Caching caching) {
      return super.open(
          name, access, name.equals(FilePageStore.PAGES_FILE) ? Caching.DIRECT : caching);
    }
  }
}
