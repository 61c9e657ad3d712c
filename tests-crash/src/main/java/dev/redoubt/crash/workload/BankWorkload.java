package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.BankChecker;
import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.DurabilityChecker;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Accounts whose sum never changes: transfers between two of them, reads of all. A transfer reads
 * both and writes both, or adds to one what it takes from the other and reads nothing.
 */
final class BankWorkload implements Workload {
  private static final int ACCOUNTS = 12;
  private static final long OPENING = 100L;
  private static final int MOST = 20;
  private static final String FROM = "account/";
  private static final String TO = "account/~";

  private final boolean byIncrements;

  private BankWorkload(boolean byIncrements) {
    this.byIncrements = byIncrements;
  }

  static Workload byReading() {
    return new BankWorkload(false);
  }

  static Workload byIncrements() {
    return new BankWorkload(true);
  }

  @Override
  public String name() {
    return byIncrements ? "bank-by-increments" : "bank";
  }

  @Override
  public List<Step> setup() {
    return List.of(
        Step.of(
            "open",
            IntStream.range(0, ACCOUNTS)
                .<MicroOp>mapToObj(
                    i ->
                        byIncrements
                            ? new MicroOp.Add(account(i), OPENING)
                            : new MicroOp.Write(account(i), OPENING))
                .toList()));
  }

  private static String account(int number) {
    return String.format("%s%03d", FROM, number);
  }

  @Override
  public Step next(RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return Step.of("read", List.of(new MicroOp.Scan(FROM, TO, random.nextBoolean(), null)));
    }
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    long amount = 1L + random.nextInt(MOST);
    if (byIncrements) {
      return Step.of(
          "transfer",
          List.of(new MicroOp.Add(account(from), -amount), new MicroOp.Add(account(to), amount)));
    }
    List<MicroOp> planned = List.of(MicroOp.read(account(from)), MicroOp.read(account(to)));
    return new Step(
        "transfer", false, planned, tx -> transfer(tx, account(from), account(to), amount));
  }

  private static void transfer(Steps tx, String from, String to, long amount) {
    long has = balance(tx, from);
    long had = balance(tx, to);
    if (has >= amount) {
      tx.write(from, has - amount);
      tx.write(to, had + amount);
    }
  }

  private static long balance(Steps tx, String account) {
    if (tx.read(account) instanceof Value.Single(long balance)) {
      return balance;
    }
    throw new IllegalStateException(account + " does not exist: was the setup committed?");
  }

  @Override
  public Checker checker(Consistency consistency) {
    return Checker.all(
        name(),
        List.of(
            new BankChecker(FROM, TO, ACCOUNTS * OPENING, byIncrements), new DurabilityChecker()));
  }
}
