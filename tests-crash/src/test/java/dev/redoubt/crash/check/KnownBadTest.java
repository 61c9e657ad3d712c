package dev.redoubt.crash.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.history.History;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** For every anomaly the smallest histories that show it, and what each level says of them. */
class KnownBadTest {
  private static final Checker STRICT =
      SerializabilityChecker.ofListsAndNumberedRegisters(Consistency.STRICT_SERIALIZABLE);
  private static final Checker BANK = new BankChecker("a", "z", 20, false);
  private static final Checker SET = new SetChecker("a", "z");
  private static final Checker COUNTER = new CounterChecker();
  private static final Checker DURABLE = new DurabilityChecker();
  private static final Checker LINEAR = new LinearizabilityChecker();

  /** Overlapping transactions 1 and 2, so that real time says nothing of their order. */
  private static final String BOTH = "1 begin\n2 begin\n";

  @SuppressWarnings("ImmutableEnumChecker")
  enum Known {
    DIRTY_WRITES(
        AnomalyKind.G0,
        STRICT,
        BOTH
            + "1 ok append x 1; append y 1\n2 ok append x 2; append y 2\n"
            + "3 does r x [1,2]; r y [2,1]"),
    INTERLEAVED_WRITES(
        AnomalyKind.G0,
        STRICT,
        BOTH + "1 ok append x 1; append x 3\n2 ok append x 2\n3 does r x [1,2,3]"),
    ABORTED_READ(AnomalyKind.G1A, STRICT, BOTH + "1 ok r x [1]\n2 fail append x 1"),
    ABORTED_READ_OF_A_REGISTER(AnomalyKind.G1A, STRICT, BOTH + "1 ok r x 1\n2 fail w x 1"),
    READ_OF_WHAT_A_SAVEPOINT_UNDID(
        AnomalyKind.G1A,
        STRICT,
        BOTH + "1 ok r x [1]\n2 ok savepoint 1; append x 1; rollback-to 1; append x 2"),
    INTERMEDIATE_READ(AnomalyKind.G1B, STRICT, BOTH + "1 ok r x [1]\n2 ok append x 1; append x 2"),
    INTERMEDIATE_READ_OF_A_REGISTER(
        AnomalyKind.G1B, STRICT, BOTH + "1 ok r x 1\n2 ok r x nil; w x 1; w x 2"),
    CIRCULAR_READS(
        AnomalyKind.G1C, STRICT, BOTH + "1 ok append x 1; r y [2]\n2 ok append y 2; r x [1]"),
    CIRCULAR_READS_OF_AN_UNKNOWN(
        AnomalyKind.G1C, STRICT, BOTH + "1 ok append x 1; r y [2]\n2 info append y 2; r x [1]"),
    FORGOTTEN_OWN_WRITE(AnomalyKind.INTERNAL, STRICT, "1 does append x 1; r x []"),
    FORGOTTEN_OWN_REGISTER(AnomalyKind.INTERNAL, STRICT, "1 does r x nil; w x 1; r x nil"),
    RETURN_TO_A_SAVEPOINT_THAT_UNDID_NOTHING(
        AnomalyKind.INTERNAL,
        STRICT,
        "1 does append x 1; savepoint 1; append x 2; rollback-to 1; append x 3; r x [1,2,3]"),
    OWN_WRITE_SHOWN_TWICE(AnomalyKind.INTERNAL, STRICT, "1 does append x 1; r x [1,1]"),
    READ_OF_ITS_OWN_FUTURE(AnomalyKind.INTERNAL, STRICT, "1 does r x [1]; append x 1"),
    RANGE_OUT_OF_ORDER(
        AnomalyKind.INTERNAL, STRICT, "1 does append b 1; append c 2\n2 does scan a z c=[2] b=[1]"),
    RANGE_SHOWS_A_KEY_TWICE(
        AnomalyKind.INTERNAL, STRICT, "1 does append b 1\n2 does scan a z b=[1] b=[1]"),
    VALUE_FROM_NOWHERE(AnomalyKind.GARBAGE, STRICT, "1 does append x 1\n2 does r x [1,9]"),
    REGISTER_FROM_NOWHERE(AnomalyKind.GARBAGE, STRICT, "1 does w x 1\n2 does r x 9"),
    WRITTEN_TWICE(AnomalyKind.DUPLICATE, STRICT, "1 does append x 1\n2 does r x [1,1]"),
    READS_THAT_DISAGREE(
        AnomalyKind.INCOMPATIBLE_ORDER,
        STRICT,
        BOTH + "1 ok append x 1\n2 ok append x 2\n3 does r x [1,2]\n4 does r x [2,1]"),
    LOST_UPDATE(
        AnomalyKind.LOST_UPDATE,
        STRICT,
        BOTH + "1 ok r x []; append x 1\n2 ok r x []; append x 2\n3 does r x [1,2]"),
    LOST_UPDATE_OF_A_REGISTER(
        AnomalyKind.LOST_UPDATE, STRICT, BOTH + "1 ok r x nil; w x 1\n2 ok r x nil; w x 1"),
    READ_SKEW(
        AnomalyKind.G_SINGLE,
        STRICT,
        BOTH + "1 ok append x 1; append y 1\n2 ok r x [1]; r y []\n3 does r y [1]"),
    READ_SKEW_OF_REGISTERS(
        AnomalyKind.G_SINGLE,
        STRICT,
        BOTH + "1 ok r x nil; w x 1; r y nil; w y 1\n2 ok r x 1; r y nil\n3 does r y 1"),
    READ_SKEW_BY_PHANTOM(
        AnomalyKind.G_SINGLE_PREDICATE,
        STRICT,
        BOTH + "1 ok append x 1; append b 1\n2 ok r x [1]; scan a d\n3 does r b [1]"),
    LONG_FORK(
        AnomalyKind.G_NONADJACENT,
        STRICT,
        BOTH
            + "3 begin\n4 begin\n1 ok append x 1\n2 ok append y 1\n"
            + "3 ok r x [1]; r y []\n4 ok r x []; r y [1]\n5 does r x [1]; r y [1]"),
    WRITE_SKEW(
        AnomalyKind.G2_ITEM,
        STRICT,
        BOTH + "1 ok r x []; append y 1\n2 ok r y []; append x 1\n3 does r x [1]; r y [1]"),
    WRITE_SKEW_OF_REGISTERS(
        AnomalyKind.G2_ITEM,
        STRICT,
        BOTH + "1 ok r x nil; r y nil; w y 1\n2 ok r y nil; r x nil; w x 1\n3 does r x 1; r y 1"),
    PHANTOMS(
        AnomalyKind.G2,
        STRICT,
        BOTH
            + "1 ok scan a m; append b 1\n2 ok scan a m; append c 1\n"
            + "3 does scan a m b=[1] c=[1]"),
    WRITES_AGAINST_REAL_TIME(
        AnomalyKind.G0_REALTIME, STRICT, "1 does append x 1\n2 does append x 2\n3 does r x [2,1]"),
    READ_FROM_THE_FUTURE(AnomalyKind.G1C_REALTIME, STRICT, "1 does r x [1]\n2 does append x 1"),
    STALE_READ(
        AnomalyKind.G_SINGLE_REALTIME, STRICT, "1 does append x 1\n2 does r x []\n3 does r x [1]"),
    STALE_READ_OF_WHAT_NOBODY_SAW(
        AnomalyKind.G_SINGLE_REALTIME, STRICT, "1 does append x 1\n2 does r x []"),
    STALE_RANGE_READ(AnomalyKind.G_SINGLE_REALTIME, STRICT, "1 does append x 1\n2 does scan a z"),
    LONG_FORK_IN_TIME(
        AnomalyKind.G_NONADJACENT_REALTIME,
        STRICT,
        // 3 missed 1, which 4 saw, who missed 2, which was acknowledged before 3 began.
        BOTH
            + "4 begin\n2 ok append y 1\n3 begin\n3 ok r x []\n1 ok append x 1\n"
            + "4 ok r x [1]; r y []\n5 does r x [1]; r y [1]"),
    WRITE_SKEW_IN_TIME(
        AnomalyKind.G2_REALTIME,
        STRICT,
        // 1 is before 2 by x, 2 before 3 by y, and 3 was over before 1 began.
        "2 begin\n3 does append y 1\n1 begin\n1 ok r x []\n2 ok r y []; append x 1\n"
            + "4 does r x [1]; r y [1]"),
    REGISTER_READ_LATE(AnomalyKind.NOT_LINEARIZABLE, LINEAR, "1 does w x 1\n2 does r x nil"),
    REGISTER_GOES_BACK(
        AnomalyKind.NOT_LINEARIZABLE, LINEAR, "1 begin\n2 does r x 1\n3 does r x nil\n1 ok w x 1"),
    REGISTER_OF_AN_UNKNOWN_GOES_BACK(
        AnomalyKind.NOT_LINEARIZABLE,
        LINEAR,
        "1 begin\n1 info w x 1\n2 does r x 1\n3 does r x nil"),
    COMMIT_LOST(
        AnomalyKind.LOST_WRITE, DURABLE, "1 does append x 1\n1 does append y 1\n2 final r x [1]"),
    REGISTER_LOST(AnomalyKind.LOST_WRITE, DURABLE, "1 does w x 1\n2 final scan a z"),
    REGISTER_FELL_BACK(
        AnomalyKind.LOST_WRITE, DURABLE, "1 does w x 1\n1 does w x 2\n2 final r x 1"),
    ROLLED_BACK_AND_THERE(
        AnomalyKind.G1A, DURABLE, "1 begin\n1 fail append x 1\n2 final scan a z x=[1]"),
    ROLLED_BACK_REGISTER_THERE(
        AnomalyKind.G1A, DURABLE, "1 does w x 1\n1 begin\n1 fail w x 2\n2 final r x 2"),
    UNDONE_AND_THERE(
        AnomalyKind.G1A,
        DURABLE,
        "1 does savepoint 1; append x 1; rollback-to 1\n2 final scan a z x=[1]"),
    HALF_THERE(
        AnomalyKind.HALF,
        DURABLE,
        "1 begin\n1 info append x 1; append y 1\n2 final scan a z y=[1]"),
    HALF_THERE_IN_REGISTERS(
        AnomalyKind.HALF, DURABLE, "1 begin\n1 info w x 1; w y 1\n2 final r x 1; r y nil"),
    REGISTER_AT_THE_END_FROM_NOWHERE(
        AnomalyKind.GARBAGE, DURABLE, "1 does w x 1\n1 does w x 2\n2 final r x 7"),
    NO_FINAL_READ(AnomalyKind.UNKNOWN, DURABLE, "1 does append x 1"),
    MONEY_LOST(AnomalyKind.TOTAL, BANK, "1 does w b 10; w c 10\n2 does scan a z b=10 c=9"),
    ACCOUNT_BELOW_ZERO(AnomalyKind.TOTAL, BANK, "1 does scan a z b=-1 c=21"),
    ACCOUNT_MISSING(AnomalyKind.TOTAL, BANK, "1 does w b 10; w c 10\n2 does scan a z b=10"),
    ELEMENT_LOST(AnomalyKind.LOST_WRITE, SET, "1 does w b 1\n2 final scan a z"),
    ELEMENT_NOT_YET_THERE(AnomalyKind.G_SINGLE_REALTIME, SET, "1 does w b 1\n2 does scan a z"),
    ELEMENT_ROLLED_BACK(AnomalyKind.G1A, SET, "1 begin\n1 fail w b 1\n2 does scan a z b=1"),
    ELEMENT_FROM_NOWHERE(AnomalyKind.GARBAGE, SET, "2 does scan a z b=1"),
    INCREMENT_LOST(AnomalyKind.LOST_WRITE, COUNTER, "1 does add x 2\n2 final r x 1"),
    COUNTER_TOO_SMALL(AnomalyKind.COUNTER, COUNTER, "1 does add x 2\n2 does r x 1"),
    COUNTER_TOO_LARGE(AnomalyKind.COUNTER, COUNTER, "1 does add x 2\n2 does r x 3"),
    COUNTER_OF_A_ROLLED_BACK(
        AnomalyKind.COUNTER, COUNTER, "1 does add x 2\n1 begin\n1 fail add x 1\n2 does r x 3"),
    COUNTER_SHRINKS(
        AnomalyKind.COUNTER, COUNTER, "1 begin\n2 does r x 2\n3 does scan a z\n1 ok add x 2");

