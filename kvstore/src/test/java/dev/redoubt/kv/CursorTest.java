package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cursors and navigation, one claim at a time. */
final class CursorTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);
  private static final TreeDef<String, Long> MISSING = TreeDef.of("no", Codecs.UTF_8, Codecs.INT64);
  private static final TreeDef<String, byte[]> BLOBS = TreeDef.of("b", Codecs.UTF_8, Codecs.BYTES);

  private final Store store;

  CursorTest(@TempDir Path dir) {
    store = Store.open(dir, IsolationFixture.INLINE);
  }

  @BeforeEach
  void fill() {
    store.write(
        tx -> {
          for (String each : List.of("b", "d", "f", "h")) {
            tx.tree(TREE).put(each, (long) each.charAt(0));
          }
        });
  }

  @AfterEach
  void close() {
    assertEquals(0, store.stats().versions().snapshots());
    store.close();
  }

  @Test
  void aCursorIsPutAnywhereAndStepsBothWays() {
    store.view(
        tx -> {
          Cursor<String, Long> cursor = tx.tree(TREE).cursor();
          assertTrue(cursor.ceiling("c"));
          assertEquals("d", cursor.key());
          assertEquals(Map.entry("d", (long) 'd'), cursor.entry());
          assertTrue(cursor.next());
          assertTrue(cursor.next());
          assertEquals("h", cursor.key());
          assertFalse(cursor.next());
          assertFalse(cursor.isOnEntry());
          assertFalse(cursor.next(), "it stays behind the last");
          assertTrue(cursor.previous());
          assertEquals("h", cursor.key());
          assertTrue(cursor.floor("c"));
          assertEquals("b", cursor.key());
          assertFalse(cursor.previous());
          assertFalse(cursor.previous(), "it stays before the first");
          assertTrue(cursor.next());
          assertEquals("b", cursor.key());
          assertTrue(cursor.higher("b"));
          assertEquals("d", cursor.key());
          assertTrue(cursor.lower("d"));
          assertEquals("b", cursor.key());
          assertTrue(cursor.last());
          assertEquals("h", cursor.key());
          assertTrue(cursor.first());
          assertEquals("b", cursor.key());
        });
  }

  @Test
  void aNewCursorStandsNowhere() {
    store.view(
        tx -> {
          Cursor<String, Long> cursor = tx.tree(TREE).cursor();
          assertFalse(cursor.isOnEntry());
          assertThrows(NoSuchElementException.class, cursor::key);
          assertThrows(NoSuchElementException.class, cursor::value);
          assertTrue(cursor.next());
          assertEquals("b", cursor.key());
          Cursor<String, Long> other = tx.tree(TREE).cursor();
          assertTrue(other.previous());
          assertEquals("h", other.key());
        });
  }

  @Test
  void seekOfAnAbsentKeyStandsInItsGap() {
    store.view(
        tx -> {
          Cursor<String, Long> cursor = tx.tree(TREE).cursor();
          assertTrue(cursor.seek("d"));
          assertEquals((long) 'd', cursor.value());
          assertFalse(cursor.seek("e"));
          assertThrows(NoSuchElementException.class, cursor::key);
          assertTrue(cursor.next());
          assertEquals("f", cursor.key());
          assertFalse(cursor.seek("e"));
          assertTrue(cursor.previous());
          assertEquals("d", cursor.key());
          assertFalse(cursor.seek("z"));
          assertFalse(cursor.next());
          assertFalse(cursor.ceiling("z"));
          assertTrue(cursor.previous());
          assertEquals("h", cursor.key());
          assertFalse(cursor.lower("b"));
          assertTrue(cursor.next());
          assertEquals("b", cursor.key());
        });
  }

  @Test
  void navigationFindsNeighbours() {
    store.view(
        tx -> {
          ReadTree<String, Long> tree = tx.tree(TREE);
          assertEquals(Map.entry("b", (long) 'b'), tree.first());
          assertEquals(Map.entry("h", (long) 'h'), tree.last());
          assertEquals(Map.entry("d", (long) 'd'), tree.floor("d"));
          assertEquals(Map.entry("d", (long) 'd'), tree.floor("e"));
          assertEquals(Map.entry("d", (long) 'd'), tree.lower("f"));
          assertEquals(Map.entry("d", (long) 'd'), tree.ceiling("d"));
          assertEquals(Map.entry("d", (long) 'd'), tree.ceiling("c"));
          assertEquals(Map.entry("d", (long) 'd'), tree.higher("b"));
          assertNull(tree.floor("a"));
          assertNull(tree.lower("b"));
          assertNull(tree.ceiling("i"));
          assertNull(tree.higher("h"));
        });
  }

  @Test
  void aMissingTreeIsEmptyInAReadOnlyTransaction() {
    store.view(
        tx -> {
          ReadTree<String, Long> tree = tx.tree(MISSING);
          assertNull(tree.get("k"));
          assertNull(tree.first());
          assertNull(tree.ceiling("k"));
          assertEquals(0, tree.count());
          assertEquals(0, tree.stream().count());
          assertFalse(tree.descending(KeyRange.all()).iterator().hasNext());
          Cursor<String, Long> cursor = tree.cursor();
          assertFalse(cursor.first());
          assertFalse(cursor.previous());
          assertFalse(cursor.seek("k"));
          assertFalse(cursor.next());
          assertThrows(NoSuchElementException.class, cursor::key);
        });
    assertEquals(List.of("t"), store.listTrees());
  }

  @Test
  void aCursorMeetsItsOwnLaterWrites() {
    try (WriteTx tx = store.beginWrite()) {
      Tree<String, Long> tree = tx.tree(TREE);
      Cursor<String, Long> cursor = tree.cursor();
      assertTrue(cursor.first());
      assertTrue(cursor.next());
      assertTrue(cursor.next(), "the leaf has been read ahead");
      assertEquals("f", cursor.key());
      tree.put("f", 7L);
      assertEquals(7L, cursor.value());
      tree.put("g", 8L);
      tree.remove("h");
      assertTrue(cursor.next());
      assertEquals(Map.entry("g", 8L), cursor.entry());
      assertFalse(cursor.next());
      tree.remove("g");
      assertTrue(cursor.previous());
      assertEquals("f", cursor.key());
    }
  }

  @Test
  void anEntryThatTheTransactionHasRemovedHasNoValue() {
    try (WriteTx tx = store.beginWrite()) {
      Tree<String, Long> tree = tx.tree(TREE);
      Cursor<String, Long> cursor = tree.cursor();
      assertTrue(cursor.seek("d"));
      tree.remove("d");
      assertEquals("d", cursor.key(), "where it stands");
      assertThrows(NoSuchElementException.class, cursor::value);
      assertTrue(cursor.next());
      assertEquals("f", cursor.key());
      assertTrue(cursor.previous());
      assertEquals("b", cursor.key());
    }
  }

  @Test
  void aRollbackToASavepointTakesFromTheCursorWhatItHadReadAhead() {
    try (WriteTx tx = store.beginWrite()) {
      Tree<String, byte[]> tree = tx.tree(BLOBS);
      tree.put("a", new byte[1]);
      Savepoint savepoint = tx.savepoint();
      tree.put("b", new byte[100_000]);
      tree.put("c", new byte[100_000]);
      Cursor<String, byte[]> cursor = tree.cursor();
      assertTrue(cursor.first());
      assertTrue(cursor.next());
      tx.rollbackTo(savepoint);
      assertThrows(NoSuchElementException.class, cursor::value, "its chain has been freed");
      assertFalse(cursor.next());
      assertTrue(cursor.previous());
      assertEquals("a", cursor.key());
    }
  }

  @Test
  void closedCursorsAndEndedTransactionsAreNamed() {
    ReadTx reader = store.beginRead();
    Cursor<String, Long> cursor = reader.tree(TREE).cursor();
    Cursor<String, Long> leaked = reader.tree(TREE).cursor();
    assertTrue(cursor.first());
    assertTrue(leaked.first());
    cursor.close();
    cursor.close();
    assertRefused("cursor", cursor);
    reader.close();
    assertRefused("transaction", leaked);
    leaked.close();
    assertRefused("cursor", leaked);
  }

  private static void assertRefused(String what, Cursor<String, Long> cursor) {
    List<Runnable> uses =
        List.of(
            cursor::first,
            cursor::last,
            cursor::next,
            cursor::previous,
            cursor::isOnEntry,
            cursor::key,
            cursor::value,
            cursor::entry,
            () -> cursor.seek("b"),
            () -> cursor.floor("b"),
            () -> cursor.ceiling("b"),
            () -> cursor.lower("b"),
            () -> cursor.higher("b"));
    for (Runnable each : uses) {
      ClosedException refused = assertThrows(ClosedException.class, each::run);
      assertTrue(String.valueOf(refused.getMessage()).contains(what), refused::toString);
    }
  }

  @Test
  void nullKeysAreRefused() {
    store.view(
        tx -> {
          ReadTree<String, Long> tree = tx.tree(TREE);
          Cursor<String, Long> cursor = tree.cursor();
          List<Runnable> uses =
              List.of(
                  () -> tree.get(Nulls.key()),
                  () -> tree.find(Nulls.key()),
                  () -> tree.containsKey(Nulls.key()),
                  () -> tree.floor(Nulls.key()),
                  () -> tree.ceiling(Nulls.key()),
                  () -> tree.lower(Nulls.key()),
                  () -> tree.higher(Nulls.key()),
                  () -> cursor.seek(Nulls.key()),
                  () -> cursor.floor(Nulls.key()),
                  () -> cursor.ceiling(Nulls.key()),
                  () -> KeyRange.atLeast(Nulls.key()),
                  () -> KeyRange.atMost(Nulls.key()),
                  () -> KeyRange.between("a", Nulls.key()),
                  () -> KeyRange.open(Nulls.key(), "a"));
          for (Runnable each : uses) {
            assertThrows(NullPointerException.class, each::run);
          }
        });
  }

  @Test
  void rangesGoBothWays() {
    store.view(
        tx -> {
          ReadTree<String, Long> tree = tx.tree(TREE);
          assertEquals(List.of("d", "f"), keys(tree, KeyRange.open("b", "h")));
          assertEquals(List.of("b", "d", "f", "h"), keys(tree, KeyRange.closed("b", "h")));
          assertEquals(List.of("b", "d", "f"), keys(tree, KeyRange.between("b", "h")));
          assertEquals(List.of(), keys(tree, KeyRange.between("h", "b")));
          assertEquals(List.of(), keys(tree, KeyRange.open("d", "d")));
          assertEquals(List.of("d"), keys(tree, KeyRange.closed("d", "d")));
          assertEquals(List.of("f", "h"), keys(tree, KeyRange.greaterThan("d")));
        });
  }

  private static List<String> keys(ReadTree<String, Long> tree, KeyRange<String> range) {
    List<String> up = new ArrayList<>();
    tree.range(range).forEach(each -> up.add(each.getKey()));
    assertEquals(up, tree.stream(range).map(Map.Entry::getKey).toList());
    List<String> down = tree.descendingStream(range).map(Map.Entry::getKey).toList();
    assertEquals(up, down.reversed());
    assertEquals(up.size(), tree.count(range));
    return up;
  }

  /** A null that the compiler does not see. */
  private static final class Nulls {
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    static <K> K key() {
      return (K) null;
    }
  }
}
