package dev.redoubt.kv;

/**
 * The versions kept for an old snapshot filled the version budget, and the snapshot was given up:
 * its transaction can read no more and, if it writes, not commit. Begin again ({@code write} does).
 */
public final class SnapshotTooOldException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Made by the store. */
  public SnapshotTooOldException(String message) {
    super("snapshot-too-old", true, message);
  }
}
