package dev.redoubt.crash.xa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.crash.process.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM is halted at each step of a two-phase commit; another one brings both stores together. */
class NarayanaTest {
  @TempDir Path folder;

  private List<String> run(Class<?> program, List<String> arguments) {
    List<String> lines = new ArrayList<>();
    try (ChildJvm child = ChildJvm.start(program, arguments.toArray(String[]::new))) {
      for (String line = child.readLine(); line != null; line = child.readLine()) {
        lines.add(line);
      }
    }
    return lines;
  }

  private List<String> commit(int haltAt) {
    return run(
        HaltedCommit.class,
        List.of(
            folder.resolve("coordinator").toString(),
            folder.resolve("run" + haltAt).toString(),
            "" + haltAt));
  }

  @Test
  void haltedAtEachStepBothStoresComeToTheSameOutcome() {
    List<String> steps = commit(0);
    assertEquals("committed", steps.removeLast());
    List<String> halts = new ArrayList<>(List.of("not halted"));
    List<String> recovery = new ArrayList<>();
    recovery.add(folder.resolve("coordinator").toString());
    recovery.add(folder.resolve("run0").toString());
    for (int at = 1; at <= steps.size(); at++) {
      String step = steps.get(at - 1);
      if (step.contains("prepare") || step.contains("commit")) { // before that nothing is logged
        assertEquals(steps.subList(0, at), commit(at), "the steps are always the same");
        recovery.add(folder.resolve("run" + at).toString());
        halts.add(step);
      }
    }
    assertEquals(9, halts.size(), halts::toString);
    List<String> results =
        run(Recover.class, recovery).stream().filter(line -> line.startsWith("result")).toList();
    assertEquals(halts.size(), results.size());
    for (int i = 0; i < halts.size(); i++) {
      String halt = halts.get(i);
      System.out.println(halt + ": " + results.get(i));
      // Until the coordinator has written its decision, which it does before the first commit,
      // the branches are rolled back; from then on they are committed.
      String expected = halt.contains("prepare") ? "null" : "new";
      String[] result = results.get(i).split(" ", -1);
      assertEquals(inDoubt(halt), Integer.parseInt(result[1]), halt + ": in doubt before");
      assertEquals("0", result[2], halt + ": nothing stays in doubt");
      assertEquals(List.of(expected, expected), List.of(result[3], result[4]), halt);
    }
  }

  /** Branches that await their decision when the JVM was halted there. */
  private static int inDoubt(String halt) {
    String step = halt.substring(halt.indexOf(' ') + 1);
    return switch (step) {
      case "after prepare left",
          "before prepare right",
          "after commit left",
          "before commit right" ->
          1;
      case "after prepare right", "before commit left" -> 2;
      default -> 0;
    };
  }
}
