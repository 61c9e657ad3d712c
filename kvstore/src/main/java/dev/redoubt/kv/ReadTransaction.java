package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A read-only transaction: one snapshot, taken at its beginning. It may be shared by threads. */
final class ReadTransaction implements ReadTx, Viewer {
  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(ReadTransaction.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Store store;
  private final Snapshot snapshot;
  private volatile boolean closed;

  ReadTransaction(Store store, ReadPoint point) {
    Objects.requireNonNull(point, "point"); // before anything is registered
    this.store = store;
    this.snapshot = store.parts().versions().newSnapshot();
    store.parts().versions().enter(snapshot, point);
  }

  @Override
  public <K, V> ReadTree<K, V> tree(TreeDef<K, V> definition) {
    enter();
    @Nullable BTree tree = store.parts().catalog().open(definition, snapshot.at());
    return new ReadTreeView<>(this, store, definition, tree);
  }

  @Override
  public void reading(int treeId, byte[] key) {}

  @Override
  public @Nullable ScanFootprint scanning(int treeId, boolean ascending) {
    return null;
  }

  @Override
  public @Nullable Cell visible(KeyTable keys, int treeId, byte[] key, @Nullable Cell inLeaf) {
    return Version.visible(keys.find(treeId, key), inLeaf, snapshot.at(), null);
  }

  @Override
  public long seesAllUpTo() {
    return snapshot.at();
  }

  @Override
  public void check() {
    if (closed) { // by another thread, while this one was reading
      throw closedAlready();
    }
    snapshot.check();
  }

  @Override
  public void enter() {
    store.checkOpen();
    check();
  }

  private static ClosedException closedAlready() {
    return new ClosedException("the read transaction has been closed; begin another one");
  }

  @Override
  public void leave() {}

  @Override
  public boolean readsOnly() {
    return true;
  }

  @Override
  public long changes() {
    return 0;
  }

  @Override
  public void close() {
    if (CLOSED.compareAndSet(this, false, true)) {
      store.parts().versions().leave(snapshot);
      store.parts().housekeeper().snapshotLeft();
    }
  }
}
