package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GiveUpCommandTest {

  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  @Test
  void aDamagedPageIsGivenUpAndWhoAsksForItIsTold() throws IOException {
    ForgetfulStore.make(store());
    byte[] pages = Files.readAllBytes(store().resolve("pages"));
    String text = new String(pages, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("looked-for");
    int page = at / ForgetfulStore.PAGE_SIZE;
    Result whole = Program.run("give-up", store(), page);
    assertEquals(2, whole.code(), whole.err());
    assertTrue(whole.err().contains("page " + page + " is whole"), whole.err());
    pages[at] ^= 1;
    Files.write(store().resolve("pages"), pages);
    Result stats = Program.run("stats", store());
    assertEquals(1, stats.code(), stats.err());
    assertTrue(stats.out().contains("all keys of tree 'main'"), stats.out());
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
