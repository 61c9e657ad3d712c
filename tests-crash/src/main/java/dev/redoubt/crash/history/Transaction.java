package dev.redoubt.crash.history;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a history from its invocation to its completion. Immutable.
 *
 * @see History#transactions
 */
public final class Transaction {
  private final int id;
  private final Operation invocation;
  private final @Nullable Operation completion;
  private final List<MicroOp> steps;
  private final boolean[] undone;

  Transaction(int id, Operation invocation, @Nullable Operation completion) {
    this.id = id;
    this.invocation = invocation;
    this.completion = completion;
    this.steps = steps(invocation, completion);
    this.undone = undone(steps);
  }

  /** Position among the transactions of the history, in the order of their invocations. */
  public int id() {
    return id;
  }

  /** How it ended; {@link Operation.Type#INFO} if the history ends before it does. */
  public Operation.Type outcome() {
    return completion == null ? Operation.Type.INFO : completion.type();
  }

  /** Whether the client was told that it is done. */
  public boolean isAcknowledged() {
    return outcome() == Operation.Type.OK;
  }

  /** Whether it certainly has no effect. */
  public boolean isAborted() {
    return outcome() == Operation.Type.FAIL;
  }

  /** The client. */
  public long process() {
    return invocation.process();
  }

  /** Name of what was asked for. */
  public String f() {
    return invocation.f();
  }

  /**
   * What was done, as far as it is known: the completion's steps, else the invocation's, of which
   * reads say nothing, since nobody was told what they found.
   */
  public final List<MicroOp> steps() {
    return steps;
  }

  private static List<MicroOp> steps(Operation invocation, @Nullable Operation completion) {
    return completion != null
        ? completion.value()
        : invocation.value().stream().filter(s -> !isRead(s)).toList();
  }

  private static boolean isRead(MicroOp step) {
    return step instanceof MicroOp.Read || step instanceof MicroOp.Scan;
  }

  /** Whether a step was undone by a return to a savepoint. What it read was read all the same. */
  public boolean isUndone(int step) {
    return undone[step];
  }

  /** Index of the invocation in the history. */
  public long began() {
    return invocation.index();
  }

  /** Index of the completion in the history; the largest number if nobody knows when it ended. */
  public long ended() {
    return completion == null || completion.type() == Operation.Type.INFO
        ? Long.MAX_VALUE
        : completion.index();
  }

  private static boolean[] undone(List<MicroOp> steps) {
    boolean[] undone = new boolean[steps.size()];
    Map<Integer, Integer> savepoints = new HashMap<>();
    for (int i = 0; i < undone.length; i++) {
      switch (steps.get(i)) {
        case MicroOp.Savepoint(int number) -> savepoints.put(number, i);
        case MicroOp.RollbackTo(int number) -> {
          Integer from = savepoints.get(number);
          if (from == null) {
            throw new IllegalArgumentException(
                "a return to savepoint " + number + ", which was never made: " + steps);
          }
          Arrays.fill(undone, from, i, true);
        }
        case MicroOp.Read _, MicroOp.Write _, MicroOp.Append _, MicroOp.Add _, MicroOp.Scan _ -> {}
      }
    }
    return undone;
  }

  @Override
  public String toString() {
    return (completion == null ? invocation : completion).toString();
  }
}
