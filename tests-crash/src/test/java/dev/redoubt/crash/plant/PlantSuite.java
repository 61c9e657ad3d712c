package dev.redoubt.crash.plant;

import dev.redoubt.io.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Plants bugs one at a time, each in a loader of its own, and sets their hunts on them. */
final class PlantSuite {
  private static final int THREADS = 2;
  private static final Duration LONGEST = Duration.ofMinutes(4);

  /** Held, or its level would be forgotten: wrong engines complain at length. */
  private static final Logger ENGINE = Logger.getLogger("dev.redoubt");

  private PlantSuite() {}

  /** All bugs there are. */
  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    all.addAll(LogBugs.cases());
    all.addAll(PageBugs.cases());
    all.addAll(RecoveryBugs.cases());
    all.addAll(StoreBugs.cases());
    all.addAll(StoreBugs.ofTrees());
    return all;
  }

  /**
   * What came of one bug.
   *
   * @param foundBy the hunt that found it; null if none did
   * @param tried crash states, or runs, in all hunts
   * @param said what the finder said, or why nothing was found
   */
  record Result(PlantedBug bug, @Nullable Hunt foundBy, long tried, long millis, String said) {
    String row() {
      return String.format(
          "%-28s %-8s %-13s %7d %6.1f s  %s",
          bug.name(),
          bug.rule(),
          foundBy == null ? "ESCAPED" : foundBy,
          tried,
          millis / 1000.0,
          bug.does());
    }
  }

  /** Runs the cases, two at a time. */
  static List<Result> run(List<Case> cases, long seed) throws InterruptedException {
    ENGINE.setLevel(Level.OFF);
    Queue<Case> left = new ConcurrentLinkedQueue<>(cases);
    Queue<Result> results = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (Case next = left.poll(); next != null; next = left.poll()) {
                      Result result = run(next, seed);
                      System.out.println(result.row());
                      results.add(result);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(results);
  }

  private static Result run(Case planted, long seed) {
    Environment clock = Environment.system();
    long start = clock.nanoTime();
    long tried = 0;
    String said = "nothing";
    @Nullable Hunt foundBy = null;
    try {
      PlantingLoader loader =
          new PlantingLoader("dev.redoubt.", planted.bug(), PlantSuite.class.getClassLoader());
      for (Hunt hunt : planted.hunts()) {
        String found = watched(loader, hunt + " " + seed);
        int space = found.indexOf(' ');
        tried += Long.parseLong(space < 0 ? found : found.substring(0, space));
        if (space >= 0) {
          foundBy = hunt;
          said = found.substring(space + 1);
          break;
        }
      }
      loader.requirePlanted();
      if (foundBy == null && !loader.unreached().isEmpty()) {
        said = "never loaded: " + loader.unreached();
      }
    } catch (RuntimeException | LinkageError e) {
      foundBy = null;
      said = "not tried: " + e;
    }
    return new Result(planted.bug(), foundBy, tried, (clock.nanoTime() - start) / 1_000_000, said);
  }

  /** A bug after which nothing ends is no good: nobody can tell what found it. */
  private static String watched(PlantingLoader loader, String hunt) {
    FutureTask<String> task =
        new FutureTask<>(() -> loader.function(Hunts.class.getName()).apply(hunt));
    Thread.ofPlatform().daemon().start(task);
    try {
      return task.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(hunt + " did not come to an end within " + LONGEST, e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(hunt + " failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(hunt + " was interrupted", e);
    }
  }

  /** For a person: {@code main [name...]} plants these, or all. */
  public static void main(String... names) throws InterruptedException {
    List<String> wanted = List.of(names);
    List<Case> cases =
        all().stream().filter(c -> wanted.isEmpty() || wanted.contains(c.bug().name())).toList();
    for (Result each : run(cases, 1)) {
      System.out.println(each.bug().name());
      System.out.println("      " + each.said().replace("\n", "\n      "));
    }
  }
}
