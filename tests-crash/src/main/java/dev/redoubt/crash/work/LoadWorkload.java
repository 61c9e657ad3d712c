package dev.redoubt.crash.work;

import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A tree that is cleared and loaded anew by each transaction, some under an old snapshot, some
 * after a load that was rolled back or broke off: after any crash exactly one generation is there,
 * and no page is lost.
 */
public final class LoadWorkload extends Generations {
  private static final TreeDef<Long, String> TREE = TreeDef.of("t", Codecs.INT64, Codecs.UTF_8);
  private static final int ENTRIES = 40;

  /**
   * @param options of the store
   * @param generations how many loads
   */
  public LoadWorkload(StoreOptions options, int generations) {
    super(options, generations);
  }

  @Override
  public String name() {
    return "loads";
  }

  @Override
  void inVain(Store store, int generation) {
    try (WriteTx tx = store.beginWrite()) {
      tx.tree(TREE).clear();
      load(tx, filled(generation, ENTRIES));
    }
  }

  private static void load(WriteTx tx, Contents contents) {
    tx.tree(TREE)
        .bulkLoad(
            contents.entries().entrySet().stream()
                .map(each -> Map.entry((long) each.getKey(), each.getValue()))
                .iterator());
  }

  /** Puts the next generation in the place of the last. */
  @Override
  void next(Store store, int generation, PrefixOracle<Contents> oracle) {
    try (WriteTx tx = store.beginWrite()) {
      Savepoint savepoint = tx.savepoint();
      if (generation % 4 == 2) {
        tx.tree(TREE).clear();
        load(tx, filled(generation + 1, ENTRIES));
        tx.rollbackTo(savepoint);
      }
      tx.tree(TREE).clear();
      if (generation % 4 == 3) {
        breakOff(tx);
      }
      Contents filled = filled(generation, ENTRIES);
      load(tx, filled);
      oracle.attempt(filled);
      tx.commit();
      oracle.acknowledge();
    }
  }

  /** The last of the entries is out of order. */
  private static void breakOff(WriteTx tx) {
    Stream<Map.Entry<Long, String>> entries =
        Stream.concat(
            LongStream.range(0, ENTRIES).mapToObj(key -> Map.entry(key, "y".repeat(200))),
            Stream.of(Map.entry(0L, "")));
    try {
      tx.tree(TREE).bulkLoad(entries.iterator());
    } catch (IllegalArgumentException refused) {
      return;
    }
    throw new AssertionError("entries out of order were loaded");
  }

  /** The generation that is there; 0 if the tree is empty. */
  @Override
  int newest(Store store) {
    String first = store.get(TREE, 0L);
    return first == null ? 0 : Integer.parseInt(first.substring(0, first.indexOf('.')));
  }

  @Override
  Contents contents(Store store) {
    TreeMap<Integer, String> entries = new TreeMap<>();
    store.view(tx -> collect(tx, TREE, entries));
    return new Contents(entries);
  }
}
