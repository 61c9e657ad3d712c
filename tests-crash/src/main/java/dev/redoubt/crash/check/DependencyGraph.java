package dev.redoubt.crash.check;

import java.util.Arrays;

/**
 * The direct serialization graph of a history: transactions are numbered from 0, an edge says that
 * one must come before the other, and why. Filled first, frozen once, then read.
 */
final class DependencyGraph {
  /** The key of an edge that is about none. */
  static final int NO_KEY = -1;

  private final int nodes;
  private int edges;
  private int[] from = new int[1024];
  private int[] to = new int[1024];
  private Dependency[] kind = new Dependency[1024];
  private int[] key = new int[1024];

  /** Edges of a node in {@link #order}: from its own entry here to the next one's. */
  private int[] first = new int[0];

  private int[] order = new int[0];

  DependencyGraph(int nodes) {
    this.nodes = nodes;
  }

  int nodes() {
    return nodes;
  }

  int edges() {
    return edges;
  }

  /** An edge; one from a transaction to itself says nothing and is left out. */
  void add(int before, int after, Dependency why, int aboutKey) {
    if (before == after) {
      return;
    }
    if (edges == from.length) {
      int larger = 2 * edges;
      from = Arrays.copyOf(from, larger);
      to = Arrays.copyOf(to, larger);
      kind = Arrays.copyOf(kind, larger);
      key = Arrays.copyOf(key, larger);
    }
    from[edges] = before;
    to[edges] = after;
    kind[edges] = why;
    key[edges] = aboutKey;
    edges++;
  }

  /** Sorts the edges by where they begin. */
  void freeze() {
    first = new int[nodes + 1];
    for (int e = 0; e < edges; e++) {
      first[from[e] + 1]++;
    }
    for (int n = 0; n < nodes; n++) {
      first[n + 1] += first[n];
    }
    order = new int[edges];
    int[] next = Arrays.copyOf(first, nodes);
    for (int e = 0; e < edges; e++) {
      order[next[from[e]]++] = e;
    }
  }

  /** Position of the first edge out of a node; that of {@code node + 1} is behind the last. */
  int firstOut(int node) {
    return first[node];
  }

  /** The edge at a position. */
  int edgeAt(int position) {
    return order[position];
  }

  int from(int edge) {
    return from[edge];
  }

  int to(int edge) {
    return to[edge];
  }

  Dependency kind(int edge) {
    return kind[edge];
  }

  int key(int edge) {
    return key[edge];
  }
}
