package dev.redoubt.crash.process;

import dev.redoubt.io.Environment;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that is killed: writers commit numbered transactions for ever and print {@code writer
 * number} after each acknowledgement. Transaction n of a writer puts its counter to n and entries
 * {@code n.0} to {@code n.2}, and removes those of n - {@link #KEPT}; every fifth is first tried
 * with wrong values and rolled back. Whatever the moment of death, the counter tells which entries
 * must be there.
 */
public final class CommitLoop {
  /** Transactions whose entries stay. */
  public static final int KEPT = 40;

  /** Entries of one transaction. */
  public static final int ENTRIES = 3;

  /** What the writers write. */
  public static final TreeDef<String, String> TREE = TreeDef.of("loop", Codecs.UTF_8, Codecs.UTF_8);

  private CommitLoop() {}

  /**
   * Small frames and segments, so that pages are stolen and segments recycled; the writers go on
   * while restart does.
   */
  public static StoreOptions options() {
    return options(PagesIn.FILE);
  }

  /** The same with pages in something else. */
  public static StoreOptions options(PagesIn pages) {
    StoreOptions defaults = StoreOptions.defaults();
    return defaults.withEngine(
        defaults
            .engine()
            .withPageSize(4096)
            .withFrames(64)
            .withLog(defaults.engine().log().withSegmentBytes(1 << 20).withBuffers(4, 64 << 10))
            .withCheckpoints(512 << 10, Duration.ofMillis(200))
            .withRestart(RestartMode.INSTANT)
            .withPages(pages.kind()));
  }

  /** Arguments: the folder, the number of writers, and {@link PagesIn}. Never returns by itself. */
  public static void main(String[] arguments) {
    PagesIn pages = arguments.length > 2 ? PagesIn.valueOf(arguments[2]) : PagesIn.FILE;
    Store store = Store.open(Path.of(arguments[0]), options(pages));
    int writers = Integer.parseInt(arguments[1]);
    println("open");
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      String writer = "w" + i;
      threads.add(Environment.system().start(writer, () -> loop(store, writer)));
    }
    for (Thread thread : threads) {
      join(thread);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void loop(Store store, String writer) {
    long number = counter(store, writer);
    while (true) {
      number++;
      if (number % 5 == 0) {
        try (WriteTx tx = store.beginWrite()) {
          put(tx, writer, number, "rolled back");
        }
      }
      long current = number;
      store.write(tx -> put(tx, writer, current, "of " + current));
      println(writer + " " + number);
    }
  }

  private static void put(WriteTx tx, String writer, long number, String value) {
    for (int i = 0; i < ENTRIES; i++) {
      tx.tree(TREE).put(entry(writer, number, i), value + "x".repeat((int) (number % 300)));
      if (number > KEPT) {
        tx.tree(TREE).remove(entry(writer, number - KEPT, i));
      }
    }
    tx.tree(TREE).put(writer, Long.toString(number));
  }

  /** Key of an entry. */
  public static String entry(String writer, long number, int index) {
    return String.format("%s/%010d.%d", writer, number, index);
  }

  /** What an entry must hold. */
  public static String value(long number) {
    return "of " + number + "x".repeat((int) (number % 300));
  }

  /** The number of the writer's last transaction; 0 before the first. */
  public static long counter(Store store, String writer) {
    String found = store.read(tx -> tx.tree(TREE).find(writer).orElse("0"));
    return Long.parseLong(found);
  }

  private static synchronized void println(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
