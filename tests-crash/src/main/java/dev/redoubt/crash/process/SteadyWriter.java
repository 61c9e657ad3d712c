package dev.redoubt.crash.process;

import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * The program of {@link RestartTimes}: loads entries once, then updates them at random for ever;
 * or, told to, opens the store, prints how long that took, and ends.
 */
public final class SteadyWriter {
  static final int ENTRIES = 100_000;
  private static final int PUTS = 10;
  private static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("steady");

  private SteadyWriter() {}

  static StoreOptions options(Duration target) {
    StoreOptions defaults = StoreOptions.defaults();
    return defaults.withEngine(
        defaults
            .engine()
            .withFrames(4096)
            .withTargetRestartTime(target)
            .withMaxWalBytes(16L << 30));
  }

  /** Arguments: folder, target in milliseconds, and "write" or "open". */
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    Duration target = Duration.ofMillis(Long.parseLong(arguments[1]));
    if (arguments[2].equals("open")) {
      open(folder, target);
    } else {
      write(folder, target);
    }
  }

  private static void open(Path folder, Duration target) {
    var threads = ManagementFactory.getThreadMXBean();
    long cpu = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    Store store = Store.open(folder, options(target));
    long opened = System.nanoTime() - start;
    store.engine().restart().await(); // what is wanted is that nothing is left to redo or undo
    long nanos = System.nanoTime() - start;
    cpu = threads.getCurrentThreadCpuTime() - cpu;
    var report = store.lastRecovery();
    System.out.println(
        nanos
            + " "
            + opened
            + " "
            + cpu
            + " "
            + (report.endLsn() - report.redoLsn())
            + " "
            + report.redone());
    System.out.flush();
    store.close();
  }

  private static void write(Path folder, Duration target) {
    Store store = Store.open(folder, options(target));
    SplittableRandom random = new SplittableRandom(7);
    byte[] value = new byte[100];
    try (WriteTx tx = store.beginWrite()) {
      if (tx.tree(TREE).get(key(ENTRIES - 1)) == null) {
        for (int i = 0; i < ENTRIES; i++) {
          random.nextBytes(value);
          tx.tree(TREE).put(key(i), value);
        }
      }
      tx.commit(Durability.SYNC);
    }
    System.out.println("steady");
    for (long n = 1; ; n++) {
      try (WriteTx tx = store.beginWrite()) {
        for (int i = 0; i < PUTS; i++) {
          random.nextBytes(value);
          tx.tree(TREE).put(key(random.nextInt(ENTRIES)), value);
        }
        tx.commit(Durability.ASYNC);
      }
      if (n % 2_000 == 0) {
        var stats = store.stats();
        System.out.println(stats.restart().total().toMillis() + " " + stats.redoDistanceBytes());
        System.out.flush();
      }
    }
  }

  private static byte[] key(int i) {
    return ByteBuffer.allocate(16).putLong(i * 0x9E3779B97F4A7C15L).putLong(i).array();
  }
}
