package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The leaf of the catalog is damaged: what can be told is told, and the rest is named. */
class DamagedCatalogTest {
  private static final String DAMAGE = "On it depend all keys of the catalog of trees.";
  private static final String REMEDY = "'redoubt salvage DIR OUT'";

  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  @BeforeEach
  void damage() throws IOException {
    ForgetfulStore.make(store());
    byte[] pages = Files.readAllBytes(store().resolve("pages"));
    int at = new String(pages, StandardCharsets.ISO_8859_1).indexOf("other");
    pages[at] ^= 1;
    Files.write(store().resolve("pages"), pages);
  }

  private static void assertSays(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), part + " is not in\n" + text);
    }
  }

  @Test
  void statsTellsWhatNeedsNoTree() {
    Result result = Program.run("stats", store());
    assertEquals(1, result.code(), result.err());
    assertSays(result.out(), "trees ", DAMAGE, REMEDY, "log kept", "last checkpoint");
    assertSays(result.out(), "page size", "last restart", "in quarantine");
    Result json = Program.run("stats", store(), "--json");
    assertEquals(1, json.code());
    assertSays(json.out(), "\"damage\":\"page ", "\"log\":{", "\"lastCheckpointLsn\":");
    assertEquals(1, Program.run("stats", store(), "--read-only").code());
  }

  @Test
  void verifyReadsPagesAndLog() {
    Result result = Program.run("verify", store());
    assertEquals(1, result.code(), result.err());
    assertSays(
        result.out(), DAMAGE, REMEDY, "not ok, 1 problem: trees could not be checked; read ");
    Result json = Program.run("verify", store(), "--json");
    assertEquals(1, json.code());
    assertSays(json.out(), "\"ok\":false", "\"logRecords\":");
  }

  @Test
  void othersNameTheDamageAndWhatToDo() {
    assertEquals(0, Program.run("recover", store(), "--dry-run").code());
    for (String command : new String[] {"count", "scan", "recover"}) {
      Result result = Program.run(command, store());
      assertEquals(3, result.code(), command);
      assertSays(result.err(), DAMAGE, REMEDY);
    }
  }

  @Test
  void salvageHasNoUseForMemoryThatCannotDo() {
    for (String memory : new String[] {"-5", "0", "1000", "x"}) {
      Result result = Program.run("salvage", store(), folder.resolve("out"), "--memory=" + memory);
      assertEquals(2, result.code(), memory);
      assertSays(result.err(), "--memory", memory);
      assertTrue(Files.notExists(folder.resolve("out")), "nothing was begun");
    }
  }
}
