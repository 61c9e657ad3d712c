package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.btree.NodeDump;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.StoredPage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Looks into a store without opening it: see {@link Inspection}. Thread-safe; keeps nothing. */
public final class StoreInspector {
  private StoreInspector() {}

  /**
   * Opens the store on {@code disk}, which stays the caller's; nothing is ever written.
   *
   * @throws dev.redoubt.io.NotAStoreException if there is no store
   * @throws dev.redoubt.io.CorruptionException if the log is damaged below a point known durable
   */
  public static Inspection open(Disk disk, Environment environment) {
    return Inspection.open(disk, environment, List.of(new TreePages()));
  }

  /** What the type of the page means. */
  public static String typeName(StoredPage page) {
    return Objects.requireNonNullElse(NodeDump.typeName(page.bytes()), page.engineType());
  }

  /** The page as a node of a tree; null if it is none. */
  public static @Nullable NodeView node(StoredPage page) {
    NodeDump node = NodeDump.of(page.bytes());
    if (node == null) {
      return null;
    }
    return new NodeView(
        node.level(),
        node.lowerFence(),
        node.upperFence(),
        node.prefixBytes(),
        node.freeBytes(),
        node.leftChild(),
        node.slots().stream()
            .map(
                slot ->
                    new NodeView.Slot(
                        slot.key(), slot.ghost(), slot.overflow(), slot.valueBytes(), slot.child()))
            .toList());
  }
}
