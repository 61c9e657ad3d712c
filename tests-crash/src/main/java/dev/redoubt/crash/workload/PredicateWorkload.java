package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.history.MicroOp;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Range reads over keys of which most do not exist yet, and appends that make them: whoever decides
 * by what a range does not contain meets phantoms.
 */
final class PredicateWorkload implements Workload {
  private final Blocks blocks = new Blocks("item/", 24, 2);

  @Override
  public String name() {
    return "predicate";
  }

  @Override
  public Step next(RandomGenerator random) {
    long block = blocks.block();
    List<MicroOp> steps = new ArrayList<>();
    steps.add(scan(block, random));
    switch (random.nextInt(4)) {
      case 0 -> {}
      case 1 -> {
        steps.add(append(block, random));
        steps.add(scan(block, random));
      }
      case 2 -> {
        steps.addFirst(append(block, random));
        steps.add(append(block, random));
      }
      default -> steps.add(append(block, random));
    }
    return Step.of("txn", steps);
  }

  /** Half of a block, or all of it, up or down. */
  private MicroOp scan(long block, RandomGenerator random) {
    int half = blocks.keys() / 2;
    boolean descending = random.nextBoolean();
    return switch (random.nextInt(3)) {
      case 0 -> new MicroOp.Scan(blocks.key(block, 0), blocks.key(block, half), descending, null);
      case 1 -> new MicroOp.Scan(blocks.key(block, half), blocks.end(block), descending, null);
      default -> new MicroOp.Scan(blocks.key(block, 0), blocks.end(block), descending, null);
    };
  }

  private MicroOp append(long block, RandomGenerator random) {
    return new MicroOp.Append(blocks.key(block, random.nextInt(blocks.keys())), blocks.number());
  }

  @Override
  public Checker checker(Consistency consistency) {
    return ListAppendWorkload.lists(name(), consistency);
  }
}
