package dev.redoubt.crash.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sweep finds what is wrong with a small journal, and nothing when nothing is. */
class SweepTest {
  @Test
  void journalWithoutMistakesSurvivesEverything() {
    SweepReport report = sweep(new ToyJournal());
    report.orThrow();
    assertTrue(report.complete(), report.toString());
    assertTrue(report.states() > 500, report.toString());
    assertTrue(report.statesInRecovery() > 300, report.toString());
    assertTrue(report.coverage().toString().contains("append | FORCE journal"));
    assertTrue(report.coverage().toString().contains("recovery 1 | WRITE journal"));
  }

  @ParameterizedTest
  @EnumSource(ToyJournal.Mistake.class)
  void everyMistakeIsFoundAndReplayedFromItsLine(ToyJournal.Mistake mistake) {
    ToyJournal broken = new ToyJournal(mistake);
    SweepReport report = sweep(broken);
    assertEquals(1, report.failures().size(), report.toString());
    CrashFailure failure = report.failures().getFirst();
    String line = failure.schedule().toString();
    assertTrue(failure.toString().contains(line), failure.toString());
    assertNotNull(Sweep.replay(broken, line, 512), line);
    assertNull(Sweep.replay(new ToyJournal(), line, 512), "the right journal survives it");
    assertThrows(CrashFailure.class, report::orThrow);
  }

  @Test
  void sameSeedTriesTheSameStates() {
    SweepReport one = sweep(new ToyJournal());
    SweepReport two = sweep(new ToyJournal());
    assertEquals(one.states(), two.states());
    assertEquals(one.recoveries(), two.recoveries());
    assertEquals(one.coverage().states(), two.coverage().states());
  }

  @Test
  void budgetEndsTheSweepAndIsReported() {
    SweepOptions few = options().withBudget(50, java.time.Duration.ofMinutes(1));
    SweepReport report = Sweep.run(new ToyJournal(), few, Environment.system());
    assertEquals(50, report.states());
    assertFalse(report.complete());
  }

  @Test
  void scheduleIsReadBackAsPrinted() {
    String line = "workload=toy-journal seed=-3 crash=17@none>5@all/3=lost>2@seed:8";
    CrashSchedule schedule = CrashSchedule.parse(line);
    assertEquals(line, schedule.toString());
    assertEquals(3, schedule.depth());
    assertEquals(0, CrashSchedule.parse("workload=w seed=1 crash=").depth());
    assertThrows(IllegalArgumentException.class, () -> CrashSchedule.parse("nonsense"));
  }

  @Test
  void oracleAllowsUnacknowledgedCommitsWhollyOrNotAtAll() {
    PrefixOracle<String> oracle = PrefixOracle.startingWith("");
    oracle.attempt("a");
    oracle.acknowledge();
    oracle.attempt("ab");
    oracle.attempt("abc");
    for (String allowed : List.of("a", "ab", "abc")) {
      oracle.fork().observe(allowed);
    }
    for (String wrong : List.of("", "ac", "abcd")) {
      assertThrows(AssertionError.class, () -> oracle.fork().observe(wrong));
    }
    PrefixOracle<String> after = oracle.fork();
    after.observe("ab");
    assertThrows(AssertionError.class, () -> after.fork().observe("a"), "shown, so it must stay");
  }

  private static SweepReport sweep(ToyJournal journal) {
    return Sweep.run(journal, options(), Environment.system());
  }

  private static SweepOptions options() {
    return SweepOptions.defaults(1);
  }
}
