package dev.redoubt.benchmarks;

import dev.redoubt.wal.Log;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The process that {@link RestartFigures} kills: writes, prints how many updates are durable, and
 * waits for its end.
 */
final class RestartChild {
  private static final int LOAD_BATCH = 1000;
  private static final int UPDATES_A_TRANSACTION = 10;

  private RestartChild() {}

  /** Arguments: peer, directory, cache bytes, entries, MiB of log or else the number of updates. */
  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[1]);
    int entries = Integer.parseInt(args[3]);
    long logBytes = Long.parseLong(args[4]) << 20;
    long limit = Long.parseLong(args[5]);
    Peer peer = Peers.of(args[0]).open(new Peer.Setup(dir, false, Long.parseLong(args[2]), true));
    byte[][] keys = new byte[entries][];
    Arrays.setAll(keys, Keys::key);
    for (int i = 0; i < entries; i += LOAD_BATCH) {
      peer.load(Arrays.copyOfRange(keys, i, Math.min(entries, i + LOAD_BATCH)));
    }
    peer.settle();
    long updates =
        peer instanceof RedoubtPeer redoubt
            ? fill(redoubt, keys, logBytes)
            : update(peer, keys, limit);
    System.out.println(updates);
    System.out.flush();
    Thread.currentThread().join();
  }

  private static long fill(RedoubtPeer peer, byte[][] keys, long logBytes) throws Exception {
    peer.store().engine().pool().flushAll();
    peer.settle();
    Log log = peer.store().engine().log();
    long end = log.endLsn() + logBytes;
    SplittableRandom random = new SplittableRandom(3);
    long updates = 0;
    while (log.endLsn() < end) {
      peer.load(draw(keys, random));
      updates += UPDATES_A_TRANSACTION;
    }
    log.forceAll();
    return updates;
  }

  private static long update(Peer peer, byte[][] keys, long limit) throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    for (long updates = 0; updates < limit; updates += UPDATES_A_TRANSACTION) {
      peer.load(draw(keys, random));
    }
    return limit;
  }

  private static byte[][] draw(byte[][] keys, SplittableRandom random) {
    byte[][] drawn = new byte[UPDATES_A_TRANSACTION][];
    Arrays.setAll(drawn, i -> keys[random.nextInt(keys.length)]);
    return drawn;
  }
}
