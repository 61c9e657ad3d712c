package dev.redoubt.crash.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A cycle in a dependency graph: its edges, in order. */
record Cycle(List<Integer> edges) {
  /** States of one component from which a cycle is looked for, at most; fewer in large ones. */
  private static final int STARTS = 64;

  private static final int EFFORT = 200_000;

  /** An anti-dependency weighs more than any number of other edges: fewest of them first. */
  private static final long ANTI_WEIGHT = 1L << 32;

  private record Reached(int state, long weight) {}

  private record Step(int from, int edge, long weight) {}

  /** A cycle with few anti-dependencies, and short, within a component. */
  static Cycle within(Walk walk, int[] component) {
    Map<Integer, Boolean> inside = new HashMap<>();
    for (int state : component) {
      inside.put(state, true);
    }
    int starts = Math.clamp(EFFORT / component.length, 4, STARTS);
    int stride = Math.max(1, component.length / starts);
    Cycle best = null;
    long bestWeight = Long.MAX_VALUE;
    for (int i = 0; i < component.length; i += stride) {
      Cycle cycle = through(walk, component[i], inside);
      if (cycle != null && cycle.weight(walk.graph()) < bestWeight) {
        best = cycle;
        bestWeight = cycle.weight(walk.graph());
      }
    }
    if (best == null) {
      throw new AssertionError("a component without a cycle");
    }
    return best;
  }

  private static @Nullable Cycle through(Walk walk, int start, Map<Integer, Boolean> inside) {
    Map<Integer, Step> reached = new HashMap<>();
    PriorityQueue<Reached> next =
        new PriorityQueue<>((a, b) -> Long.compare(a.weight(), b.weight()));
    next.add(new Reached(start, 0));
    for (Reached at = next.poll(); at != null; at = next.poll()) {
      Step known = reached.get(at.state());
      if (at.state() == start && known != null) {
        return back(start, reached);
      }
      if (known != null && known.weight() < at.weight()) {
        continue;
      }
      for (int p = walk.firstOut(at.state()); p < walk.endOut(at.state()); p++) {
        int target = walk.target(at.state(), p);
        if (target < 0 || !inside.containsKey(target)) {
          continue;
        }
        int edge = walk.graph().edgeAt(p);
        long weight = at.weight() + weight(walk.graph(), edge);
        Step before = reached.get(target);
        if (before == null || weight < before.weight()) {
          reached.put(target, new Step(at.state(), edge, weight));
          next.add(new Reached(target, weight));
        }
      }
    }
    return null;
  }

  private static Cycle back(int start, Map<Integer, Step> reached) {
    List<Integer> edges = new ArrayList<>();
    int state = start;
    do {
      Step step = Objects.requireNonNull(reached.get(state));
      edges.addFirst(step.edge());
      state = step.from();
    } while (state != start);
    return new Cycle(List.copyOf(edges));
  }

  private static long weight(DependencyGraph graph, int edge) {
    return switch (graph.kind(edge)) {
      case RW, RW_PREDICATE -> ANTI_WEIGHT;
      case REALTIME -> 4; // an explanation by data says more
      case WW, WR -> 1;
    };
  }

  private long weight(DependencyGraph graph) {
    return edges.stream().mapToLong(e -> weight(graph, e)).sum();
  }

  /** Its name. */
  AnomalyKind kind(DependencyGraph graph) {
    List<Dependency> kinds = edges.stream().map(graph::kind).toList();
    boolean realtime = kinds.contains(Dependency.REALTIME);
    boolean predicate = kinds.contains(Dependency.RW_PREDICATE);
    long anti = kinds.stream().filter(Dependency::isAnti).count();
    if (anti == 0 && !kinds.contains(Dependency.WR)) {
      return realtime ? AnomalyKind.G0_REALTIME : AnomalyKind.G0;
    }
    if (anti == 0) {
      return realtime ? AnomalyKind.G1C_REALTIME : AnomalyKind.G1C;
    }
    if (anti == 1) {
      return realtime
          ? AnomalyKind.G_SINGLE_REALTIME
          : predicate ? AnomalyKind.G_SINGLE_PREDICATE : AnomalyKind.G_SINGLE;
    }
    if (!hasNeighbours(kinds)) {
      return realtime ? AnomalyKind.G_NONADJACENT_REALTIME : AnomalyKind.G_NONADJACENT;
    }
    return realtime ? AnomalyKind.G2_REALTIME : predicate ? AnomalyKind.G2 : AnomalyKind.G2_ITEM;
  }

  private static boolean hasNeighbours(List<Dependency> kinds) {
    for (int i = 0; i < kinds.size(); i++) {
      if (kinds.get(i).isAnti() && kinds.get((i + 1) % kinds.size()).isAnti()) {
        return true;
      }
    }
    return false;
  }
}
