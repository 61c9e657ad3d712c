package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.wal.Log;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WalCommandsTest {
  private static final TreeDef<String, String> MAIN =
      TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);

  @TempDir private Path folder;

  private Path store() {
    return folder.resolve("store");
  }

  @BeforeEach
  void makeStore() {
    assertEquals(0, Program.run("put", store(), "k", "v").code());
  }

  @Test
  void lsListsTheSegmentsAndTheirStates() {
    Result result = Program.run("wal", "ls", store());
    assertEquals(0, result.code(), result.err());
    assertTrue(result.lines().getFirst().startsWith("FILE  "), result.out());
    String first = result.lines().get(1);
    assertTrue(first.startsWith("log-0000000000000000.seg"), first);
    assertTrue(first.endsWith("  current"), first);
    assertTrue(result.lines().getLast().contains("records from LSN 0 to "), result.out());
    List<String> json = Program.run("wal", "ls", store(), "--json").lines();
    assertEquals(result.lines().size() - 2, json.size());
    assertTrue(
        json.getFirst()
            .startsWith(
                "{\"file\":\"log-0000000000000000.seg\",\"index\":0,\"firstLsn\":4096,\"epoch\":"),
        json.getFirst());
    assertTrue(json.getFirst().contains("\"state\":\"current\",\"sizeBytes\":67108864}"));
  }

  @Test
  void statsAddUpToTheLogThatIsKept() {
    try (Store store = Stores.openExisting(store(), RecoveryListener.NONE)) {
      Log log = store.engine().log();
      log.followers().createSlot("feed", log.startLsn(), 1 << 20);
    }
    Result result = Program.run("wal", "stats", store());
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().contains("\nupdate  "), result.out());
    assertTrue(result.out().contains(" %  padding, "), result.out());
    assertTrue(result.out().contains("slot feed        holding, confirmed to LSN "), result.out());
    assertTrue(result.out().contains("log is held by   slot feed (LSN 0, "), result.out());
    String json = Program.run("wal", "stats", store(), "--json").out();
    assertTrue(json.startsWith("{\"startLsn\":0,\"endLsn\":"), json);
    assertTrue(json.contains("\"slots\":[{\"name\":\"feed\",\"state\":\"holding\""), json);
    long sum = 0;
    for (String part : List.of("recordBytes", "headerBytes", "paddingBytes", "unusedBytes")) {
      sum += number(json, part);
    }
    assertEquals(number(json, "endLsn"), sum, json);
    long records = Program.run("wal", "dump", store(), "--json").lines().size();
    assertEquals(records, number(json.substring(json.indexOf("\"usage\"")), "records"));
  }

  private static long number(String json, String name) {
    int at = json.indexOf("\"" + name + "\":") + name.length() + 3;
    int end = at;
    while (end < json.length() && Character.isDigit(json.charAt(end))) {
      end++;
    }
    return Long.parseLong(json.substring(at, end));
  }

  @Test
  void chainTellsTheStoryOfATransaction() {
    long before;
    try (Store store = Stores.openExisting(store(), RecoveryListener.NONE)) {
      before = store.engine().log().endLsn();
      store.write(tx -> tx.tree(MAIN).put("a", "1"));
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(MAIN).put("b", "2");
        tx.tree(MAIN).put("c", "3");
      }
    }
    List<String> rows = Program.run("wal", "dump", store(), "--json", "--from", before).lines();
    long committed = transactionOf(rows, "commit");
    long rolledBack = transactionOf(rows, "clr");
    Result good = Program.run("wal", "chain", store(), committed);
    assertEquals(0, good.code(), good.err());
    assertTrue(good.out().startsWith("transaction " + committed + ": committed, "), good.out());
    assertTrue(good.out().contains("● commit"), good.out());
    assertFalse(good.out().contains("○"), good.out());
    Result bad = Program.run("wal", "chain", store(), rolledBack);
    assertTrue(bad.out().contains(": rolled back, "), bad.out());
    assertEquals(2, bad.lines().stream().filter(l -> l.contains("○ update")).count(), bad.out());
    assertTrue(bad.out().contains("[undone at "), bad.out());
    String json = Program.run("wal", "chain", store(), rolledBack, "--json").out();
    assertTrue(json.contains("\"outcome\":\"rolled back\",\"cutOff\":false,"), json);
    Result none = Program.run("wal", "chain", store(), 1_000_000);
    assertEquals(1, none.code());
    assertTrue(none.err().contains("no record of transaction 1000000"), none.err());
  }

  private static long transactionOf(List<String> rows, String type) {
    String row =
        rows.stream()
            .filter(r -> r.contains("\"type\":\"" + type + "\""))
            .findFirst()
            .orElseThrow();
    return number(row, "transaction");
  }

  @Test
  void followPrintsWhatBecomesDurableInAStoreThatIsOpenElsewhere() throws Exception {
    List<String> dumped;
    List<String> followed = new ArrayList<>();
    try (Store store = Stores.openExisting(store(), RecoveryListener.NONE)) {
      long from = store.engine().log().endLsn();
      FutureTask<Result> follower =
          new FutureTask<>(
              () ->
                  Program.run("wal", "follow", store(), "--json", "--from", from, "--limit", 200));
      Thread.ofPlatform().start(follower);
      for (int i = 0; i < 100; i++) {
        String key = "key " + i;
        store.write(tx -> tx.tree(MAIN).put(key, "value"));
      }
      Result result = follower.get();
      assertEquals(0, result.code(), result.err());
      followed.addAll(result.lines());
      dumped = Program.run("wal", "dump", store(), "--json", "--from", from).lines();
    }
    assertEquals(200, followed.size());
    assertEquals(dumped.subList(0, followed.size()), followed);
    Result text = Program.run("wal", "follow", store(), "--from", 0, "--limit", 2);
    assertEquals(3, text.lines().size(), text.out());
    assertEquals(2, Program.run("wal", "follow", store(), "--from", -1).code());
    assertEquals(2, Program.run("wal", "follow", store(), "--from", Long.MAX_VALUE).code());
  }

  @Test
  void statsOfTheStoreNameWhatHoldsTheLog() {
    Result text = Program.run("stats", store());
    assertTrue(text.out().contains("log is held by     "), text.out());
    String json = Program.run("stats", store(), "--json").out();
    assertTrue(json.contains("\"logPins\":[{\"name\":\""), json);
  }
}
