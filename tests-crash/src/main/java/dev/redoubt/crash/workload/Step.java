package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.MicroOp;
import java.util.List;

/**
 * One transaction that a client is to run.
 *
 * @param f its name in the history
 * @param readOnly whether it only reads
 * @param planned what it will do, as far as that is known before it has read anything
 * @param body does it, but for begin and commit; may look at what it reads
 */
public record Step(String f, boolean readOnly, List<MicroOp> planned, Body body) {
  /** The inside of a transaction. */
  @FunctionalInterface
  public interface Body {
    /** Does it, once. */
    void run(Steps tx);
  }

  /** Keeps a copy of the plan. */
  public Step {
    planned = List.copyOf(planned);
  }

  /** A transaction that does what is planned. */
  public static Step of(String f, List<MicroOp> planned) {
    boolean readOnly =
        planned.stream().allMatch(op -> op instanceof MicroOp.Read || op instanceof MicroOp.Scan);
    return new Step(f, readOnly, planned, tx -> planned.forEach(op -> run(tx, op)));
  }

  private static void run(Steps tx, MicroOp op) {
    switch (op) {
      case MicroOp.Read read -> tx.read(read.key());
      case MicroOp.Write(String key, long value) -> tx.write(key, value);
      case MicroOp.Append(String key, long element) -> tx.append(key, element);
      case MicroOp.Add(String key, long delta) -> tx.add(key, delta);
      case MicroOp.Scan scan -> tx.scan(scan.from(), scan.to(), scan.descending());
      case MicroOp.Savepoint(int number) -> tx.savepoint(number);
      case MicroOp.RollbackTo(int number) -> tx.rollbackTo(number);
    }
  }
}
