package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GiveUpCommandTest {
  private static final TreeDef<String, String> MAIN =
      TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);
  private static final int PAGE_SIZE = 4096;

  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  /** A store whose log has forgotten how its pages came to be. */
  private void make() {
    StoreOptions options = StoreOptions.defaults();
    LogOptions log = LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10);
    try (Store store =
        Store.open(
            store(), options.withEngine(options.engine().withPageSize(PAGE_SIZE).withLog(log)))) {
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

  @Test
  void aDamagedPageIsGivenUpAndWhoAsksForItIsTold() throws IOException {
    make();
    byte[] pages = Files.readAllBytes(store().resolve("pages"));
    String text = new String(pages, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("looked-for");
    int page = at / PAGE_SIZE;
    Result whole = Program.run("give-up", store(), page);
    assertEquals(2, whole.code(), whole.err());
    assertTrue(whole.err().contains("page " + page + " is whole"), whole.err());
    pages[at] ^= 1;
    Files.write(store().resolve("pages"), pages);
    Result stats = Program.run("stats", store());
    assertEquals(0, stats.code(), stats.err());
    assertTrue(
        stats.lines().stream()
            .anyMatch(line -> line.matches("in quarantine +pages \\[" + page + "\\]; see .*")),
        stats.out());
    assertEquals(
        "durable: page " + page + " is given up, what was on it is lost\n",
        Program.run("give-up", store(), page).out());
    assertEquals(
        "{\"page\":" + page + ",\"givenUp\":true}\n",
        Program.run("give-up", store(), page, "--json").out());
    Result told = Program.run("get", store(), "k");
    assertEquals(3, told.code());
    assertTrue(told.err().contains("given up"), told.err());
    assertEquals("1", Program.run("count", store(), "--tree", "other").out().strip());
  }
}
