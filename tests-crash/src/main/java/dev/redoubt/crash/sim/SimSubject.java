package dev.redoubt.crash.sim;

import java.util.List;

/**
 * What is simulated: an engine, its clients, and a model of what must be there. One object sees all
 * lives of a run; what it keeps in its fields is the model, which no crash takes away. Confined to
 * the simulation: its threads run one at a time and are visible to each other.
 */
@FunctionalInterface
public interface SimSubject {
  /**
   * Lives once: opens the engine on the disk of this life, as the last one left it, checks what is
   * there, puts clients to work, and closes it or not. Runs in a simulated thread; further threads
   * come from {@link SimLife#spawn} and, for the engine, from {@link SimLife#environment}. Before
   * the end of any step it may simply stop for ever.
   *
   * <p>A failure that {@link SimLife#excuses} may end it early. In the {@linkplain SimLife#last
   * last} life the disk is well and nothing crashes: there everything is checked.
   *
   * @throws Exception or an {@link AssertionError} if something is wrong: the run has failed
   */
  void live(SimLife life) throws Exception;

  /** What clients tried and were told so far, a line each; for whoever looks into a failure. */
  default List<String> history() {
    return List.of();
  }
}
