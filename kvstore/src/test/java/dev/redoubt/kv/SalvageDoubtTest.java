package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Salvage where it is not plain what is committed: in doubt, given up, freed. */
class SalvageDoubtTest extends SalvageFixture {
  private static final String DOUBT = "IN DOUBT";

  /** No checkpoint by itself: a restart would need all of the log. */
  private static final StoreOptions QUIET = SMALL.withEngine(SMALL.engine().withBackground(false));

  /** Prepares a transaction that changes, adds and removes. */
  private static long prepare(Store store) {
    WriteTx tx = store.beginWrite();
    for (int i = 0; i < ENTRIES; i += 10) {
      tx.tree(TREE).put(key(i), DOUBT + " once");
      tx.tree(TREE).put(key(i), DOUBT);
      tx.tree(TREE).put(key(i) + "+", DOUBT);
    }
    tx.tree(TREE).remove(key(1234));
    tx.tree(TREE).put(key(1235), DOUBT); // and then removed
    tx.tree(TREE).remove(key(1235));
    tx.tree(TREE).remove(key(1236)); // and then there again
    tx.tree(TREE).put(key(1236), DOUBT);
    tx.tree(TREE).put(key(250) + "-large", DOUBT.repeat(2_000));
    tx.prepare(new byte[] {7});
    return tx.id();
  }

  /** Damages the log at an LSN; its segments are there from {@code startLsn} on. */
  private void damageLog(long startLsn, long lsn) throws IOException {
    int bytes = SMALL.engine().log().segmentBytes();
    Path segment = segments().get((int) (lsn / bytes - startLsn / bytes));
    flip(segment.getFileName().toString(), lsn % bytes);
  }

  private static void assertNoted(Saved saved, long id, String what) {
    String notes = String.join("\n", saved.report().notes());
    assertTrue(notes.contains("transaction " + id + " " + what), notes);
  }

  @Test
  void whatIsInDoubtIsLeftOutAndTheReportSaysSo() {
    Store store = Store.open(dir(), SMALL);
    fill(store, "v");
    long id = prepare(store);
    store.engine().pool().flushAll();
    store.abandon();
    Saved saved = salvage();
    assertNoted(saved, id, "is prepared and awaits its coordinator's word: its changes are left");
    assertComplete(saved);
    try (Store again = Store.open(dir(), SMALL)) {
      again.commitPrepared(id);
    }
    saved = salvage();
    assertEquals(DOUBT, saved.tree("t").get(key(20)), "decided, it is in");
    assertEquals(List.of(), saved.report().notes());
  }

  /** Several transactions in doubt may have added to one number, and one may have put it, too. */
  @Test
  void whatWasAddedInDoubtIsTakenOffAgain() {
    TreeDef<String, Long> numbers = TreeDef.of("n", Codecs.UTF_8, Codecs.INT64);
    Store store = Store.open(dir(), SMALL);
    store.write(
        tx -> {
          tx.tree(numbers).put("a", 100L);
          tx.tree(numbers).put("b", 200L);
        });
    for (int i = 1; i <= 3; i++) {
      WriteTx tx = store.beginWrite();
      tx.tree(numbers).add("a", i);
      tx.tree(numbers).add("a", 10L * i);
      if (i == 2) {
        tx.tree(numbers).add("b", 5);
        tx.tree(numbers).put("b", 7L);
        tx.tree(numbers).add("b", 9);
      }
      tx.prepare(new byte[] {(byte) i});
    }
    store.abandon();
    Map<String, Long> saved = new TreeMap<>();
    SalvageReport report =
        Salvage.run(
            RealDisk.open(dir()),
            Environment.system(),
            64L << 20,
            (tree, key, value) -> saved.put(text(key), Codecs.INT64.decode(value)));
    assertTrue(report.isComplete(), report::toString);
    assertEquals(Map.of("a", 100L, "b", 200L), saved);
  }

  @Test
  void whatIsInDoubtIsLeftOutThoughItsPagesAreDamagedAndItsCatalogIsNot() throws IOException {
    Store store = Store.open(dir(), SMALL.withEngine(SMALL.engine().withDoubleWrite(false)));
    fill(store, "v");
    forgetLog(store);
    long id = prepare(store);
    store.engine().pool().flushAll();
    store.abandon();
    List<Long> leaves = pages((page, bytes) -> isNode(bytes, FIRST_TREE, true));
    damage(leaves.get(5));
    for (long inner : pages((page, bytes) -> isNode(bytes, FIRST_TREE, false))) {
      damage(inner);
    }
    Saved saved = salvage();
    assertNoted(saved, id, "is prepared");
    assertFalse(saved.tree("t").containsValue(DOUBT));
    assertExact(saved, "t", "t");
  }

  @Test
  void whatIsInDoubtIsLeftOutThoughNothingTellsWhichTreeItIsOf() throws IOException {
    Store store = Store.open(dir(), SMALL.withEngine(SMALL.engine().withDoubleWrite(false)));
    fill(store, "v");
    forgetLog(store);
    prepare(store);
    store.engine().pool().flushAll();
    store.abandon();
    for (long catalog : pages((page, bytes) -> isNode(bytes, 1, true))) {
      damage(catalog);
    }
    Saved saved = salvage();
    assertFalse(saved.tree("tree-16").containsValue(DOUBT), "the root tells");
    assertExact(saved, "t", "tree-16");
    for (long inner : pages((page, bytes) -> isNode(bytes, FIRST_TREE, false))) {
      damage(inner);
    }
    saved = salvage();
    assertFalse(saved.tree("tree-16").containsValue(DOUBT), "the leaves tell");
    assertExact(saved, "t", "tree-16");
  }

