package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.OptionsMismatchException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is fixed when a store is made is stored, and held against what an opening asks for. */
final class CreationOptionsTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);

  private static StoreOptions pagesOf(int bytes) {
    StoreOptions defaults = StoreOptions.defaults();
    return defaults.withEngine(defaults.engine().withPageSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 16384, 65536})
  void whoAsksForNothingTakesWhatTheStoreHasAndWhoAsksForAnotherSizeIsTold(
      int pageSize, @TempDir Path dir) {
    try (Store store = Store.open(dir, pagesOf(pageSize))) {
      store.write(tx -> tx.tree(TREE).put("k", "v"));
    }
    int other = pageSize == 4096 ? 32768 : pageSize / 2;
    OptionsMismatchException refused =
        assertThrows(OptionsMismatchException.class, () -> Store.open(dir, pagesOf(other)));
    assertTrue(String.valueOf(refused.getMessage()).contains(" " + pageSize), refused::getMessage);
    assertTrue(String.valueOf(refused.getMessage()).contains(" " + other), refused::getMessage);
    try (Store store = Store.open(dir)) {
      assertEquals(pageSize, store.stats().pageSize());
      assertEquals("v", store.get(TREE, "k"));
      TreeDef<String, Long> wrong = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);
      TreeMismatchException mismatch =
          assertThrows(TreeMismatchException.class, () -> store.get(wrong, "k"));
      assertTrue(
          String.valueOf(mismatch.getMessage()).contains(Codecs.INT64.name()),
          mismatch::getMessage);
      assertTrue(
          String.valueOf(mismatch.getMessage()).contains(Codecs.UTF_8.name()),
          mismatch::getMessage);
    }
    Store.open(dir, pagesOf(pageSize)).close();
  }
}
