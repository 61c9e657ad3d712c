package dev.redoubt.recovery;

/** What {@link ResourceManager#undo} works with. Confined to the undoing thread. */
public interface UndoContext {
  Engine engine();

  long transactionId();

  /** Appends the one CLR of the update being undone and applies its changes. */
  void compensate(AtomicChange change);
}
