package dev.redoubt.crash.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A whole history, well formed: indexes rise; each process invokes, is told, and invokes again; a
 * process that was told {@link Operation.Type#INFO} invokes nothing more. Immutable.
 */
public final class History {
  /**
   * The name of the operations at the end that read every key. They begin when all others have
   * ended.
   */
  public static final String FINAL_READ = "final-read";

  private final List<Operation> operations;
  private final List<Transaction> transactions;

  /**
   * Takes the operations in order.
   *
   * @throws IllegalArgumentException if they are no history, naming the first that is wrong
   */
  public History(List<Operation> operations) {
    this.operations = List.copyOf(operations);
    this.transactions = List.copyOf(pair(this.operations));
  }

  /** The lines. */
  public List<Operation> operations() {
    return operations;
  }

  /** The transactions, in the order in which they were invoked: each is at its own id. */
  public List<Transaction> transactions() {
    return transactions;
  }

  /** The final reads that were answered. */
  public List<Transaction> finalReads() {
    return transactions.stream()
        .filter(t -> t.f().equals(FINAL_READ) && t.isAcknowledged())
        .toList();
  }

  private static List<Transaction> pair(List<Operation> operations) {
    List<@Nullable Operation> completions = new ArrayList<>();
    List<Operation> invocations = new ArrayList<>();
    Map<Long, Integer> open = new HashMap<>();
    Set<Long> gone = new HashSet<>();
    long last = -1;
    for (Operation op : operations) {
      check(op.index() > last, op, "its index does not rise");
      last = op.index();
      if (op.type() == Operation.Type.INVOKE) {
        check(!gone.contains(op.process()), op, "its process has ended in info");
        check(open.put(op.process(), invocations.size()) == null, op, "its process is busy");
        invocations.add(op);
        completions.add(null);
      } else {
        Integer at = open.remove(op.process());
        if (at == null) {
          throw wrong(op, "its process has invoked nothing");
        }
        check(op.f().equals(invocations.get(at).f()), op, "it completes another operation");
        completions.set(at, op);
        if (op.type() == Operation.Type.INFO) {
          gone.add(op.process());
        }
      }
    }
    List<Transaction> transactions = new ArrayList<>(invocations.size());
    for (int i = 0; i < invocations.size(); i++) {
      transactions.add(new Transaction(i, invocations.get(i), completions.get(i)));
    }
    return transactions;
  }

  private static void check(boolean right, Operation op, String wrong) {
    if (!right) {
      throw wrong(op, wrong);
    }
  }

  private static IllegalArgumentException wrong(Operation op, String wrong) {
    return new IllegalArgumentException("not a history: " + wrong + ": " + op);
  }
}
