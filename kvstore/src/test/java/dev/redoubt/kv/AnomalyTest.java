package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each anomaly as one schedule: what SERIALIZABLE refuses, and what SNAPSHOT allows of it. */
final class AnomalyTest extends IsolationFixture {
  AnomalyTest(@TempDir Path path) {
    super(path);
  }

  @ParameterizedTest
  @EnumSource
  void lostUpdate(Isolation isolation) {
    try (WriteTx one = begin(isolation);
        WriteTx other = begin(isolation)) {
      add(one, "x", 1);
      get(other, "x");
      one.commit();
      assertThrows(
          ConflictException.class,
          () -> {
            put(other, "x", 1); // SNAPSHOT: the first updater has won
            other.commit(); // SERIALIZABLE: what was read has changed
          });
      assertThrows(ConflictException.class, () -> get(other, "x"), "it is doomed");
    }
    assertEquals(1, now("x"));
  }

  @ParameterizedTest
  @EnumSource
  void writeSkew(Isolation isolation) {
    try (WriteTx one = begin(isolation);
        WriteTx other = begin(isolation)) {
      put(one, "x", get(one, "y") + 1);
      put(other, "y", get(other, "x") + 1);
      one.commit();
      assertSecondCommit(isolation, other);
    }
    assertEquals(isolation == Isolation.SNAPSHOT ? 1 : 0, now("y"));
  }

  @ParameterizedTest
  @EnumSource
  void phantomOfAnInsert(Isolation isolation) {
    try (WriteTx tx = begin(isolation)) {
      assertEquals(2, count(tx));
      put("w", 1);
      assertEquals(2, count(tx));
      put(tx, "sum", 2);
      assertSecondCommit(isolation, tx);
    }
  }

  @ParameterizedTest
  @EnumSource
  void phantomOfADelete(Isolation isolation) {
    try (WriteTx tx = begin(isolation)) {
      assertEquals(2, count(tx));
      store.write(each -> each.tree(TREE).remove("x"));
      assertEquals(2, count(tx));
      put(tx, "sum", 2);
      assertSecondCommit(isolation, tx);
    }
  }

  /** What a key between the two that were looked at was missing when they were found. */
  @ParameterizedTest
  @EnumSource
  void phantomOfANeighbour(Isolation isolation) {
    assertPhantom(isolation, tree -> assertEquals("x", keyOf(tree.ceiling("v"))));
    assertPhantom(isolation, tree -> assertEquals("x", keyOf(tree.higher("v"))));
    assertPhantom(isolation, tree -> assertNull(tree.floor("w")));
    assertPhantom(isolation, tree -> assertNull(tree.lower("x")));
    assertPhantom(isolation, tree -> assertEquals("x", keyOf(tree.first())));
  }

  @ParameterizedTest
  @EnumSource
  void phantomOfACursor(Isolation isolation) {
    assertPhantom(isolation, tree -> assertTrue(tree.cursor().ceiling("v")));
    assertPhantom(isolation, tree -> assertFalse(tree.cursor().floor("w")));
    assertPhantom(isolation, tree -> assertFalse(tree.cursor().seek("w")));
    assertPhantom(
        isolation,
        tree -> {
          Cursor<String, Long> cursor = tree.cursor();
          assertFalse(cursor.seek("v"));
          assertTrue(cursor.next());
        });
    assertPhantom(
        isolation,
        tree -> {
          Cursor<String, Long> cursor = tree.cursor();
          assertTrue(cursor.last() && cursor.previous());
          assertFalse(cursor.previous(), "nothing is below x");
        });
  }

  private interface Reading {
    void of(Tree<String, Long> tree);
  }

  private static @Nullable String keyOf(Map.@Nullable Entry<String, Long> entry) {
    return entry == null ? null : entry.getKey();
  }

  /** Reads over the gap below x, in which another transaction puts w. */
  private void assertPhantom(Isolation isolation, Reading reading) {
    try (WriteTx tx = begin(isolation)) {
      reading.of(tx.tree(TREE));
      put("w", 1);
      reading.of(tx.tree(TREE));
      put(tx, "z", 1);
      assertSecondCommit(isolation, tx);
    }
    store.write(
        tx -> {
          tx.tree(TREE).remove("w");
          tx.tree(TREE).remove("z");
        });
  }