    private final AnomalyKind kind;
    private final Checker checker;
    private final String text;

    Known(AnomalyKind kind, Checker checker, String text) {
      this.kind = kind;
      this.checker = checker;
      this.text = text;
    }

    History history() {
      return HistoryText.of(text);
    }
  }

  @ParameterizedTest
  @EnumSource(Known.class)
  void anomalyIsFoundAndNamed(Known known) {
    Verdict verdict = known.checker.check(known.history());
    assertTrue(verdict.has(known.kind), verdict.toString());
    assertTrue(verdict.toString().contains(known.kind.code()), verdict.toString());
  }

  @Test
  void everyKindHasAHistory() {
    Set<AnomalyKind> shown =
        Arrays.stream(Known.values())
            .map(k -> k.kind)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(AnomalyKind.class)));
    assertEquals(EnumSet.allOf(AnomalyKind.class), shown);
  }

  @ParameterizedTest
  @EnumSource(Known.class)
  void eachLevelForbidsWhatItNames(Known known) {
    if (!known.checker.equals(STRICT)) {
      return;
    }
    for (Consistency level : Consistency.values()) {
      Verdict verdict =
          SerializabilityChecker.ofListsAndNumberedRegisters(level).check(known.history());
      boolean told = verdict.anomalies().stream().anyMatch(a -> a.kind() == known.kind);
      boolean let = verdict.allowed().stream().anyMatch(a -> a.kind() == known.kind);
      assertEquals(level.forbids(known.kind), told, level + ": " + verdict);
      assertEquals(!told, let, level + ": " + verdict);
    }
  }

  @Test
  void snapshotIsolationAllowsWriteSkewAndNothingBelow() {
    Checker snapshot = SerializabilityChecker.ofLists(Consistency.STRONG_SNAPSHOT);
    assertTrue(snapshot.check(Known.WRITE_SKEW.history()).ok());
    assertTrue(snapshot.check(Known.PHANTOMS.history()).ok());
    for (Known forbidden :
        new Known[] {Known.LONG_FORK, Known.READ_SKEW, Known.LOST_UPDATE, Known.STALE_READ}) {
      assertFalse(snapshot.check(forbidden.history()).ok(), forbidden.name());
    }
  }

  @Test
  void storyNamesTheTransactionsOfTheCycle() {
    String told = STRICT.check(Known.WRITE_SKEW.history()).toString();
    assertTrue(told.contains("T0 read x as it was before T1 [rw]"), told);
    assertTrue(told.contains("T1 read y as it was before T0 [rw]"), told);
    assertTrue(told.contains("write skew"), told);
  }
}
