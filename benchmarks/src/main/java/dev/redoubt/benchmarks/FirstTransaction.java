package dev.redoubt.benchmarks;

import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The process that opens a store after a crash, in a JVM that has not run any of this before, and
 * prints in seconds: from the call of open to its return, to the end of the first transaction (one
 * get and one put, durable), and until nothing of restart is left; then the bytes of log to redo.
 */
final class FirstTransaction {
  private FirstTransaction() {}

  /** Arguments: redoubt or rocksdb, directory, cache bytes, checkpoints, full or instant. */
  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[1]);
    long cacheBytes = Long.parseLong(args[2]);
    if (args[0].equals("rocksdb")) {
      rocks(dir, cacheBytes);
      return;
    }
    RestartMode mode = RestartMode.valueOf(args[4]);
    boolean checkpoints = Boolean.parseBoolean(args[3]);
    long start = System.nanoTime();
    try (Store store = Store.open(dir, CrashedStore.options(cacheBytes, checkpoints, mode))) {
      double opened = since(start);
      try (WriteTx tx = store.beginWrite()) {
        if (tx.tree(CrashedStore.TREE).get(Keys.key(0)) == null) {
          throw new AssertionError("an entry that was loaded is missing");
        }
        tx.tree(CrashedStore.TREE).put(Keys.key(2), Keys.value(new SplittableRandom(4)));
        tx.commit(Durability.SYNC);
      }
      double first = since(start);
      store.engine().restart().await();
      double over = since(start);
      RecoveryReport report = store.lastRecovery();
      System.out.println(
          opened + " " + first + " " + over + " " + (report.endLsn() - report.redoLsn()));
    }
  }

  private static void rocks(Path dir, long cacheBytes) throws Exception {
    long start = System.nanoTime();
    // Its own write buffers again: with the one large memtable of the writer it takes longer.
    try (Peer peer = Peers.ROCKSDB.open(new Peer.Setup(dir, true, cacheBytes, false));
        Peer.Session session = peer.session()) {
      double opened = since(start);
      if (session.get(Keys.key(0)) == null) {
        throw new AssertionError("an entry that was loaded is missing");
      }
      session.put(Keys.key(2), Keys.value(new SplittableRandom(4)));
      double first = since(start);
      System.out.println(opened + " " + first + " " + first + " 0");
    }
  }

  private static double since(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
