package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of the store is missing, empty or cut short: the message says which and what to do. */
class LostFilesTest {
  private static final String SALVAGE = "'redoubt salvage DIR OUT'";
  private static final List<String> COMMANDS = List.of("get", "put", "stats", "verify", "recover");

  @TempDir private Path folder;

  @BeforeEach
  void make() {
    StoreOptions options =
        StoreOptions.defaults()
            .withEngine(
                StoreOptions.defaults()
                    .engine()
                    .withFrames(64)
                    .withLog(LogOptions.defaults().withSegmentBytes(1 << 20)));
    TreeDef<String, String> main = TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);
    try (Store store =
        Store.open(RealDisk.create(folder), Environment.system(), options, RecoveryListener.NONE)) {
      for (int i = 0; i < 300; i++) {
        String key = "key" + i;
        store.write(
            tx -> {
              tx.tree(main).put(key, "v".repeat(2000));
            });
      }
    }
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private void cut(String name, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(file(name).toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".seg")).sorted().toList();
    }
  }

  /** Every command fails, names what is wrong, and names each remedy. */
  private void assertAllSay(String... words) {
    for (String command : COMMANDS) {
      Object[] args =
          switch (command) {
            case "get" -> new Object[] {"get", folder, "key1"};
            case "put" -> new Object[] {"put", folder, "key1", "x"};
            default -> new Object[] {command, folder};
          };
      Result result = Program.run(args);
      String said = result.out() + result.err();
      assertTrue(result.code() == 1 || result.code() == 3, command + ": " + said);
      for (String word : words) {
        assertTrue(said.contains(word), command + " does not say " + word + ": " + said);
      }
    }
  }

  @Test
  void missingMasterIsNamedAndNotTakenForNoStore() throws IOException {
    Files.delete(file("master"));
    assertAllSay("holds a store whose master record is missing", "from a backup", SALVAGE);
    Result saved =
        Program.run("salvage", folder, folder.resolveSibling("out-" + System.nanoTime()));
    assertEquals(0, saved.code(), saved.out() + saved.err());
  }

  @Test
  void missingMasterAndLogAreNamedAndNoStoreIsMadeOverThePages() throws IOException {
    Files.delete(file("master"));
    for (Path segment : segments()) {
      Files.delete(segment);
    }
    long pages = Files.size(file("pages"));
    assertAllSay("holds a store whose master record and log are missing", "from a backup");
    assertEquals(pages, Files.size(file("pages")));
  }

  @Test
  void masterOfAnotherLengthIsNamed() throws IOException {
    cut("master", 20_000);
    assertEquals(0, Program.run("verify", folder).code(), "what is behind does not matter");
    cut("master", 8192 - 1);
    assertAllSay("master of", "both slots", "from a backup", SALVAGE);
    cut("master", 0);
    assertAllSay("master of", "expected 4096 bytes, found 0", "from a backup", SALVAGE);
  }

  @Test
  void missingEmptyAndCutPagesAreNamed() throws IOException {
    cut("pages", 8192);
    assertAllSay("file pages", "beyond the end of the pages", "from a backup", SALVAGE);
    cut("pages", 0);
    assertAllSay("file pages", "beyond the end of the pages", "from a backup", SALVAGE);
    Files.delete(file("pages"));
    assertAllSay("has no file \"pages\"", "put the file back", SALVAGE);
  }

  /** The operator's word is about what cannot be read, not about what is missing. */
  @Test
  void wordThatAcceptsAnUnreadableTailChangesNothingElse() throws IOException {
    String word = "--accept-unreadable-tail";
    assertEquals(2, Program.run("recover", folder, word, "--dry-run").code());
    assertEquals(0, Program.run("recover", folder, word).code());
    cut(segments().getFirst().getFileName().toString(), 0);
    assertEquals(3, Program.run("recover", folder, word).code());
  }

  @Test
  void missingOrCutSegmentsAreNamed() throws IOException {
    Path segment = segments().getFirst();
    cut(segment.getFileName().toString(), 0);
    assertAllSay("file too short in " + segment.getFileName(), "from a backup", SALVAGE);
    Files.delete(segment);
    assertAllSay("segment file missing in " + segment.getFileName(), "from a backup", SALVAGE);
    for (Path other : segments()) {
      Files.delete(other);
    }
    assertAllSay("segment file missing in " + segment.getFileName(), "from a backup", SALVAGE);
  }
}
