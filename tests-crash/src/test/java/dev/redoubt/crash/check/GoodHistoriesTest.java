package dev.redoubt.crash.check;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.workload.SerialHistory;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Histories of a store that runs one transaction at a time are good; one change makes them bad. */
class GoodHistoriesTest {
  static List<String> workloads() {
    return Workloads.names();
  }

  /** Transactions of a hundred operations: fewer of them. */
  private static int length(String workload, int transactions) {
    return workload.equals("large") ? transactions / 4 : transactions;
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void serialHistoryIsGood(String name) {
    for (long seed = 0; seed < 4; seed++) {
      Workload workload = Workloads.of(name);
      History history = new SerialHistory(workload, seed, 6).run(length(name, 600));
      for (Consistency level : Consistency.values()) {
        Verdict verdict = workload.checker(level).check(history);
        assertTrue(verdict.ok(), name + ", seed " + seed + ", " + level + ": " + verdict);
        assertTrue(verdict.allowed().isEmpty(), verdict.allowed().toString());
      }
    }
  }

  /** Ways to spoil a read of a list. */
  enum Spoil {
    DROP_LAST,
    DROP_FIRST,
    SWAP,
    REPEAT,
    FOREIGN;

    boolean fits(Elements list) {
      return list.size() >= (this == SWAP ? 2 : 1);
    }

    Elements spoil(Elements list) {
      List<Long> numbers = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        numbers.add(list.at(i));
      }
      switch (this) {
        case DROP_LAST -> numbers.removeLast();
        case DROP_FIRST -> numbers.removeFirst();
        case SWAP -> numbers.add(numbers.size() - 2, numbers.removeLast());
        case REPEAT -> numbers.add(numbers.getLast());
        case FOREIGN -> numbers.add(-5L);
      }
      return Elements.of(numbers.stream().mapToLong(n -> n).toArray());
    }
  }

  @ParameterizedTest
  @CsvSource({"list-append", "predicate", "savepoints", "large"})
  void oneSpoiledReadIsFound(String name) {
    int spoiled = 0;
    for (long seed = 0; seed < 8; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      for (Spoil spoil : Spoil.values()) {
        Workload workload = Workloads.of(name);
        // One client: real time orders all, so that every spoiled read is wrong.
        History good =
            new SerialHistory(workload, seed, 1).withoutFailures().run(length(name, 150));
        History bad = spoilOne(good, spoil, random);
        if (bad != null) {
          spoiled++;
          Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(bad);
          assertTrue(!verdict.ok(), name + ", seed " + seed + ": " + spoil + " is not seen");
        }
      }
    }
    assertTrue(spoiled > 30, "only " + spoiled + " histories had a read to spoil");
  }

  private static @Nullable History spoilOne(History good, Spoil spoil, SplittableRandom random) {
    List<Operation> lines = new ArrayList<>(good.operations());
    int from = random.nextInt(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      int at = (from + i) % lines.size();
      Operation line = lines.get(at);
      if (line.type() != Operation.Type.OK) {
        continue;
      }
      List<MicroOp> steps = new ArrayList<>(line.value());
      for (int s = 0; s < steps.size(); s++) {
        MicroOp changed = spoiled(steps.get(s), spoil);
        if (changed != null) {
          steps.set(s, changed);
          lines.set(at, with(line, line.type(), steps));
          return new History(lines);
        }
      }
    }
    return null;
  }

  private static @Nullable MicroOp spoiled(MicroOp step, Spoil spoil) {
    if (step instanceof MicroOp.Read(String key, Elements list) && spoil.fits(list)) {
      return new MicroOp.Read(key, spoil.spoil(list));
    }
    if (step instanceof MicroOp.Scan scan && scan.found() != null) {
      List<MicroOp.Entry> found = new ArrayList<>(scan.found());
      for (int i = 0; i < found.size(); i++) {
        if (found.get(i).value() instanceof Elements list && spoil.fits(list)) {
          Elements changed = spoil.spoil(list);
          if (changed.size() == 0) {
            found.remove(i);
          } else {
            found.set(i, new MicroOp.Entry(found.get(i).key(), changed));
          }
          return new MicroOp.Scan(scan.from(), scan.to(), scan.descending(), found);
        }
      }
    }
    return null;
  }

