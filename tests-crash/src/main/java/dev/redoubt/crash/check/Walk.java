package dev.redoubt.crash.check;

import java.util.Set;

/**
 * A way to go through a dependency graph: which edges count, and whether two anti-dependencies may
 * follow on each other. Where they may not, a transaction is two states, {@code 2 * t + 1} if it
 * was reached by an anti-dependency: a cycle of states is a cycle of transactions in which no two
 * follow on each other. Under snapshot isolation there is none: along every other edge time passes
 * from a commit to a later snapshot, along an anti-dependency from a snapshot to a later commit
 * (Fekete et al., "Making Snapshot Isolation Serializable", 2005).
 */
final class Walk {
  private final DependencyGraph graph;
  private final Set<Dependency> counted;
  private final boolean apart;

  Walk(DependencyGraph graph, Set<Dependency> counted, boolean apart) {
    this.graph = graph;
    this.counted = counted;
    this.apart = apart;
  }

  DependencyGraph graph() {
    return graph;
  }

  int states() {
    return apart ? 2 * graph.nodes() : graph.nodes();
  }

  int node(int state) {
    return apart ? state / 2 : state;
  }

  /** Position of the first edge out of a state; {@link #endOut} is behind the last. */
  int firstOut(int state) {
    return graph.firstOut(node(state));
  }

  int endOut(int state) {
    return graph.firstOut(node(state) + 1);
  }

  /** The state that the edge at a position leads to; -1 if it may not be gone. */
  int target(int state, int position) {
    int edge = graph.edgeAt(position);
    Dependency kind = graph.kind(edge);
    if (!counted.contains(kind)) {
      return -1;
    }
    if (!apart) {
      return graph.to(edge);
    }
    if (kind.isAnti() && (state & 1) == 1) {
      return -1;
    }
    return 2 * graph.to(edge) + (kind.isAnti() ? 1 : 0);
  }
}
