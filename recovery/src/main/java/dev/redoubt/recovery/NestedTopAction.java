package dev.redoubt.recovery;

/** An open nested top action; latches are kept until {@link #end} (rule 14). */
public interface NestedTopAction {
  void end();
}
