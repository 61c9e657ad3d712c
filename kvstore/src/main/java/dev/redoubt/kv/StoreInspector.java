package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.btree.NodeDump;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.recovery.StoredPage;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
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

  /**
   * Looks at the engine of a store whose trees cannot be opened, say because their catalog is
   * damaged. Restart, if there is anything to recover, works in memory; nothing is written.
   *
   * @param disk closed at return
   * @throws dev.redoubt.io.StorageException if that does not open either
   */
  public static <R extends @Nullable Object> R belowTrees(
      Disk disk, Environment environment, Function<Engine, R> look) {
    StoreOptions options = StoreOptions.defaults().withRestart(RestartMode.FULL).withReadOnly(true);
    try (Disk layered = ReadOnlyMode.layered(disk, options)) {
      EngineOptions settings = ReadOnlyMode.engine(options).withBackground(false);
      Engine engine =
          Engine.open(
              layered, environment, settings, List.of(new TreePages()), RecoveryListener.NONE);
      try {
        return look.apply(engine);
      } finally {
        engine.abandon();
      }
    }
  }

  /** Reads every page in use and the log, of a store whose trees cannot be opened. */
  public static VerifyReport verifyBelowTrees(Engine engine) {
    return StoreVerifier.belowTrees(engine);
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