  @Test
  void whatIsInDoubtBehindADamagedPartOfTheLogIsLeftOutOrNamed() throws IOException {
    Store store = Store.open(dir(), QUIET);
    store.engine().log().hold("test", store.engine().log().startLsn());
    long startLsn = store.engine().log().startLsn();
    long holeLsn = 0;
    for (int round = 0; round < 6; round++) {
      fill(store, "r" + round + ".");
      holeLsn = round == 2 ? store.engine().log().endLsn() - 20_000 : holeLsn; // a large value
    }
    long id = prepare(store);
    store.engine().pool().flushAll();
    store.engine().log().forceAll();
    store.abandon();
    damageLog(startLsn, holeLsn);
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    assertNoted(saved, id, "is prepared");
    assertFalse(saved.tree("t").containsValue(DOUBT), "the log behind the damage tells of it");
    assertFalse(saved.tree("t").keySet().stream().anyMatch(key -> key.endsWith("+")));
    assertTrue(saved.tree("t").containsKey(key(1234)), "its removal is left out, too");
  }

  @Test
  void aDecisionThatMayStandInTheLostPartOfTheLogMakesEachKeyUncertain() throws IOException {
    Store store = Store.open(dir(), QUIET);
    store.engine().log().hold("test", store.engine().log().startLsn());
    fill(store, "v");
    long id = prepare(store);
    store.engine().pool().flushAll();
    long startLsn = store.engine().log().startLsn();
    long holeLsn = store.engine().log().endLsn() + 350_000; // amid the fillers
    for (int round = 0; round < 3; round++) {
      store.write(
          tx -> {
            for (int i = 0; i < 10; i++) {
              put(tx, OTHER, "filler", "f".repeat(100_000));
            }
          });
    }
    store.engine().log().forceAll();
    store.abandon();
    damageLog(startLsn, holeLsn);
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    assertNoted(saved, id, "may have committed or not: its changes are in, and are named");
    // Ranges besides are those of pages that may lack changes.
    List<SalvageReport.Range> uncertain =
        saved.result("t").uncertain().stream()
            .filter(range -> range.single() && range.why().contains("transaction " + id))
            .toList();
    for (int i = 0; i < ENTRIES; i += 10) {
      assertEquals(DOUBT, saved.tree("t").get(key(i)));
      assertTrue(isNamed(uncertain, key(i)) && isNamed(uncertain, key(i) + "+"), key(i));
      assertFalse(isNamed(uncertain, key(i + 1)), key(i + 1));
    }
    assertTrue(isNamed(uncertain, key(1234)), "its removal");
  }

  /** Whether the key is named alone, and not as one of the keys of a page. */
  private static boolean isNamed(List<SalvageReport.Range> ranges, String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return ranges.stream().anyMatch(each -> each.single() && Arrays.equals(each.lower(), bytes));
  }

  /** Leaves that were emptied and freed, as they stood, beside one that took over their keys. */
  private List<Long> makeStale() throws IOException {
    try (Store store = Store.open(dir(), SMALL)) {
      fill(store, "stale");
      forgetLog(store);
      TreeMap<String, String> entries = Objects.requireNonNull(committed.get("t"));
      for (int from = 300; from < 2700; from += 200) {
        int start = from;
        store.write(
            tx -> {
              for (int i = start; i < start + 200; i++) {
                tx.tree(TREE).remove(key(i));
                entries.remove(key(i));
              }
            });
      }
      store.write(tx -> put(tx, TREE, key(1500), "new"));
      store.engine().pool().flushAll();
      return pages(
          (id, page) -> isNode(page, FIRST_TREE, true) && !store.engine().space().isAllocated(id));
    }
  }

  @Test
  void freedLeavesAsTheyStoodAreNotTakenForTheTree() throws IOException {
    List<Long> stale = makeStale();
    assertTrue(stale.size() > 3, "freed leaves as they stood: " + stale.size());
    for (long inner : pages((page, bytes) -> isNode(bytes, FIRST_TREE, false))) {
      damage(inner);
    }
    assertComplete(salvage()); // the space map tells
    damage(2);
    Saved saved = salvage(); // the leaf that was changed last wins
    assertEquals(new TreeMap<>(committed.get("t")), saved.tree("t"));
    assertFalse(saved.report().isComplete());
    assertTrue(isIn(saved.result("t").uncertain(), key(1500)), "nothing tells for certain");
  }

  @Test
  void aFreedLeafThatStandsInForALostOneIsNamed() throws IOException {
    List<Long> stale = makeStale();
    assertTrue(stale.size() > 3, "freed leaves as they stood: " + stale.size());
    for (long inner : pages((page, bytes) -> isNode(bytes, FIRST_TREE, false))) {
      damage(inner);
    }
    for (long leaf : pages((page, bytes) -> isNode(bytes, FIRST_TREE, true))) {
      if (!stale.contains(leaf)) {
        damage(leaf);
      }
    }
    assertEquals(0, salvage().tree("t").size(), "free pages are no part of the tree");
    damage(2);
    Saved saved = salvage();
    saved
        .tree("t")
        .keySet()
        .forEach(key -> assertTrue(isIn(saved.result("t").uncertain(), key), key));
    for (String key : Objects.requireNonNull(committed.get("t")).keySet()) {
      assertTrue(
          isIn(saved.result("t").uncertain(), key) || isIn(saved.result("t").lost(), key), key);
    }
  }
}
