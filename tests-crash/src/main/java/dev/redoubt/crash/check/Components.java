package dev.redoubt.crash.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The strongly connected components of a walk that have more than one state: where there is a
 * cycle, it is in one of them. Tarjan, "Depth-First Search and Linear Graph Algorithms" (1972),
 * with a stack of its own instead of recursion.
 */
final class Components {
  private static final int UNSEEN = -1;

  private final Walk walk;
  private final int[] number;
  private final int[] low;
  private final boolean[] open;
  private final int[] position;
  private final int[] path;
  private final int[] stack;
  private int pathSize;
  private int stackSize;
  private int count;
  private final List<int[]> found = new ArrayList<>();

  private Components(Walk walk) {
    int states = walk.states();
    this.walk = walk;
    this.number = new int[states];
    this.low = new int[states];
    this.open = new boolean[states];
    this.position = new int[states];
    this.path = new int[states];
    this.stack = new int[states];
    Arrays.fill(number, UNSEEN);
  }

  /** Their states. */
  static List<int[]> of(Walk walk) {
    Components components = new Components(walk);
    for (int state = 0; state < walk.states(); state++) {
      if (components.number[state] == UNSEEN) {
        components.search(state);
      }
    }
    return components.found;
  }

  private void search(int root) {
    enter(root);
    while (pathSize > 0) {
      int state = path[pathSize - 1];
      if (position[state] == walk.endOut(state)) {
        leave(state);
        continue;
      }
      int next = walk.target(state, position[state]++);
      if (next < 0) {
        continue;
      }
      if (number[next] == UNSEEN) {
        enter(next);
      } else if (open[next]) {
        low[state] = Math.min(low[state], number[next]);
      }
    }
  }

  private void enter(int state) {
    number[state] = count;
    low[state] = count++;
    open[state] = true;
    position[state] = walk.firstOut(state);
    path[pathSize++] = state;
    stack[stackSize++] = state;
  }

  private void leave(int state) {
    pathSize--;
    if (pathSize > 0) {
      int parent = path[pathSize - 1];
      low[parent] = Math.min(low[parent], low[state]);
    }
    if (low[state] != number[state]) {
      return;
    }
    int begin = stackSize;
    do {
      begin--;
      open[stack[begin]] = false;
    } while (stack[begin] != state);
    if (stackSize - begin > 1) {
      found.add(Arrays.copyOfRange(stack, begin, stackSize));
    }
    stackSize = begin;
  }
}
