package dev.redoubt.kv.btree;

import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.ResourceManager;
import dev.redoubt.recovery.UndoContext;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The resource manager of tree and overflow pages: redo by page, undo by key. One for an engine,
 * shared by all its trees. Thread-safe.
 */
public final class TreePages implements ResourceManager {
  /** Id in the log. */
  public static final int ID = 10;

  /** Lent to as many threads at once without allocating. */
  private static final int IDLE_SCRATCHES = 16;

  private final NodeRedo redo = new NodeRedo(new NodeEdit(new PagePool()));
  private final AtomicReferenceArray<@Nullable Scratch> idle =
      new AtomicReferenceArray<>(IDLE_SCRATCHES);

  /** Is told of increments that are undone, so that readers do not subtract them as well. */
  @FunctionalInterface
  public interface UndoneIncrements {
    /**
     * The leaf has got the number without {@code delta}; called under its exclusive latch, behind
     * the CLR.
     */
    void undone(long transactionId, int treeId, byte[] key, long delta);
  }

  private volatile IntFunction<String> treeNames = id -> "tree " + id;
  private volatile UndoneIncrements undoneIncrements = (transactionId, treeId, key, delta) -> {};

  /** Makes the manager; register it when the engine is opened. */
  public TreePages() {}

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "tree";
  }

  @Override
  public void redo(MemorySegment page, long pageId, MemorySegment body) {
    redo.apply(page, pageId, body);
  }

  @Override
  public void redo(
      MemorySegment page, long pageId, MemorySegment bytes, long start, long lengthBytes) {
    redo.apply(page, pageId, bytes, start, lengthBytes);
  }

  @Override
  public void undo(UndoContext context, LogRecord.Update update) {
    new TreeUndo(this, context).undo(update);
  }

  @Override
  public long undoTag(MemorySegment body) {
    ChangedKey key = new ChangedKey();
    return key.read(body) ? key.number() : 0;
  }

  @Override
  public String describe(MemorySegment body) {
    return NodeBodies.describe(body);
  }

  /** Sets what messages call a tree; its number at first. */
  public void nameTrees(IntFunction<String> names) {
    treeNames = names;
  }

  /** What a message calls the tree of that id. */
  String called(int treeId) {
    return treeNames.apply(treeId);
  }

  /** Sets who is told of increments that are undone; nobody is at first. */
  public void onUndoneIncrement(UndoneIncrements listener) {
    undoneIncrements = listener;
  }

  UndoneIncrements undoneIncrements() {
    return undoneIncrements;
  }

  /** Lends a scratch; {@link #give} it back. */
  Scratch take() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < IDLE_SCRATCHES; i++) {
      int slot = start + i & IDLE_SCRATCHES - 1;
      Scratch each = idle.get(slot);
      if (each != null && idle.compareAndSet(slot, each, null)) {
        return each;
      }
    }
    return new Scratch(this);
  }

  void give(Scratch scratch) {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < IDLE_SCRATCHES; i++) {
      int slot = start + i & IDLE_SCRATCHES - 1;
      if (idle.get(slot) == null && idle.compareAndSet(slot, null, scratch)) {
        return;
      }
    }
  }
}
