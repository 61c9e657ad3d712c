package dev.redoubt.crash.differential;

import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Our store, all entries in one tree. */
public final class RedoubtStore implements OrderedStore {
  private static final TreeDef<String, String> TREE =
      TreeDef.of("entries", Codecs.UTF_8, Codecs.UTF_8);

  private final UnaryOperator<Store> reopening;
  private final Deque<Savepoint> savepoints = new ArrayDeque<>();
  private Store store;
  private @Nullable WriteTx tx;

  /** A store opened by {@code opening}, which is asked again for each reopening, after a close. */
  public static RedoubtStore closing(Supplier<Store> opening) {
    return new RedoubtStore(
        opening.get(),
        store -> {
          store.close();
          return opening.get();
        });
  }

  /**
   * A store that is reopened in any way.
   *
   * @param reopening ends the store given and gives the next one
   */
  public RedoubtStore(Store store, UnaryOperator<Store> reopening) {
    this.store = store;
    this.reopening = reopening;
  }

  @Override
  public String name() {
    return "Redoubt";
  }

  private WriteTx tx() {
    return Objects.requireNonNull(tx, "no transaction is open");
  }

  private Tree<String, String> tree() {
    return tx().tree(TREE);
  }

  @Override
  public void begin() {
    savepoints.clear();
    tx = store.beginWrite();
  }

  @Override
  public void commit() {
    tx().commit();
  }

  @Override
  public void rollback() {
    tx().rollback();
  }

  @Override
  public @Nullable String get(String key) {
    return tree().get(key);
  }

  @Override
  public void put(String key, String value) {
    tree().put(key, value);
  }

  @Override
  public void remove(String key) {
    tree().remove(key);
  }

  @Override
  public List<Map.Entry<String, String>> range(
      String from, String to, boolean descending, int limit) {
    KeyRange<String> range = KeyRange.between(from, to);
    List<Map.Entry<String, String>> found = new ArrayList<>();
    for (Map.Entry<String, String> e :
        descending ? tree().descending(range) : tree().range(range)) {
      if (found.size() == limit) {
        break;
      }
      found.add(Map.entry(e.getKey(), e.getValue()));
    }
    return found;
  }

  @Override
  public Map.@Nullable Entry<String, String> neighbour(Neighbour which, String key) {
    Map.Entry<String, String> found =
        switch (which) {
          case LOWER -> tree().lower(key);
          case FLOOR -> tree().floor(key);
          case CEILING -> tree().ceiling(key);
          case HIGHER -> tree().higher(key);
        };
    return found == null ? null : Map.entry(found.getKey(), found.getValue());
  }

  @Override
  public void savepoint() {
    savepoints.push(tx().savepoint());
  }

  @Override
  public void rollbackToSavepoint() {
    tx().rollbackTo(savepoints.pop());
  }

  @Override
  public void reopen() {
    store = reopening.apply(store);
  }

  @Override
  public void close() {
    store.close();
  }
}
