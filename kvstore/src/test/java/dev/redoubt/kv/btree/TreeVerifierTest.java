package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.AtomicChange;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each check of verify is shown to fail: damage planted in memory is named by page. */
final class TreeVerifierTest {
  /** What is done to a leaf. */
  enum Damage {
    HEAD(page -> page.set(NodeLayout.INT, Node.slotOffset(1) + NodeLayout.SLOT_HEAD, 1)),
    ORDER(page -> swapSlots(page)),
    GARBAGE(page -> page.set(NodeLayout.INT, NodeLayout.GARBAGE, 3)),
    OVERLAP(
        page -> page.set(NodeLayout.SHORT, Node.slotOffset(1), (short) Node.cellOffset(page, 0))),
    OUTSIDE(page -> page.set(NodeLayout.SHORT, Node.slotOffset(1), (short) 0xffff)),
    LEVEL(page -> page.set(NodeLayout.BYTE, NodeLayout.LEVEL, (byte) 1)),
    PREFIX(page -> page.set(NodeLayout.SHORT, NodeLayout.PREFIX_LENGTH, (short) 1)),
    FENCE(page -> page.set(NodeLayout.BYTE, Node.lowerOffset(page) + 7, (byte) 99)),
    FLAGS(page -> page.set(NodeLayout.BYTE, Node.cellOffset(page, 0), (byte) 0x80)),
    TYPE(page -> page.set(NodeLayout.BYTE, 4, (byte) 99)),
    OWNER(page -> page.set(NodeLayout.INT, 24, 99)),
    COUNT(page -> page.set(NodeLayout.SHORT, NodeLayout.SLOT_COUNT, (short) 2));

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas hold no state
    final Consumer<MemorySegment> harm;

    Damage(Consumer<MemorySegment> harm) {
      this.harm = harm;
    }

    private static void swapSlots(MemorySegment page) {
      long first = page.get(NodeLayout.LONG, Node.slotOffset(0));
      page.set(NodeLayout.LONG, Node.slotOffset(0), page.get(NodeLayout.LONG, Node.slotOffset(1)));
      page.set(NodeLayout.LONG, Node.slotOffset(1), first);
    }
  }

  private static byte[] key(int n) {
    return ByteBuffer.allocate(8).putLong(n).array();
  }

  private static TreeFixture filled() {
    TreeFixture fixture = new TreeFixture(4096, 200);
    Transaction tx = fixture.engine.begin();
    for (int i = 0; i < 2000; i++) {
      fixture.put(tx, key(i), new byte[30]);
    }
    fixture.commit(tx);
    return fixture;
  }

  @ParameterizedTest
  @EnumSource
  void damageIsNamedByPage(Damage damage) {
    try (TreeFixture fixture = filled()) {
      long pageId;
      MemorySegment before = MemorySegment.ofArray(new byte[4096]);
      try (PageGuard leaf = fixture.tree.descent().leaf(key(1000), true)) {
        pageId = leaf.pageId();
        before.copyFrom(leaf.page());
        damage.harm.accept(leaf.page());
      }
      PageUse use = new PageUse(fixture.engine.space());
      fixture.tree.verify(use);
      assertTrue(
          use.problems().stream().anyMatch(line -> line.contains("page " + pageId + " ")),
          () -> use.problems().toString());
      assertTrue(use.entries() >= 1900, "the other leaves are still checked");
      try (PageGuard leaf = fixture.engine.pool().exclusive(pageId)) {
        leaf.page().copyFrom(before);
      }
    }
  }

