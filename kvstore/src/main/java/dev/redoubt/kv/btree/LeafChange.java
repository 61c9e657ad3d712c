package dev.redoubt.kv.btree;

/**
 * What undo needs to know, appended to the redo part of an update's body. Undo goes by the key from
 * the root, never by page and slot: the page may have been split or merged since.
 */
final class LeafChange {
  /** Undo removes the key. */
  static final int REMOVE_KEY = 1;

  /** Undo gives the key its old flags and value again. */
  static final int RESTORE = 2;

  private LeafChange() {}

  /** Ends the body of an insert; the key stands in the redo part. */
  static void insertUndo(BodyWriter body, long root) {
    body.putVarint(root);
  }

  /** Ends the body of a replacement of what counts as absent. */
  static void removeUndo(BodyWriter body, long root, byte[] key) {
    body.putByte(REMOVE_KEY).putVarint(root).putSized(key);
  }

  /** Ends the body of a replacement. */
  static void restoreUndo(BodyWriter body, long root, byte[] key, int oldFlags, byte[] oldValue) {
    body.putByte(RESTORE).putVarint(root).putSized(key).putByte(oldFlags).putSized(oldValue);
  }

  /** Ends the body of an increment; its delta stands in the redo part. */
  static void addUndo(BodyWriter body, long root, byte[] key) {
    body.putVarint(root).putSized(key);
  }

  /** Ends the body of a change of flags. */
  static void flagsUndo(BodyWriter body, long root, byte[] key, int oldFlags) {
    body.putVarint(root).putSized(key).putByte(oldFlags);
  }
}
