package dev.redoubt.crash.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Knows every state that a chain of commits goes through, and which of them a crash may leave: the
 * state after some prefix of the commit order that holds all acknowledged commits. What was not
 * acknowledged is wholly there or wholly gone. Once a recovered store has shown a state, no later
 * crash may take it back.
 *
 * <p>Confined to one thread; {@link #fork} gives a crash its own.
 *
 * @param <S> a state; never changed once given to the oracle
 */
public final class PrefixOracle<S> {
  private final List<S> states;
  private int acknowledged;
  private boolean observed;

  private PrefixOracle(List<S> states, int acknowledged) {
    this.states = states;
    this.acknowledged = acknowledged;
  }

  /** An oracle that has seen no commit; {@code empty} is the state before the first. */
  public static <S> PrefixOracle<S> startingWith(S empty) {
    List<S> states = new ArrayList<>();
    states.add(empty);
    return new PrefixOracle<>(states, 0);
  }

  /** A copy for what happens after a crash here. */
  public PrefixOracle<S> fork() {
    return new PrefixOracle<>(new ArrayList<>(states), acknowledged);
  }

  /** A commit is about to be tried; if it happens the data are {@code after}. */
  public void attempt(S after) {
    states.add(after);
  }

  /** The last commit tried was acknowledged as durable, and so all before it. */
  public void acknowledge() {
    acknowledged = states.size() - 1;
  }

  /** The commits up to the {@code count}-th were acknowledged as durable. */
  public void acknowledge(int count) {
    acknowledged = Math.max(acknowledged, count);
  }

  /** Commits tried so far. */
  public int attempted() {
    return states.size() - 1;
  }

  /** Commits acknowledged so far. */
  public int acknowledged() {
    return acknowledged;
  }

  /** The state as it is after everything tried so far, or as it was last observed. */
  public S latest() {
    return states.getLast();
  }

  /** A line for each commit tried: its number, whether it was acknowledged, the state after it. */
  public List<String> history() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      String fate = i == 0 ? "the beginning" : i <= acknowledged ? "acknowledged" : "tried";
      lines.add(i + " " + fate + ": " + states.get(i));
    }
    return lines;
  }

  /** Whether a recovered state was observed on this branch. */
  public boolean hasObserved() {
    return observed;
  }

  /**
   * Judges a recovered state, and from now on holds the store to it.
   *
   * @throws AssertionError if it is not the state after a prefix that holds everything acknowledged
   */
  public void observe(S recovered) {
    for (int i = states.size() - 1; i >= acknowledged; i--) {
      if (Objects.equals(states.get(i), recovered)) {
        states.subList(i + 1, states.size()).clear();
        acknowledged = i;
        observed = true;
        return;
      }
    }
    throw new AssertionError(verdict(recovered));
  }

  private String verdict(S recovered) {
    StringBuilder text = new StringBuilder("the recovered state is wrong: ");
    int earlier = states.subList(0, acknowledged).lastIndexOf(recovered);
    if (earlier >= 0) {
      text.append("it is the state after commit ").append(earlier).append(", but ");
      text.append(acknowledged).append(" commits were acknowledged");
    } else {
      text.append("it is the state after no prefix of the commits; ");
      text.append(acknowledged).append(" of ").append(attempted()).append(" were acknowledged");
    }
    text.append("\n  recovered ").append(recovered);
    for (int i = acknowledged; i < states.size(); i++) {
      text.append("\n  allowed   ").append(states.get(i));
    }
    return text.toString();
  }
}