  @Test
  void oneDamagedPageKeepsNeitherReadersNorUndoFromTheOthers() {
    try (TreeFixture fixture = filled()) {
      Transaction loser = fixture.engine.begin();
      byte[] gone = Arrays.copyOf(key(999), 9);
      fixture.put(loser, gone, new byte[3]);
      long pageId;
      try (PageGuard leaf = fixture.tree.descent().leaf(key(1200), true)) {
        pageId = leaf.pageId();
        Damage.TYPE.harm.accept(leaf.page());
      }
      byte[] plain = fixture.tree.plainValue(key(1200), (_, _, _) -> true, 0);
      assertFalse(PlainKeys.isTold(plain), "the parent is not looked at in the leaf's place");
      CorruptionException e = assertThrows(CorruptionException.class, () -> fixture.get(key(1200)));
      assertTrue(String.valueOf(e.getMessage()).contains("page " + pageId), e::getMessage);
      assertArrayEquals(new byte[30], fixture.get(key(10)));
      loser.rollback();
      assertNull(fixture.get(gone));
      try (PageGuard leaf = fixture.engine.pool().exclusive(pageId)) {
        leaf.page().set(NodeLayout.BYTE, 4, (byte) NodeLayout.NODE_TYPE);
      }
    }
  }

  /** What a lost write leaves: a leaf for other keys than its parent says. */
  @Test
  void aLeafThatIsNotTheOneSoughtIsRefused() {
    try (TreeFixture fixture = filled()) {
      MemorySegment before = MemorySegment.ofArray(new byte[4096]);
      MemorySegment other = MemorySegment.ofArray(new byte[4096]);
      try (PageGuard leaf = fixture.tree.descent().leaf(key(10), false)) {
        other.copyFrom(leaf.page());
      }
      long pageId;
      byte[] upper;
      try (PageGuard leaf = fixture.tree.descent().leaf(key(1000), true)) {
        pageId = leaf.pageId();
        before.copyFrom(leaf.page());
        upper = Objects.requireNonNull(Node.upperFence(before));
        leaf.page().copyFrom(other);
      }
      byte[] plain = fixture.tree.plainValue(key(1000), (_, _, _) -> true, 0);
      assertFalse(PlainKeys.isTold(plain), "read without a latch, it must be looked at with one");
      Transaction tx = fixture.engine.begin();
      List<Executable> uses =
          List.of(
              () -> fixture.get(key(1000)),
              () -> fixture.tree.visitLeaf(key(1000), true, true, (_, _) -> true),
              () -> fixture.tree.visitLeaf(key(1000), true, false, (_, _) -> true),
              () -> fixture.tree.visitLeaf(upper, false, false, (_, _) -> true),
              () -> fixture.put(tx, key(1000), new byte[3]));
      for (Executable use : uses) {
        CorruptionException e = assertThrows(CorruptionException.class, use);
        assertTrue(String.valueOf(e.getMessage()).contains("page " + pageId + ":"), e::getMessage);
      }
      assertArrayEquals(new byte[30], fixture.get(key(1500)));
      tx.rollback();
      try (PageGuard leaf = fixture.engine.pool().exclusive(pageId)) {
        leaf.page().copyFrom(before);
      }
    }
  }

  @Test
  void aPageThatTheSpaceMapCallsFreeIsNamed() {
    try (TreeFixture fixture = filled()) {
      long pageId;
      try (PageGuard leaf = Objects.requireNonNull(fixture.tree.descent().leaf(key(1000), false))) {
        pageId = leaf.pageId();
      }
      AtomicChange change = new AtomicChange();
      fixture.engine.space().addFree(change, pageId);
      try (ChangeRoom room = fixture.engine.structureSpace().room(1)) {
        fixture.engine.change(change, room);
      }
      PageUse use = new PageUse(fixture.engine.space());
      fixture.tree.verify(use);
      assertEquals(
          List.of("page " + pageId + " is in use and free in the space map"), use.problems());
    }
  }

  @Test
  void aPageSeenTwiceIsNamed() {
    try (TreeFixture fixture = filled()) {
      PageUse use = new PageUse(fixture.engine.space());
      fixture.tree.verify(use);
      assertEquals(List.of(), use.problems());
      use.page(fixture.tree.rootPageId());
      assertEquals(
          List.of("page " + fixture.tree.rootPageId() + " is in use twice"), use.problems());
    }
  }
}
