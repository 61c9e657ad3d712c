package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.history.MicroOp;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Transactions that make a hundred and more keys at once, spread over the store, and readers of
 * whole ranges: a large transaction that is half there is seen.
 */
final class LargeWorkload implements Workload {
  private static final int LEAST_KEYS = 60;
  private static final int MORE_KEYS = 140;
  private static final int PLACES = 40;

  private final Blocks blocks = new Blocks("large/", 1, 1);

  @Override
  public String name() {
    return "large";
  }

  @Override
  public Step next(RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      String place = place(random.nextInt(PLACES));
      return Step.of("read", List.of(MicroOp.scan(place, place + "~")));
    }
    List<MicroOp> steps = new ArrayList<>();
    long number = blocks.number();
    for (int i = LEAST_KEYS + random.nextInt(MORE_KEYS); i > 0; i--) {
      String key = String.format("%s%08d.%03d", place(random.nextInt(PLACES)), number, i);
      steps.add(new MicroOp.Append(key, number));
    }
    return Step.of("txn", steps);
  }

  private static String place(int place) {
    return String.format("large/%02d/", place);
  }

  @Override
  public Checker checker(Consistency consistency) {
    return ListAppendWorkload.lists(name(), consistency);
  }
}