  private static Operation with(Operation line, Operation.Type type, List<MicroOp> steps) {
    return new Operation(
        line.index(), type, line.process(), line.f(), steps, line.timeNanos(), line.error());
  }

  @ParameterizedTest
  @CsvSource({"list-append", "predicate", "savepoints", "large", "set"})
  void acknowledgedTransactionThatTurnsOutRolledBackIsFound(String name) {
    for (long seed = 0; seed < 20; seed++) {
      Workload workload = Workloads.of(name);
      History good = new SerialHistory(workload, seed, 4).withoutFailures().run(120);
      Transaction last = lastWriter(good);
      List<Operation> lines = new ArrayList<>(good.operations());
      lines.replaceAll(
          o -> o.index() == last.ended() ? with(o, Operation.Type.FAIL, o.value()) : o);
      Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(new History(lines));
      assertTrue(verdict.has(AnomalyKind.G1A), name + ", seed " + seed + ": " + verdict);
    }
  }

  private static Transaction lastWriter(History history) {
    return history.transactions().reversed().stream()
        .filter(GoodHistoriesTest::writesForGood)
        .findFirst()
        .orElseThrow();
  }

  private static boolean writesForGood(Transaction txn) {
    for (int i = 0; i < txn.steps().size(); i++) {
      if (txn.isAcknowledged() && txn.steps().get(i).writtenKey() != null && !txn.isUndone(i)) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void commitThatIsNotThereAtTheEndIsFound(String name) {
    for (long seed = 0; seed < 20; seed++) {
      Workload workload = Workloads.of(name);
      History good = new SerialHistory(workload, seed, 4).withoutFailures().run(120);
      // The store as it was before the last writer, read once more.
      List<Operation> lines = new ArrayList<>(good.operations());
      Operation end = lines.removeLast();
      lines.add(with(end, Operation.Type.OK, before(lastWriter(good), end.value())));
      Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(new History(lines));
      assertTrue(!verdict.ok(), name + ", seed " + seed);
    }
  }

  /** The final read without what a transaction wrote last to each key. */
  private static List<MicroOp> before(Transaction writer, List<MicroOp> end) {
    Map<String, MicroOp> writes = new HashMap<>();
    for (int i = 0; i < writer.steps().size(); i++) {
      String key = writer.steps().get(i).writtenKey();
      if (key != null && !writer.isUndone(i)) {
        writes.put(key, writer.steps().get(i));
      }
    }
    MicroOp.Scan scan = (MicroOp.Scan) end.getFirst();
    List<MicroOp.Entry> left = new ArrayList<>();
    for (MicroOp.Entry entry : Objects.requireNonNull(scan.found())) {
      if (!writes.containsKey(entry.key())) {
        left.add(entry);
      } else if (entry.value() instanceof Elements list && list.size() > 1) {
        left.add(new MicroOp.Entry(entry.key(), list.first(list.size() - 1)));
      }
    }
    return List.of(new MicroOp.Scan(scan.from(), scan.to(), scan.descending(), left));
  }

  /** Of the processor: what else runs on the machine must not decide. */
  @Test
  void hundredThousandOperationsAreJudgedInHalfAMinute() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (String name : List.of("list-append", "predicate", "numbered-register")) {
      Workload workload = Workloads.of(name);
      History history = new SerialHistory(workload, 1, 20).run(50_000);
      long started = threads.getCurrentThreadCpuTime();
      Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(history);
      double seconds = (threads.getCurrentThreadCpuTime() - started) / 1e9;
      assertTrue(verdict.ok(), verdict.toString());
      System.out.printf(
          "%s: %d operations judged in %.2f s, %.0f a second%n",
          name, history.operations().size(), seconds, history.operations().size() / seconds);
      assertTrue(history.operations().size() >= 100_000);
      assertTrue(seconds < 30, name + " took " + seconds + " s");
    }
  }
}
