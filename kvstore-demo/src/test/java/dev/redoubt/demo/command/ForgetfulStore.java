package dev.redoubt.demo.command;

import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.wal.LogOptions;
import java.nio.file.Path;

/** Makes stores whose log has forgotten how their pages came to be: damage stays. */
final class ForgetfulStore {
  static final int PAGE_SIZE = 4096;

  private static final TreeDef<String, String> MAIN =
      TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);

  private ForgetfulStore() {}

  /** Tree "main" has one leaf, with the value "looked-for"; there is a tree "other", too. */
  static void make(Path folder) {
    StoreOptions options = StoreOptions.defaults();
    LogOptions log = LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10);
    try (Store store =
        Store.open(
            folder, options.withEngine(options.engine().withPageSize(PAGE_SIZE).withLog(log)))) {
      store.write(tx -> tx.tree(MAIN).put("k", "looked-for"));
      long end = store.engine().log().endLsn();
      while (store.engine().log().startLsn() < end) {
        store.write(
            tx ->
                tx.tree(TreeDef.of("other", Codecs.UTF_8, Codecs.UTF_8))
                    .put("k", "v".repeat(100_000)));
        store.engine().pool().flushAll();
        store.engine().checkpoint();
      }
    }
  }
}
