package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.Transaction;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains of overflow pages: written, read, undone, freed page by page. */
final class OverflowTest {
  private static final byte[] KEY = {1, 2, 3};

  private static byte[] value(int length) {
    byte[] value = new byte[length];
    new SplittableRandom(length).nextBytes(value);
    return value;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4048, 4049, 8096, 100_000, 5_000_000})
  void valuesOfAnyLengthComeBackAfterACrash(int length) {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      Transaction tx = fixture.engine.begin();
      byte[] ref = fixture.overflow.write(tx, TreeFixture.TREE_ID, value(length));
      assertTrue(fixture.tree.put(tx, KEY, ref, true, TreeFixture.PLAIN));
      fixture.commit(tx);
      fixture.crash();
      byte[] found =
          fixture.tree.read(
              KEY,
              cell -> {
                assertTrue(Objects.requireNonNull(cell).overflow());
                return cell.value();
              });
      assertArrayEquals(ref, found);
      assertArrayEquals(value(length), fixture.overflow.read(found));
      assertEquals(length, Overflow.lengthBytes(found));
      PageUse use = new PageUse(fixture.engine.space());
      fixture.tree.verify(use);
      assertEquals(List.of(), use.problems());
      assertEquals(1 + (length + 4047) / 4048, use.pages());
    }
  }

  @Test
  void rollbackFreesTheChain() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      long before = fixture.engine.space().allocatedPages();
      Transaction tx = fixture.engine.begin();
      fixture.overflow.write(tx, TreeFixture.TREE_ID, value(100_000));
      assertEquals(before + 25, fixture.engine.space().allocatedPages());
      tx.rollback();
      assertEquals(before, fixture.engine.space().allocatedPages());
    }
  }

  @Test
  void restartFreesTheChainOfALoser() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      long before = fixture.engine.space().allocatedPages();
      Transaction tx = fixture.engine.begin();
      fixture.overflow.write(tx, TreeFixture.TREE_ID, value(300_000));
      fixture.engine.log().forceAll();
      fixture.crash();
      assertEquals(before, fixture.engine.space().allocatedPages());
    }
  }

  /** Rule 15: each pop and its bit are one record, so a crash between two frees nothing twice. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4049, 40_000})
  void aPendingChainIsFreedPageByPageOverCrashes(int length) {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      long before = fixture.engine.space().allocatedPages();
      Transaction tx = fixture.engine.begin();
      byte[] ref = fixture.overflow.write(tx, TreeFixture.TREE_ID, value(length));
      byte[] key = Overflow.pendingKey(ref);
      fixture.put(tx, key, Overflow.pendingValue(ref));
      fixture.commit(tx);
      int pages = (length + 4047) / 4048;
      for (int left = pages; left > 0; left--) {
        PageUse use = new PageUse(fixture.engine.space());
        fixture.overflow.verifyPending(key, Objects.requireNonNull(fixture.get(key)), use);
        assertEquals(List.of(), use.problems());
        assertEquals(left, use.pages());
        assertEquals(left > 1, fixture.overflow.popFree(fixture.tree, key));
        assertEquals(before + left - 1, fixture.engine.space().allocatedPages());
        if (left % 3 == 0) {
          fixture.engine.log().forceAll();
          fixture.crash();
        }
      }
      assertFalse(fixture.overflow.popFree(fixture.tree, key));
    }
  }

  @Test
  void aReferenceToAnotherPageIsRefusedByName() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      byte[] ref = new OverflowRef(fixture.tree.rootPageId(), 100, 0).encode();
      CorruptionException e =
          assertThrows(CorruptionException.class, () -> fixture.overflow.read(ref));
      assertTrue(
          String.valueOf(e.getMessage()).contains("page " + fixture.tree.rootPageId()),
          e::getMessage);
    }
  }

  @Test
  void aValueWithAnotherChecksumIsRefused() {
    try (TreeFixture fixture = new TreeFixture(4096, 64)) {
      Transaction tx = fixture.engine.begin();
      byte[] ref = fixture.overflow.write(tx, TreeFixture.TREE_ID, value(5000));
      ref[17] ^= 1;
      assertThrows(CorruptionException.class, () -> fixture.overflow.read(ref));
      tx.rollback();
    }
  }
}
