package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.DurabilityChecker;
import dev.redoubt.crash.check.SerializabilityChecker;
import dev.redoubt.crash.history.MicroOp;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Lists that transactions read by key and append unique numbers to: one to four steps each. Each
 * read shows the order of all writes before it, so that every kind of cycle can be seen.
 */
final class ListAppendWorkload implements Workload {
  private static final int MOST_STEPS = 4;

  private final Blocks blocks = new Blocks("list/", 5, 40);

  @Override
  public String name() {
    return "list-append";
  }

  @Override
  public Step next(RandomGenerator random) {
    List<MicroOp> steps = new ArrayList<>();
    boolean readOnly = random.nextInt(4) == 0;
    for (int i = 1 + random.nextInt(MOST_STEPS); i > 0; i--) {
      String key = blocks.key(random);
      boolean read = readOnly || random.nextBoolean();
      steps.add(read ? MicroOp.read(key) : new MicroOp.Append(key, blocks.number()));
    }
    return Step.of("txn", steps);
  }

  @Override
  public Checker checker(Consistency consistency) {
    return lists(name(), consistency);
  }

  /** What judges lists that grow. */
  static Checker lists(String name, Consistency consistency) {
    return Checker.all(
        name, List.of(SerializabilityChecker.ofLists(consistency), new DurabilityChecker()));
  }
}
