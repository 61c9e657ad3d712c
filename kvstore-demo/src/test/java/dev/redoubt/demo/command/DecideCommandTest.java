package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecideCommandTest {
  @TempDir private Path folder;

  private long prepare(Path where, String key, int gtrid) {
    try (Store store = Stores.openExisting(where, RecoveryListener.NONE)) {
      WriteTx tx = store.beginWrite();
      tx.tree(TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8)).put(key, "new");
      tx.prepare(new byte[] {(byte) 0xab, (byte) gtrid});
      return tx.id();
    }
  }

  @Test
  void transactionsInDoubtAreListedAndDecided() {
    Path store = folder.resolve("store");
    Program.run("put", store, "k", "old");
    long kept = prepare(store, "k", 1);
    long dropped = prepare(store, "other", 2);
    Result list = Program.run("prepared", store);
    assertEquals(0, list.code());
    assertTrue(list.out().contains("ab01") && list.out().contains("2 transactions"), list.out());
    assertTrue(
        Program.run("prepared", store, "--json")
            .out()
            .startsWith("{\"transaction\":" + kept + ",\"firstLsn\":"));
    assertEquals(list.out(), Program.run("prepared", store, "--read-only").out());
    String inDoubt = "2 transactions in doubt; 'redoubt prepared' lists them";
    assertTrue(
        Program.run("stats", store).lines().stream()
            .anyMatch(line -> line.startsWith("in doubt") && line.endsWith(inDoubt)));
    assertTrue(Program.run("stats", store, "--json").out().contains("\"preparedTransactions\":2,"));
    assertTrue(Program.run("recover", store, "--dry-run").out().contains(inDoubt));
    assertEquals("old\n", Program.run("get", store, "k").out());
    assertEquals(2, Program.run("decide", store, kept, "maybe").code());
    assertEquals(
        "durable: transaction " + kept + " is committed\n",
        Program.run("decide", store, kept, "commit").out());
    assertEquals(
        "{\"transaction\":" + dropped + ",\"decision\":\"rollback\"}\n",
        Program.run("decide", store, dropped, "rollback", "--json").out());
    assertEquals("new\n", Program.run("get", store, "k").out());
    assertEquals(1, Program.run("get", store, "other").code());
    Result again = Program.run("decide", store, kept, "commit");
    assertEquals(2, again.code());
    assertEquals(
        "redoubt: no transaction "
            + kept
            + " awaits a decision; 'redoubt prepared' lists those that do\n",
        again.err());
    assertTrue(Program.run("prepared", store).out().contains("0 transactions"));
  }
}
