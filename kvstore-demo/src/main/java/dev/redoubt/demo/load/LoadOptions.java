package dev.redoubt.demo.load;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.TreeDef;

/**
 * How to load.
 *
 * @param tree the tree that takes the entries
 * @param hex whether keys and values are hexadecimal digits
 * @param batch entries in a transaction, at most; a transaction also ends after 16 MiB of text
 * @param threads committing at the same time
 * @param skipBad whether bad lines are counted and left out, not an error
 */
public record LoadOptions(
    TreeDef<String, String> tree, boolean hex, int batch, int threads, boolean skipBad) {
  static final int MAX_BATCH = 1_000_000;
  static final int MAX_THREADS = 256;

  public LoadOptions {
    if (batch < 1 || batch > MAX_BATCH) {
      throw new InputException("usage", "--batch takes 1 to " + MAX_BATCH + ", not " + batch);
    }
    if (threads < 1 || threads > MAX_THREADS) {
      throw new InputException("usage", "--threads takes 1 to " + MAX_THREADS + ", not " + threads);
    }
  }
}
