package dev.redoubt.crash.command;

import dev.redoubt.crash.sim.SimJvm;
import dev.redoubt.crash.sim.SimReport;
import dev.redoubt.crash.sim.SimRuns;
import dev.redoubt.crash.sim.SimSummary;
import dev.redoubt.crash.sim.StoreLives;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Deterministic simulation in a JVM of its own, whose classes are rewritten. That JVM prints three
 * counts in a line, a line for people, and what failed.
 */
public final class SimulationChild {
  private static final int COUNTS = 3;

  private SimulationChild() {}

  /**
   * What a child did.
   *
   * @param runs simulated
   * @param crashes in them
   * @param steps of all threads
   * @param line for people
   * @param failure what was wrong, with the trace; empty if nothing was
   */
  record Outcome(long runs, long crashes, long steps, String line, String failure) {}

  /** Arguments: the first seed, for how many nanoseconds, and where to keep what failed. */
  public static void main(String[] arguments) throws IOException {
    SimJvm.installForRedoubt();
    SimRuns runs = new SimRuns(StoreLives::new);
    SimSummary summary = runs.many(Long.parseLong(arguments[0]), Long.parseLong(arguments[1]));
    System.out.println(summary.runs() + " " + summary.crashes() + " " + summary.steps());
    System.out.println(summary);
    SimReport failed = summary.failed();
    if (failed != null) {
      StringWriter text = new StringWriter();
      PrintWriter out = new PrintWriter(text);
      out.println(failed.replay());
      if (failed.failure() != null) {
        failed.failure().printStackTrace(out);
      }
      runs.run(failed.seed(), true).trace().forEach(out::println);
      out.flush();
      failed.keep(Path.of(arguments[2]));
      System.out.print(text);
    }
    System.out.flush();
  }

  /**
   * Simulates from a seed for so long.
   *
   * @param folder gets the store and the history of a run that failed
   * @throws IllegalStateException if the child fails, with what it said
   */
  static Outcome run(long seed, long nanos, Path folder) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(SimJvm.FLAGS);
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx1g"));
    command.addAll(List.of("-Xshare:auto", "-Xlog:cds=off"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SimulationChild.class.getName(), "" + seed, "" + nanos));
    command.add(folder.toString());
    try {
      Process child =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = child.waitFor();
      List<String> lines = output.lines().toList();
      if (code != 0 || lines.size() < 2) {
        throw new IllegalStateException("the simulation ended with " + code + ": " + output);
      }
      String[] counts = lines.getFirst().split(" ", COUNTS);
      return new Outcome(
          Long.parseLong(counts[0]),
          Long.parseLong(counts[1]),
          Long.parseLong(counts[2]),
          lines.get(1),
          lines.stream().skip(2).collect(Collectors.joining("\n")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while simulating", e);
    }
  }
}
