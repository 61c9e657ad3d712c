package dev.redoubt.crash.process;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The program that is killed in the middle of restart, again and again: first it leaves a store
 * with a large loser, then it restarts that store and prints a line for each piece of progress.
 */
public final class RestartLoop {
  /** What is in the store. */
  public static final TreeDef<String, String> TREE =
      TreeDef.of("restart", Codecs.UTF_8, Codecs.UTF_8);

  private static final int FILLER = 200;
  private static final int COMMITTED_EVERY = 10;

  private RestartLoop() {}

  /** Small frames and segments; checkpoints often, so that restarts may begin further on. */
  public static StoreOptions options(RestartMode mode) {
    StoreOptions defaults = StoreOptions.defaults();
    return defaults.withEngine(
        defaults
            .engine()
            .withPageSize(4096)
            .withFrames(256)
            .withLog(defaults.engine().log().withSegmentBytes(1 << 20).withBuffers(4, 64 << 10))
            .withCheckpoints(128 << 10, Duration.ofMillis(50))
            .withRestart(mode));
  }

  /** The key of a committed entry. */
  public static String committed(int number) {
    return "c" + number;
  }

  /** A value that takes some log. */
  public static String value(int number) {
    return number + "x".repeat(FILLER);
  }

  /** How many entries are committed beside a loser of so many updates. */
  public static int committedBeside(int updates) {
    return (updates + COMMITTED_EVERY - 1) / COMMITTED_EVERY;
  }

  /**
   * Arguments: the folder, then {@code leave} and the number of updates of the loser, or {@code
   * restart} and the mode. Never returns by itself.
   */
  public static void main(String[] arguments) throws InterruptedException {
    Path folder = Path.of(arguments[0]);
    if (arguments[1].equals("leave")) {
      leave(folder, Integer.parseInt(arguments[2]));
    } else {
      restart(folder, RestartMode.valueOf(arguments[2]));
    }
    Thread.currentThread().join();
  }

  private static void leave(Path folder, int updates) {
    Store store = Store.open(folder, options(RestartMode.FULL));
    WriteTx loser = store.beginWrite();
    for (int i = 0; i < updates; i++) {
      loser.tree(TREE).put("l" + i % (updates / 2), value(i));
      if (i % COMMITTED_EVERY == 0) {
        int number = i / COMMITTED_EVERY;
        try (WriteTx tx = store.beginWrite()) {
          tx.tree(TREE).put(committed(number), value(number));
          tx.commit(Durability.ASYNC);
        }
      }
    }
    store.engine().log().forceAll();
    println("left");
  }

  private static void restart(Path folder, RestartMode mode) {
    Store store =
        Store.open(
            RealDisk.open(folder),
            Environment.system(),
            options(mode),
            progress -> println(progress.phase() + " " + progress.lsn()));
    println("open");
    long left = Long.MAX_VALUE;
    while (!store.engine().restart().isOver()) {
      long now = store.engine().restart().updatesLeft();
      if (now < left) {
        left = now;
        println("left " + now);
      }
      Thread.onSpinWait();
    }
    println("over");
  }

  private static synchronized void println(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
