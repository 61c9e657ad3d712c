package dev.redoubt.recovery;

/** How a store that a crash left work in is opened. */
public enum RestartMode {
  /** Opening returns when history is repeated and every loser is undone. */
  FULL,
  /**
   * Opening returns after analysis. Pages are brought up to date when they are first touched and in
   * the background, losers are undone in the background: {@link Engine#continueRestart} begins it.
   */
  INSTANT
}
