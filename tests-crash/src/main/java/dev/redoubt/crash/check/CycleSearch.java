package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Transaction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * Looks for the cycles of a dependency graph, the worst kinds first. Whether there is one is exact;
 * of each tangle of transactions one cycle is told.
 */
final class CycleSearch {
  /** Cycles told of one kind of walk. */
  private static final int TOLD = 8;

  private final DependencyGraph graph;
  private final List<Transaction> nodes;
  private final List<String> keys;
  private final List<Anomaly> anomalies = new ArrayList<>();

  CycleSearch(DependencyGraph graph, List<Transaction> nodes, List<String> keys) {
    this.graph = graph;
    this.nodes = nodes;
    this.keys = keys;
  }

  List<Anomaly> run() {
    graph.freeze();
    Set<Dependency> flow = Dependency.FLOW;
    Set<Dependency> all = Dependency.ALL;
    BitSet tangled = new BitSet();
    look(new Walk(graph, Dependency.WRITES, false), tangled);
    look(new Walk(graph, flow, false), tangled);
    look(new Walk(graph, all, true), tangled);
    // What snapshot isolation allows must not hide what it forbids, so these two go apart.
    BitSet inTime = (BitSet) tangled.clone();
    look(new Walk(graph, all, false), tangled);
    look(new Walk(graph, Dependency.and(flow, Dependency.REALTIME), false), inTime);
    look(new Walk(graph, Dependency.and(all, Dependency.REALTIME), true), inTime);
    inTime.or(tangled);
    look(new Walk(graph, Dependency.and(all, Dependency.REALTIME), false), inTime);
    return anomalies;
  }

  /** Tells a cycle of each component that has no transaction in common with one told before. */
  private void look(Walk walk, BitSet tangled) {
    int told = 0;
    for (int[] component : Components.of(walk)) {
      boolean known = false;
      for (int state : component) {
        known |= tangled.get(walk.node(state));
      }
      for (int state : component) {
        tangled.set(walk.node(state));
      }
      if (!known && told < TOLD) {
        told++;
        tell(Cycle.within(walk, component));
      }
    }
  }

  private void tell(Cycle cycle) {
    List<Transaction> involved = new ArrayList<>();
    StringBuilder story = new StringBuilder();
    for (int edge : cycle.edges()) {
      Transaction before = nodes.get(graph.from(edge));
      Transaction after = nodes.get(graph.to(edge));
      involved.add(before);
      story.append(story.isEmpty() ? "" : "; ").append(story(edge, before.id(), after.id()));
    }
    anomalies.add(new Anomaly(cycle.kind(graph), story.toString(), involved));
  }

  private String story(int edge, int before, int after) {
    String key = graph.key(edge) == DependencyGraph.NO_KEY ? "" : keys.get(graph.key(edge));
    return switch (graph.kind(edge)) {
      case WW -> "T" + after + " overwrote " + key + " of T" + before + " [ww]";
      case WR -> "T" + after + " read " + key + " of T" + before + " [wr]";
      case RW -> "T" + before + " read " + key + " as it was before T" + after + " [rw]";
      case RW_PREDICATE ->
          "T" + before + " read a range without " + key + ", which T" + after + " made [rw]";
      case REALTIME -> "T" + after + " began after T" + before + " was acknowledged [realtime]";
    };
  }
}
