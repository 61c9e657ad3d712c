package dev.redoubt.recovery;

/** What is remembered of a nested top action until its end. */
record OpenNestedTopAction(
    Transaction transaction, long undoNextLsnBefore, long lastLsnBefore, int depth)
    implements NestedTopAction {
  @Override
  public void end() {
    transaction.endNested(undoNextLsnBefore, lastLsnBefore, depth);
  }
}
