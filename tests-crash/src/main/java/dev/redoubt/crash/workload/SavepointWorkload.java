package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.history.MicroOp;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Lists again; transactions make savepoints, return to them, nest them, and go on. */
final class SavepointWorkload implements Workload {
  private final Blocks blocks = new Blocks("saved/", 6, 30);

  @Override
  public String name() {
    return "savepoints";
  }

  @Override
  public Step next(RandomGenerator random) {
    List<MicroOp> steps = new ArrayList<>();
    int open = 0;
    for (int i = 2 + random.nextInt(8); i > 0; i--) {
      switch (random.nextInt(5)) {
        case 0 -> steps.add(MicroOp.read(blocks.key(random)));
        case 1 -> steps.add(new MicroOp.Savepoint(++open));
        case 2 -> {
          if (open > 0) {
            open = 1 + random.nextInt(open); // later savepoints are gone, this one stays
            steps.add(new MicroOp.RollbackTo(open));
          }
        }
        default -> steps.add(new MicroOp.Append(blocks.key(random), blocks.number()));
      }
    }
    return Step.of("txn", steps);
  }

  @Override
  public Checker checker(Consistency consistency) {
    return ListAppendWorkload.lists(name(), consistency);
  }
}
