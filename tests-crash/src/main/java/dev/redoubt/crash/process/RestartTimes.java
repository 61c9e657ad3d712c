package dev.redoubt.crash.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Whether the restart time wanted is held: a child writes steadily, is killed at a random moment,
 * and another child, as cold as a restart is, opens the store and says how long that took. The
 * store goes on from cycle to cycle, so that its estimates can learn. Confined to one thread.
 *
 * <pre>
 *   java -cp ... dev.redoubt.crash.process.RestartTimes FOLDER SECONDS CYCLES SEED TARGET_MS...
 * </pre>
 */
public final class RestartTimes {
  private final Path folder;
  private final Duration target;
  private final SplittableRandom random;

  /** Cycles in one folder; the seed decides the moments. */
  public RestartTimes(Path folder, Duration target, long seed) {
    this.folder = folder;
    this.target = target;
    this.random = new SplittableRandom(seed);
  }

  /**
   * One restart.
   *
   * @param wall from the call of open until nothing was left to redo or undo, in a fresh JVM
   * @param opened of that, until open returned
   * @param processor processor time of the opening thread in that: what a busy machine leaves of it
   * @param redoBytes log that redo scanned
   * @param redone changes it applied
   * @param estimated what the store had said last before it was killed
   */
  public record Restart(
      Duration wall,
      Duration opened,
      Duration processor,
      long redoBytes,
      long redone,
      Duration estimated) {}

  /** Writes for a random time between one and two times {@code least}, kills, and opens. */
  public Restart cycle(Duration least) {
    long millis = least.toMillis() + random.nextLong(least.toMillis());
    return open(writeAndKill(Duration.ofMillis(millis)));
  }

  /** Opens the store as it is, in a fresh JVM, and closes it in order. */
  public Restart open(Duration estimated) {
    try (ChildJvm opener =
        ChildJvm.start(SteadyWriter.class, folder.toString(), "" + target.toMillis(), "open")) {
      String[] words = line(opener).split(" ", -1);
      Restart restart =
          new Restart(
              Duration.ofNanos(Long.parseLong(words[0])),
              Duration.ofNanos(Long.parseLong(words[1])),
              Duration.ofNanos(Long.parseLong(words[2])),
              Long.parseLong(words[3]),
              Long.parseLong(words[4]),
              estimated);
      while (opener.readLine() != null) {
        throw new AssertionError("the opener says more than one line");
      }
      return restart;
    }
  }

  private Duration writeAndKill(Duration time) {
    try (ChildJvm writer =
        ChildJvm.start(SteadyWriter.class, folder.toString(), "" + target.toMillis(), "write")) {
      if (!line(writer).equals("steady")) {
        throw new AssertionError("the writer did not come to write");
      }
      long until = System.nanoTime() + time.toNanos();
      String last = line(writer);
      while (System.nanoTime() - until < 0) {
        last = line(writer);
      }
      writer.kill();
      return Duration.ofMillis(Long.parseLong(last.substring(0, last.indexOf(' '))));
    }
  }

  private static String line(ChildJvm child) {
    @Nullable String line = child.readLine();
    if (line == null) {
      throw new AssertionError("the child ended by itself");
    }
    return line;
  }

  /** Prints the table; see the class. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Duration least = Duration.ofSeconds(Long.parseLong(arguments[1]));
    int cycles = Integer.parseInt(arguments[2]);
    System.out.println(
        "| target, s | restart, s | to target | open after | processor, s | estimated, s | redo MB"
            + " | changes |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (int i = 4; i < arguments.length; i++) {
      Duration target = Duration.ofMillis(Long.parseLong(arguments[i]));
      Path store = Files.createDirectories(folder).resolve("target-" + arguments[i]);
      RestartTimes times = new RestartTimes(store, target, Long.parseLong(arguments[3]));
      for (int cycle = 0; cycle < cycles; cycle++) {
        print(target, times.cycle(least));
      }
    }
  }

  private static void print(Duration target, Restart restart) {
    System.out.printf(
        Locale.ROOT,
        "| %.1f | %.2f | %.2f | %.2f | %.2f | %.2f | %.0f | %,d |%n",
        target.toMillis() / 1e3,
        restart.wall().toMillis() / 1e3,
        (double) restart.wall().toMillis() / target.toMillis(),
        restart.opened().toMillis() / 1e3,
        restart.processor().toMillis() / 1e3,
        restart.estimated().toMillis() / 1e3,
        restart.redoBytes() / 1e6,
        restart.redone());
  }
}