  @ParameterizedTest
  @EnumSource
  void phantomOfAnAbsentKey(Isolation isolation) {
    try (WriteTx tx = begin(isolation)) {
      assertNull(tx.tree(TREE).get("absent"));
      put("absent", 1);
      assertNull(tx.tree(TREE).get("absent"));
      put(tx, "mine", 1);
      assertSecondCommit(isolation, tx);
    }
  }

  @ParameterizedTest
  @EnumSource
  void predicateWriteSkew(Isolation isolation) {
    try (WriteTx one = begin(isolation);
        WriteTx other = begin(isolation)) {
      put(one, "a1", count(one));
      put(other, "a2", count(other));
      one.commit();
      assertSecondCommit(isolation, other);
    }
    assertEquals(isolation == Isolation.SNAPSHOT ? 2L : null, nowOrNull("a2"));
  }

  @ParameterizedTest
  @EnumSource
  void dirtyRead(Isolation isolation) {
    try (WriteTx writer = begin(isolation);
        WriteTx reader = begin(isolation)) {
      put(writer, "x", 1);
      put(writer, "new", 1);
      writer.tree(TREE).remove("y");
      assertEquals(0, now("x"));
      assertEquals(0, get(reader, "x"));
      assertEquals(2, count(reader));
      assertNull(nowOrNull("new"));
      writer.rollback();
      assertEquals(0, get(reader, "x"));
      assertEquals(2, count(reader));
    }
    assertEquals(0, now("y"));
  }

  @ParameterizedTest
  @EnumSource
  void nonRepeatableRead(Isolation isolation) {
    try (WriteTx tx = begin(isolation);
        ReadTx reader = store.beginRead()) {
      assertEquals(0, get(tx, "x"));
      put("x", 1);
      put("y", 1);
      store.write(each -> each.tree(TREE).remove("x"));
      assertEquals(0, get(tx, "x"));
      assertEquals(0, get(tx, "y"), "the whole snapshot, not the keys read before");
      assertEquals(0L, reader.tree(TREE).get("x"));
      assertEquals(0L, reader.tree(TREE).get("y"));
      tx.commit(); // it has written nothing, so nothing has to hold still
    }
    assertNull(nowOrNull("x"));
  }

  /** Readers never see two independent commits in opposite orders. */
  @ParameterizedTest
  @EnumSource
  void longFork(Isolation isolation) {
    try (WriteTx one = begin(isolation);
        WriteTx other = begin(isolation);
        ReadTx before = store.beginRead()) {
      put(one, "x", 1);
      put(other, "y", 1);
      other.commit();
      try (ReadTx between = store.beginRead();
          WriteTx writerBetween = begin(isolation)) {
        assertEquals(0, get(writerBetween, "x"));
        one.commit();
        try (ReadTx after = store.beginRead()) {
          assertEquals(List.of(0L, 0L), both(before));
          assertEquals(List.of(0L, 1L), both(between));
          assertEquals(List.of(1L, 1L), both(after));
        }
        assertEquals(List.of(0L, 1L), List.of(get(writerBetween, "x"), get(writerBetween, "y")));
      }
    }
  }

  /**
   * Fekete, O'Neil and O'Neil, "A Read-Only Transaction Anomaly Under Snapshot Isolation", 2004.
   */
  @ParameterizedTest
  @EnumSource
  void readOnlyAnomaly(Isolation isolation) {
    try (WriteTx withdrawal = begin(isolation)) {
      long total = get(withdrawal, "x") + get(withdrawal, "y");
      store.write(tx -> tx.tree(TREE).put("y", 20L)); // a deposit
      try (ReadTx statement = store.beginRead()) {
        assertEquals(List.of(0L, 20L), both(statement));
      }
      put(withdrawal, "x", total - 11); // with the penalty that the statement rules out
      assertSecondCommit(isolation, withdrawal);
    }
  }
}
