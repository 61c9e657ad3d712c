package dev.redoubt.kv.btree;

/** Told what a verification finds. Called by one thread, under page latches: it must not wait. */
public interface VerifySink {
  /** A broken invariant or a damaged page, in one line that names page and tree. */
  void problem(String line);

  /** A page that belongs to what is verified. */
  void page(long pageId);

  /** A live entry. */
  void entry();
}
