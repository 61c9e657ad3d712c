package dev.redoubt.kv;

/** The tree exists with other codecs. Nothing was done. */
public final class TreeMismatchException extends StoreException {
  private static final long serialVersionUID = 1L;

  public TreeMismatchException(String message) {
    super("tree-mismatch", false, message);
  }
}
