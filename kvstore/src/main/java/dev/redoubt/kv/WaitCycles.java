package dev.redoubt.kv;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Searches the graph of waits for cycles. A transaction that waits has an edge to everyone who must
 * end before it can go on, and not only to the one whose end wakes it next (store rule 11). Used
 * under the graph's lock.
 */
final class WaitCycles {
  private final Map<Thread, WriteTransaction> waitingIn;

  /** {@code waitingIn}: for which transaction a thread waits, as it stands at each search. */
  WaitCycles(Map<Thread, WriteTransaction> waitingIn) {
    this.waitingIn = waitingIn;
  }

  /**
   * The youngest that waits in each cycle that {@code waiter} has closed; one wait may close
   * several. None if there is no cycle.
   */
  Set<WriteTransaction> victims(WriteTransaction waiter) {
    Set<WriteTransaction> victims = Collections.newSetFromMap(new IdentityHashMap<>());
    List<WriteTransaction> cycle = cycle(waiter, victims);
    while (!cycle.isEmpty()) {
      victims.add(
          cycle.stream()
              .filter(each -> each.waiting().waitsFor != null)
              .max(Comparator.comparingLong(WriteTransaction::birth))
              .orElseThrow());
      cycle = cycle(waiter, victims);
    }
    return victims;
  }

  /** A shortest cycle through {@code start} and none of {@code cut}; empty if there is none. */
  private List<WriteTransaction> cycle(WriteTransaction start, Set<WriteTransaction> cut) {
    IdentityHashMap<WriteTransaction, WriteTransaction> cameFrom = new IdentityHashMap<>();
    Deque<WriteTransaction> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      WriteTransaction each = open.remove();
      for (WriteTransaction next : cut.contains(each) ? List.<WriteTransaction>of() : after(each)) {
        if (next == start) {
          return path(each, cameFrom);
        }
        if (cameFrom.putIfAbsent(next, each) == null) {
          open.add(next);
        }
      }
    }
    return List.of();
  }

  private static List<WriteTransaction> path(
      WriteTransaction last, Map<WriteTransaction, WriteTransaction> cameFrom) {
    List<WriteTransaction> path = new ArrayList<>();
    for (@Nullable WriteTransaction each = last; each != null; each = cameFrom.get(each)) {
      path.add(each);
    }
    return path;
  }

  /**
   * For whom that one waits. One that has been refused and has not woken yet waits no more: the
   * cycle it stood in is cut there.
   */
  private List<WriteTransaction> after(WriteTransaction each) {
    if (each.waiting().waitsFor != null) {
      return each.waiting().refused ? List.of() : each.waiting().edges();
    }
    Thread closure = each.closureThread();
    WriteTransaction inner = closure == null ? null : waitingIn.get(closure);
    return inner == null || inner == each ? List.of() : List.of(inner); // or it has been woken
  }
}
