package dev.redoubt.recovery;

/** Told how restart goes, from the restarting thread. */
public interface RecoveryListener {
  enum Phase {
    ANALYSIS,
    REDO,
    UNDO,
    CHECKPOINT
  }

  /** A listener that does nothing. */
  RecoveryListener NONE = (phase, lsn, fromLsn, toLsn, count) -> {};

  /**
   * Restart has come to a record.
   *
   * @param phase where restart is
   * @param lsn the record it has come to
   * @param fromLsn where the phase starts
   * @param toLsn where it will end (below {@code fromLsn} for undo)
   * @param count records handled in this phase so far
   */
  void progress(Phase phase, long lsn, long fromLsn, long toLsn, long count);
}
