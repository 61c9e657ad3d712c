package dev.redoubt.crash.xa;

import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.wal.LogOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Two stores of one folder, which a transaction is to change both or neither. */
record TwoStores(Store left, Store right) implements AutoCloseable {
  static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  static final String KEY = "k";

  private static final StoreOptions OPTIONS =
      StoreOptions.defaults()
          .withEngine(
              StoreOptions.defaults()
                  .engine()
                  .withFrames(256)
                  .withMaxWalBytes(16 << 20)
                  .withLog(LogOptions.defaults().withSegmentBytes(1 << 20)));

  static TwoStores open(Path folder) {
    return new TwoStores(
        Store.open(folder.resolve("left"), OPTIONS), Store.open(folder.resolve("right"), OPTIONS));
  }

  static @Nullable String value(Store store) {
    return store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(KEY));
  }

  @Override
  public void close() {
    try (left;
        right) {
      return;
    }
  }
}
