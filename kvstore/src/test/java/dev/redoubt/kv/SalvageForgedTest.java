package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageVerifier;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Salvage of stores with pages whose checksums are right and that are not what the tree above them
 * says: misdirected writes, old versions, errors of a program.
 */
class SalvageForgedTest extends SalvageFixture {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where a page has its id, and a node its slots of 8 bytes: docs/format-page.md. */
  private static final int PAGE_ID = 8;

  private static final int SLOTS = 64;

  private UUID storeId = new UUID(0, 0);

  @BeforeEach
  void make() {
    makeWithoutLog();
    try (Store store = Store.open(dir(), SMALL)) {
      storeId = store.engine().log().storeId();
    }
  }

  private byte[] all() throws IOException {
    return Files.readAllBytes(dir().resolve("pages"));
  }

  private List<Long> leaves() throws IOException {
    return pages((id, page) -> isNode(page, FIRST_TREE, true));
  }

  /** Puts these bytes in the place of a page, after a change, as if they had been written there. */
  private void forge(long place, byte[] bytes, Consumer<MemorySegment> change) throws IOException {
    MemorySegment page = MemorySegment.ofArray(bytes.clone());
    page.set(LONG, PAGE_ID, place);
    change.accept(page);
    new PageVerifier(storeId, PAGE_SIZE).seal(page, place);
    byte[] file = all();
    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, 0, file, (int) place * PAGE_SIZE, PAGE_SIZE);
    Files.write(dir().resolve("pages"), file);
  }

  private byte[] page(long id) throws IOException {
    int at = (int) id * PAGE_SIZE;
    return Arrays.copyOfRange(all(), at, at + PAGE_SIZE);
  }

  /** What is lost is named, by no more than a leaf, and nothing else is lost or comes out. */
  private Saved assertNamed() {
    Saved saved = salvage();
    assertFalse(saved.report().isComplete(), saved.report()::toString);
    assertFalse(saved.result("t").lost().isEmpty());
    assertExact(saved, "t", "t");
    assertTrue(saved.tree("t").size() > ENTRIES * 8 / 10, "saved " + saved.tree("t").size());
    return saved;
  }

  @Test
  void aLeafInThePlaceOfAnotherOfItsTreeIsNotTakenForIt() throws IOException {
    List<Long> leaves = leaves();
    byte[] one = page(leaves.get(3));
    forge(leaves.get(3), page(leaves.get(8)), page -> {});
    forge(leaves.get(8), one, page -> {});
    assertNamed();
  }

  @Test
  void aLeafOfAnotherTreeIsNotTakenForOne() throws IOException {
    byte[] foreign = page(leaves().get(4));
    forge(leaves().get(4), foreign, page -> page.set(INT, 24, FIRST_TREE + 1));
    assertNamed();
  }

  @Test
  void aLeafWhoseInsideMakesNoSenseIsNotRead() throws IOException {
    byte[] leaf = page(leaves().get(4));
    forge(
        leaves().get(4),
        leaf,
        page -> {
          long first = page.get(LONG, SLOTS);
          long third = page.get(LONG, SLOTS + 16);
          assertNotEquals(first, third);
          page.set(LONG, SLOTS, third);
          page.set(LONG, SLOTS + 16, first);
        });
    assertNamed();
  }

  /** Versions of the leaves from before they were merged lie where they lay. */
  private List<Long> mergedAway(Path before) throws IOException {
    copy(dir(), before);
    var entries = Objects.requireNonNull(committed.get("t"));
    try (Store store = Store.open(dir(), SMALL)) {
      store.write(
          tx -> {
            for (int i = 1000; i < 1300; i++) {
              tx.tree(TREE).remove(key(i));
              entries.remove(key(i));
            }
          });
      store.parts().housekeeper().atRest(() -> store); // it merges them, when it comes to that
      store.engine().pool().flushAll();
      return pages(
          (id, page) -> isNode(page, FIRST_TREE, true) && !store.engine().space().isAllocated(id));
    }
  }

  @Test
  void oldVersionsOfMergedLeavesLeaveGapsThatAreNamed() throws IOException {
    Path before = temp.resolve("before");
    List<Long> freed = mergedAway(before);
    assertFalse(freed.isEmpty());
    byte[] old = Files.readAllBytes(before.resolve("pages"));
    Path after = temp.resolve("after");
    copy(dir(), after);
    int narrower = 0;
    for (long leaf : leaves()) {
      byte[] then = Arrays.copyOfRange(old, (int) leaf * PAGE_SIZE, (int) (leaf + 1) * PAGE_SIZE);
      if (!freed.contains(leaf) && !Arrays.equals(then, page(leaf))) {
        // The version from before the merge, then the neighbour that it took in.
        forge(leaf, then, page -> {});
        narrower += gaps();
        forge(leaf, page(freed.getFirst()), page -> {});
        narrower += gaps();
        copy(after, dir());
      }
    }
    assertTrue(narrower > 1, "ranges named because a node holds less than it should: " + narrower);
  }

  /** Keys that were committed are there, in another version perhaps, or named. */
  private int gaps() {
    Saved saved = salvage();
    List<SalvageReport.Range> lost = saved.result("t").lost();
    for (String key : Objects.requireNonNull(committed.get("t")).keySet()) {
      assertTrue(saved.tree("t").containsKey(key) || isIn(lost, key), key);
      assertFalse(saved.tree("t").containsKey(key) && isIn(lost, key), key);
    }
    return (int) lost.stream().filter(range -> range.why().contains("holds other keys")).count();
  }

  @Test
  void whatWasRemovedAndStillLiesInItsLeafStaysRemoved() throws IOException {
    Store store = Store.open(dir(), SMALL);
    ReadTx reader = store.beginRead();
    var entries = Objects.requireNonNull(committed.get("t"));
    store.write(
        tx -> {
          for (int i = 0; i < ENTRIES; i += 100) {
            tx.tree(TREE).remove(key(i));
            entries.remove(key(i));
          }
        });
    assertEquals(ENTRIES + 12, reader.tree(TREE).count(), "the removed are kept for a reader");
    store.engine().log().forceAll();
    store.abandon();
    assertComplete(salvage());
  }
}
