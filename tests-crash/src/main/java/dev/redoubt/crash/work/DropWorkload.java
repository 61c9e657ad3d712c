package dev.redoubt.crash.work;

import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.List;
import java.util.TreeMap;

/**
 * Trees that are made, filled and dropped, the last by the transaction that fills the next, some
 * under an old snapshot, some drops rolled back: after any crash exactly one generation is there,
 * and no page is lost.
 */
public final class DropWorkload extends Generations {
  private static final int ENTRIES = 24;

  /**
   * @param options of the store
   * @param generations how many trees
   */
  public DropWorkload(StoreOptions options, int generations) {
    super(options, generations);
  }

  @Override
  public String name() {
    return "drops";
  }

  private static TreeDef<Long, String> tree(int generation) {
    return TreeDef.of("t" + generation, Codecs.INT64, Codecs.UTF_8);
  }

  @Override
  void inVain(Store store, int generation) {
    try (WriteTx tx = store.beginWrite()) {
      tx.dropTree("t" + (generation - 1));
    }
  }

  /** Makes the next generation and drops the last one. */
  @Override
  void next(Store store, int generation, PrefixOracle<Contents> oracle) {
    try (WriteTx tx = store.beginWrite()) {
      String last = "t" + (generation - 1);
      Savepoint savepoint = tx.savepoint();
      if (generation % 4 == 2) {
        tx.dropTree(last);
        tx.rollbackTo(savepoint);
      }
      Contents filled = filled(generation, ENTRIES);
      filled.entries().forEach((key, value) -> tx.tree(tree(generation)).put((long) key, value));
      tx.dropTree(last);
      oracle.attempt(filled);
      tx.commit();
      oracle.acknowledge();
    }
  }

  @Override
  int newest(Store store) {
    return store.listTrees().stream()
        .mapToInt(name -> Integer.parseInt(name.substring(1)))
        .filter(each -> store.<Long, RuntimeException>read(tx -> tx.tree(tree(each)).count()) > 0)
        .max()
        .orElse(0);
  }

  /** The entries of the one tree that is not empty. */
  @Override
  Contents contents(Store store) {
    TreeMap<Integer, String> entries = new TreeMap<>();
    List<String> names = store.listTrees();
    store.view(
        tx ->
            names.forEach(name -> collect(tx, tree(Integer.parseInt(name.substring(1))), entries)));
    return new Contents(entries);
  }
}
