package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandsTest {
  private static final int PAGE_BYTES = 8192;

  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  @BeforeEach
  void makeStore() {
    assertEquals(0, Program.run("put", store(), "first key", "v").code());
    assertEquals(0, Program.run("put", store(), "second key", "v").code());
  }

  @Test
  void dumpPrintsOneLineForEachRecord() {
    List<String> lines = Program.run("wal", "dump", store()).lines();
    assertTrue(lines.getFirst().strip().startsWith("LSN "), lines.getFirst());
    assertTrue(lines.stream().anyMatch(line -> line.contains(" commit ")), lines.toString());
    List<String> json = Program.run("wal", "dump", store(), "--json").lines();
    assertEquals(lines.size() - 1, json.size());
    assertTrue(json.stream().allMatch(line -> line.startsWith("{\"lsn\":")), json.toString());
  }

  @Test
  void dumpFiltersByRangeTypeTransactionPageAndLimit() {
    List<String> all = records();
    long second = lsn(all.get(1));
    long third = lsn(all.get(2));
    assertEquals(List.of(all.get(1)), records("--from", second, "--to", third));
    assertEquals(all.subList(0, 2), records("--limit", 2));
    assertEquals(List.of(), records("--from", Long.MAX_VALUE));
    assertTrue(
        records("--type", "commit,end").stream()
            .allMatch(line -> line.contains("\"commit\"") || line.contains("\"end\"")));
    List<String> own = records("--tx", 1);
    assertTrue(!own.isEmpty() && own.stream().allMatch(l -> l.contains("\"transaction\":1,")));
    List<String> page = records("--page", 1);
    assertTrue(!page.isEmpty() && page.stream().allMatch(l -> l.contains("{\"page\":1,")));
    Result wrong = Program.run("wal", "dump", store(), "--type", "upgrade");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("update, nested-update"), wrong.err());
  }

  @Test
  void pageShowsHeaderAndSlots() {
    List<String> pages =
        Stream.iterate(1, n -> n + 1)
            .limit(8)
            .map(n -> Program.run("page", store(), n).out())
            .toList();
    assertTrue(pages.getFirst().contains("root directory"), pages.getFirst());
    String leaf =
        pages.stream().filter(text -> text.contains("\"first key\"")).findFirst().orElse("none");
    assertTrue(leaf.contains("tree node"), leaf);
    assertTrue(leaf.contains("0 \"first key\": 1 byte"), leaf);
    assertTrue(leaf.contains(", right"), leaf);
    assertEquals(2, Program.run("page", store(), 0).code());
    Result beyond = Program.run("page", store(), 1_000_000);
    assertEquals(2, beyond.code());
    assertTrue(beyond.err().contains("the store has pages 1 to"), beyond.err());
  }

  /** Damages the leaf of "first key" and returns its page id. */
  private int damageLeaf() throws IOException {
    int leaf = 1;
    while (!Program.run("page", store(), leaf).out().contains("\"first key\"")) {
      leaf++;
    }
    try (RandomAccessFile file = new RandomAccessFile(store().resolve("pages").toFile(), "rw")) {
      file.seek((long) leaf * PAGE_BYTES + 5000);
      file.write(0x55);
    }
    Result page = Program.run("page", store(), leaf);
    assertEquals(1, page.code());
    assertTrue(page.out().contains("WRONG: page " + leaf), page.out());
    return leaf;
  }

  @Test
  void damagedPageIsRebuiltFromTheLog() throws IOException {
    int leaf = damageLeaf();
    Result verify = Program.run("verify", store());
    assertEquals(0, verify.code(), verify.err());
    assertEquals("v", Program.run("get", store(), "first key").out().strip());
    assertEquals(0, Program.run("page", store(), leaf).code());
  }

  @Test
  void damagedPageThatTheLogHasForgottenIsNamedAndVerifyFindsIt() throws IOException {
    forgetLog();
    int leaf = damageLeaf();
    Result verify = Program.run("verify", store());
    assertEquals(1, verify.code(), verify.err());
    assertTrue(verify.out().contains("page " + leaf), verify.out());
    Result get = Program.run("get", store(), "first key", "--json");
    assertEquals(3, get.code());
    assertTrue(get.err().contains("\"code\":\"corrupt\""), get.err());
  }

  /** Makes the store again, with small segments, and writes until the first ones are recycled. */
  private void forgetLog() throws IOException {
    for (String name : files().keySet()) {
      Files.delete(store().resolve(name));
    }
    EngineOptions engine =
        StoreOptions.defaults().engine().withLog(LogOptions.defaults().withSegmentBytes(1 << 20));
    TreeDef<String, String> main = TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);
    TreeDef<String, String> other = TreeDef.of("other", Codecs.UTF_8, Codecs.UTF_8);
    try (Store store = Store.open(store(), StoreOptions.defaults().withEngine(engine))) {
      store.write(tx -> tx.tree(main).put("first key", "v"));
      long end = store.engine().log().endLsn();
      while (store.engine().log().startLsn() < end) {
        store.write(tx -> tx.tree(other).put("k", "v".repeat(100_000)));
        store.engine().pool().flushAll();
        store.engine().checkpoint();
      }
    }
  }

  @Test
  void inspectionWritesNotAByte() throws IOException {
    Map<String, byte[]> before = files();
    Program.run("wal", "dump", store());
    Program.run("page", store(), 1);
    Program.run("recover", store(), "--dry-run");
    Map<String, byte[]> after = files();
    assertEquals(before.keySet(), after.keySet());
    before.forEach(
        (name, bytes) -> assertTrue(java.util.Arrays.equals(bytes, after.get(name)), name));
  }

  private Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(store())) {
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  private List<String> records(Object... options) {
    Object[] args = new Object[4 + options.length];
    args[0] = "wal";
    args[1] = "dump";
    args[2] = store();
    args[3] = "--json";
    System.arraycopy(options, 0, args, 4, options.length);
    Result result = Program.run(args);
    assertEquals(0, result.code(), result.err());
    return result.lines();
  }

  private static long lsn(String json) {
    return Long.parseLong(json.substring("{\"lsn\":".length(), json.indexOf(',')));
  }
}
