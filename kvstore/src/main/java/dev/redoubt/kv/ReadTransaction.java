package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A read-only transaction. Each read sees what is committed at that moment; it may be shared by
 * threads.
 */
final class ReadTransaction implements ReadTx, Viewer {
  private final Store store;
  private final long stamp;
  private final AtomicBoolean closed = new AtomicBoolean();

  ReadTransaction(Store store) {
    this.store = store;
    this.stamp = store.horizon().enter();
  }

  @Override
  public <K, V> ReadTree<K, V> tree(TreeDef<K, V> definition) {
    enter();
    @Nullable BTree tree = store.catalog().open(definition);
    return new ReadTreeView<>(this, store, definition, tree);
  }

  @Override
  public @Nullable Cell visible(KeyTable keys, KeyRef ref, @Nullable Cell inLeaf) {
    KeyOwnership owner = keys.find(ref);
    return owner == null ? inLeaf : owner.seenByOthers(inLeaf);
  }

  @Override
  public void enter() {
    store.checkOpen();
    if (closed.get()) {
      throw new ClosedException("the read transaction has been closed; begin another one");
    }
  }

  @Override
  public void leave() {}

  @Override
  public long changes() {
    return 0;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      store.horizon().leave(stamp);
      store.housekeeper().horizonMoved();
    }
  }
}
