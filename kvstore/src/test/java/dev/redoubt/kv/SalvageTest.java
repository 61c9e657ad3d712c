package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StoreLockedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What can be read comes out, what cannot is named exactly, and nothing is written. */
class SalvageTest extends SalvageFixture {
  @Test
  void aWholeStoreComesOutWhole() {
    makeWithoutLog();
    assertComplete(salvage());
  }

  @Test
  void aCrashedStoreComesOutAsRestartLeavesIt() {
    crashWithLog();
    assertComplete(salvage());
  }

  @Test
  void aDamagedLeafCostsItsKeysAndNoOthers() throws IOException {
    makeWithoutLog();
    damage(pages((id, page) -> isNode(page, FIRST_TREE, true)).get(5));
    Saved saved = salvage();
    assertFalse(saved.report().isComplete());
    assertEquals(1, saved.result("t").lost().size());
    assertFalse(saved.result("t").lost().getFirst().single());
    assertExact(saved, "t", "t");
    assertTrue(saved.tree("t").size() > ENTRIES * 9 / 10);
    assertEquals(committed.get("other"), saved.tree("other"));
  }

  @Test
  void leavesAreFoundWithoutTheNodesAboveThem() throws IOException {
    makeWithoutLog();
    List<Long> inner = pages((id, page) -> isNode(page, FIRST_TREE, false));
    assertFalse(inner.isEmpty());
    for (long page : inner) {
      damage(page);
    }
    assertComplete(salvage());
    damage(pages((id, page) -> isNode(page, FIRST_TREE, true)).get(9));
    Saved saved = salvage();
    assertEquals(1, saved.result("t").lost().size(), saved.report()::toString);
    assertExact(saved, "t", "t");
  }

  @Test
  void aBrokenChainOfALargeValueCostsItsKey() throws IOException {
    makeWithoutLog();
    damage(
        pages((id, page) -> PageLayout.type(page) == OVERFLOW && PageLayout.owner(page) == 16)
            .getFirst());
    Saved saved = salvage();
    assertEquals(1, saved.result("t").lost().size(), saved.report()::toString);
    assertTrue(saved.result("t").lost().getFirst().single());
    assertExact(saved, "t", "t");
  }

  @Test
  void withoutTheCatalogTreesGoByTheirIds() throws IOException {
    makeWithoutLog();
    for (long page : pages((id, page) -> isNode(page, 1, true))) {
      damage(page);
    }
    Saved saved = salvage();
    assertEquals(committed.get("t"), saved.tree("tree-16"));
    assertEquals(committed.get("other"), saved.tree("tree-17"));
    assertEquals(1, saved.result("(catalog)").lost().size());
  }

  @Test
  void theCatalogIsFoundWithoutTheRootDirectoryAndTheSpaceMap() throws IOException {
    makeWithoutLog();
    damage(1);
    Saved saved = salvage();
    assertEquals(committed, saved.trees());
    damage(2);
    saved = salvage();
    assertEquals(committed, saved.trees());
    assertFalse(
        saved.report().trees().stream().anyMatch(tree -> !tree.lost().isEmpty()),
        saved.report()::toString);
  }

  @Test
  void randomDamageOfPagesLosesExactlyWhatIsNamed() throws IOException {
    makeWithoutLog();
    Path whole = temp.resolve("whole");
    copy(dir(), whole);
    List<Long> used = pages((id, page) -> PageLayout.type(page) != 0);
    for (int seed = 1; seed <= 12; seed++) {
      copy(whole, dir());
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        long page = used.get(random.nextInt(used.size()));
        if (!pages((id, bytes) -> isNode(bytes, 1, true)).contains(page) && page > 2) {
          damage(page);
        }
      }
      Saved saved = salvage();
      assertExact(saved, "t", "t");
      assertExact(saved, "other", "other");
    }
  }

  @Test
  void aLoserThatADamagedPageKeepsFromBeingUndoneIsLeftOut() throws IOException {
    // Without copies of the last pages written: one of them would make the damaged page whole.
    Store store = Store.open(dir(), SMALL.withEngine(SMALL.engine().withDoubleWrite(false)));
    fill(store, "v");
    forgetLog(store);
    WriteTx loser = store.beginWrite();
    for (int i = 0; i < ENTRIES; i += 10) {
      loser.tree(TREE).put(key(i), "LOSER");
      loser.tree(TREE).put(key(i) + "+", "LOSER");
    }
    loser.tree(TREE).remove(key(1234));
    store.engine().pool().flushAll();
    store.engine().log().forceAll();
    store.abandon();
    damage(pages((id, page) -> isNode(page, FIRST_TREE, true)).get(5));
    Saved saved = salvage();
    assertTrue(
        saved.report().notes().stream().anyMatch(note -> note.contains("did not commit")),
        saved.report()::toString);
    assertFalse(saved.tree("t").containsValue("LOSER"));
    assertExact(saved, "t", "t");
  }

  /** Without a look at the folder: whoever has the store open makes and renames files in it. */
  @Test
  void whatIsInUseOrNoStoreIsRefused() throws IOException {
    try (Store store = Store.open(dir(), SMALL)) {
      assertNotNull(store);
      assertThrows(StoreLockedException.class, () -> salvageOf(dir()));
    }
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertThrows(NotAStoreException.class, () -> salvageOf(empty));
  }

  private static void salvageOf(Path folder) {
    var _ =
        Salvage.run(RealDisk.open(folder), Environment.system(), 1 << 20, (tree, key, value) -> {});
  }
}
