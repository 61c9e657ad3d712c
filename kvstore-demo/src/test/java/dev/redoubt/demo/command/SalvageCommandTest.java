package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.RecoveryListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SalvageCommandTest {
  private static final TreeDef<String, String> MAIN =
      TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);
  private static final TreeDef<Long, byte[]> NUMBERS =
      TreeDef.of("a/b", Codecs.INT64, Codecs.BYTES);

  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  private Path out() {
    return folder.resolve("out");
  }

  private void make() {
    try (Store store = Stores.openOrCreate(store(), 0, RecoveryListener.NONE)) {
      store.write(
          tx -> {
            tx.tree(MAIN).put("plain", "välue\twith tab");
            tx.tree(MAIN).put("#comment", "no comment");
            tx.tree(MAIN).put("lines", "one\ntwo\r");
            tx.tree(NUMBERS).put(-5L, new byte[] {0, 1, -1});
            tx.tree(NUMBERS).put(7L, new byte[0]);
          });
    }
  }

  @Test
  void whatWasSavedLoadsAsItWas() throws IOException {
    make();
    Result result = Program.run("salvage", store(), out());
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().contains("complete: 5 entries saved"), result.out());
    assertEquals(result.out(), Files.readString(out().resolve("report.txt")));
    Path copy = folder.resolve("copy");
    for (String line : result.lines()) {
      if (line.startsWith("redoubt load STORE ")) {
        String[] words = line.replace("'", "").split(" ");
        Object[] args = new Object[words.length - 1];
        System.arraycopy(words, 1, args, 0, args.length);
        args[1] = copy;
        args[2] = out().resolve(words[3]);
        Result loaded = Program.run(args);
        assertEquals(0, loaded.code(), loaded.err());
      }
    }
    try (Store store = Stores.openExisting(copy, RecoveryListener.NONE)) {
      store.view(
          tx -> {
            assertEquals("välue\twith tab", tx.tree(MAIN).get("plain"));
            assertEquals("no comment", tx.tree(MAIN).get("#comment"));
            assertEquals("one\ntwo\r", tx.tree(MAIN).get("lines"));
            assertEquals(3, tx.tree(MAIN).count());
            byte[] bytes = tx.tree(NUMBERS).find(-5L).orElseThrow();
            assertEquals("[0, 1, -1]", java.util.Arrays.toString(bytes));
            assertEquals(2, tx.tree(NUMBERS).count());
          });
    }
  }

  @Test
  void aDamagedMasterIsNoLossAndDamageIsNamed() throws IOException {
    make();
    byte[] master = Files.readAllBytes(store().resolve("master"));
    master[4100] ^= 1;
    master[8200] ^= 1;
    Files.write(store().resolve("master"), master);
    Result result = Program.run("salvage", store(), out(), "--json");
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().contains("\"complete\":true"), result.out());
    assertTrue(result.out().contains("both slots"), result.out());
    Files.delete(store().resolve("pages"));
    List<Path> segments;
    try (Stream<Path> files = Files.list(store())) {
      segments = files.filter(file -> file.toString().endsWith(".seg")).toList();
    }
    for (Path log : segments) {
      byte[] bytes = Files.readAllBytes(log);
      Arrays.fill(bytes, 4096, bytes.length, (byte) 0);
      Files.write(log, bytes);
    }
    result = Program.run("salvage", store(), folder.resolve("out2"));
    assertEquals(1, result.code(), result.err());
    assertTrue(result.out().contains("not complete"), result.out());
  }

  @Test
  void placesThatCannotBeUsedAreRefused() throws IOException {
    make();
    assertEquals(2, Program.run("salvage", store(), store().resolve("out")).code());
    Files.createDirectory(out());
    Files.writeString(out().resolve("x"), "y");
    assertEquals(2, Program.run("salvage", store(), out()).code());
    assertEquals(3, Program.run("salvage", folder.resolve("none"), folder.resolve("new")).code());
    Files.writeString(folder.resolve("text.tsv"), "a\tb\n");
    Result ignored =
        Program.run("load", store(), folder.resolve("text.tsv"), "--value-codec", "int64");
    assertEquals(2, ignored.code());
    assertTrue(ignored.err().contains("are for --hex"), ignored.err());
    Files.writeString(folder.resolve("bad.hex"), "6g\t00\n");
    Result bad = Program.run("load", store(), folder.resolve("bad.hex"), "--hex");
    assertEquals(2, bad.code());
    assertTrue(bad.err().contains("line 1: not pairs of hexadecimal digits"), bad.err());
  }
}
