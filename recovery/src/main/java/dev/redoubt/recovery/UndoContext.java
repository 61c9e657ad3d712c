package dev.redoubt.recovery;

/** What {@link ResourceManager#undo} works with. Confined to the undoing thread. */
public interface UndoContext {
  Engine engine();

  long transactionId();

  /** Space for the structure changes that this undo needs; partly kept for undo alone. */
  StructureSpace structureSpace();

  /** Appends the one CLR of the update being undone and applies its changes. */
  void compensate(AtomicChange change);
}
