package dev.redoubt.crash.sim;

import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTree;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.VerifyReport;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the whole store in one snapshot and compares it with the ledger. */
final class StoreAudit {
  private final Store store;
  private final Ledger ledger;
  private final SimLife life;

  StoreAudit(Store store, Ledger ledger, SimLife life) {
    this.store = store;
    this.ledger = ledger;
    this.life = life;
  }

  /** Reads at any time while others write; holds the snapshot for a while now and then. */
  void reads(SplittableRandom random) throws InterruptedException {
    int[] least = ledger.leastVisible();
    try (ReadTx tx = store.beginRead()) {
      int[] counters = counters(tx);
      for (int client = 0; client < least.length; client++) {
        int number = client;
        Ledger.check(
            counters[client] >= least[client],
            () ->
                "a reader sees transaction "
                    + counters[number]
                    + " of client "
                    + number
                    + "; transaction "
                    + least[number]
                    + " had been acknowledged before it began");
      }
      if (random.nextInt(3) == 0) {
        Thread.sleep(random.nextInt(200));
      }
      compare(tx, counters);
    }
  }

  /** Counters of all clients; read first, before anything that a crash left is known. */
  int[] counters() {
    try (ReadTx tx = store.beginRead()) {
      return counters(tx);
    }
  }

  private int[] counters(ReadTx tx) {
    int[] counters = new int[ledger.clients()];
    for (int client = 0; client < counters.length; client++) {
      @Nullable Long value = tx.tree(StoreWrites.COUNTERS).get(StoreWrites.counterOf(client));
      counters[client] = value == null ? 0 : Math.toIntExact(value);
    }
    return counters;
  }

  /** Nobody writes: the structure is sound, and everything is there. */
  void everything() throws InterruptedException {
    VerifyReport report = store.verify(_ -> {});
    Ledger.check(report.ok(), () -> "the store is not sound: " + report.problems());
    reads(new SplittableRandom(life.number()));
  }

  private void compare(ReadTx tx, int[] counters) {
    Ledger.Contents expected = ledger.expect(counters);
    same(
        "accounts at " + Arrays.toString(counters),
        expected.sums(),
        all(tx.tree(StoreWrites.ACCOUNTS)));
    same("keys at " + Arrays.toString(counters), expected.own(), all(tx.tree(StoreWrites.OWN)));
    for (int i = 0; i < StoreWrites.SHARED; i++) {
      String key = StoreWrites.shared("list", i);
      @Nullable String list = tx.tree(StoreWrites.LISTS).get(key);
      expected.checkList(key, list == null ? List.of() : List.of(list.split(" ")));
      Long left = tx.tree(StoreWrites.PAIRS).get(StoreWrites.shared("left", i));
      Long right = tx.tree(StoreWrites.PAIRS).get(StoreWrites.shared("right", i));
      Ledger.check(
          (left == null && right == null) || (left != null && right != null && left + right > 0),
          () -> "a pair is " + left + " and " + right + ": write skew");
    }
  }

  private static <V> Map<String, V> all(ReadTree<String, V> tree) {
    Map<String, V> found = new TreeMap<>();
    for (Map.Entry<String, V> entry : tree.range(KeyRange.all())) {
      found.put(entry.getKey(), entry.getValue());
    }
    return found;
  }

  private static <V> void same(String what, Map<String, V> expected, Map<String, V> found) {
    if (expected.equals(found)) {
      return;
    }
    TreeMap<String, String> wrong = new TreeMap<>();
    for (Map<String, V> each : List.of(expected, found)) {
      for (String key : each.keySet()) {
        if (!java.util.Objects.equals(expected.get(key), found.get(key))) {
          wrong.put(
              key, "expected " + brief(expected.get(key)) + ", found " + brief(found.get(key)));
        }
      }
    }
    throw new AssertionError(what + ": " + wrong);
  }

  private static String brief(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }
}
