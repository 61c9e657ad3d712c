package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide shows of restarts and decisions does what it says. */
final class GuideRestartTest {
  @Test
  void theExamplesDoWhatTheySay(@TempDir Path dir) {
    GuideRestartExample example = new GuideRestartExample();
    Store crashed = Store.open(dir);
    crashed.write(tx -> tx.tree(GuideExample.ACCOUNTS).put("ann", 70L));
    WriteTx loser = crashed.beginWrite();
    loser.tree(GuideExample.ACCOUNTS).put("bob", 1L);
    example.prepare(crashed);
    crashed.abandon();
    Map<String, String> before = FolderHash.of(dir);
    example.readOnly(dir);
    assertEquals(before, FolderHash.of(dir));
    example.restart(dir);
    try (Store store = Store.open(dir)) {
      assertEquals(70L, store.get(GuideExample.ACCOUNTS, "ann"));
      example.decide(store);
      assertEquals(40L, store.get(GuideExample.ACCOUNTS, "ann"));
    }
    List<String> printed = example.printed();
    assertEquals("1", printed.getFirst());
    assertTrue(printed.get(1).startsWith("ANALYSIS at LSN "), printed::toString);
    assertEquals(
        List.of("1 rolled back, 1 in doubt", "transfer 7"),
        printed.subList(printed.size() - 2, printed.size()));
  }
}
