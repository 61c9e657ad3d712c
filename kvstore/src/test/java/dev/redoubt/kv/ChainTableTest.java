package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The newest versions of keys, as those find them who take no latch. */
final class ChainTableTest {
  private static final int LOOKS = 1_000_000;
  private static final int TREE = 16;

  private final ChainTable table = new ChainTable();

  private static Version version(int key) {
    byte[] bytes = ByteBuffer.allocate(4).putInt(key).array();
    return new Version(TREE, bytes, new WriteSet(1), 0);
  }

  private @Nullable Version head(int key) {
    Version like = version(key);
    return table.head(TREE, like.key(), like.hash());
  }

  @Test
  void itIsEmptyUntilAChainIsAddedAndAfterTheLastHasGone() {
    Version one = version(1);
    Version other = version(2);
    assertTrue(table.isEmpty());
    assertTrue(table.addFirst(one));
    assertTrue(table.addFirst(other));
    assertFalse(table.isEmpty());
    assertTrue(table.mayContain(one.hash()));
    assertTrue(table.removeHead(one));
    assertFalse(table.isEmpty());
    assertTrue(table.removeHead(other));
    assertTrue(table.isEmpty());
    assertFalse(table.mayContain(one.hash()));
  }

  @Test
  void aHeadIsAddedOnceReplacedAndTakenOutAsAMapWould() {
    Map<Integer, Version> expected = new HashMap<>();
    Random random = new Random(3);
    for (int i = 0; i < 300_000; i++) {
      int key = random.nextInt(100_000); // stripes grow several times
      Version head = expected.get(key);
      Version next = version(key);
      assertSame(head, head(key));
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          assertEquals(head == null, table.addFirst(next));
          expected.putIfAbsent(key, next);
        }
        case 2 -> {
          assertSame(next, table.change(next, top -> top == head ? next : null));
          expected.put(key, next);
        }
        default -> {
          assertFalse(table.removeHead(next));
          assertEquals(head != null, head != null && table.removeHead(head));
          expected.remove(key);
        }
      }
    }
    assertEquals(expected.size(), table.size());
    assertEquals(new HashSet<>(expected.values()), new HashSet<>(table.heads()));
    expected.values().forEach(each -> assertNull(table.change(each, _ -> null)));
    assertTrue(table.isEmpty());
  }

  /** Counted as one sum, or additions first, the others hide the one that stays. */
  @Test
  void chainsThatComeAndGoDoNotHideOneThatStays() throws Exception {
    table.addFirst(version(42));
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService others = Executors.newFixedThreadPool(3)) {
      Future<?>[] storms = new Future<?>[3];
      for (int i = 0; i < storms.length; i++) {
        Version own = version(i);
        storms[i] =
            others.submit(
                () -> {
                  while (!over.get()) {
                    table.addFirst(own);
                    table.removeHead(own);
                  }
                });
      }
      int hidden = 0;
      for (int i = 0; i < LOOKS; i++) {
        hidden += table.isEmpty() ? 1 : 0;
      }
      over.set(true);
      for (Future<?> each : storms) {
        each.get();
      }
      assertEquals(0, hidden, "times that the chain was overlooked");
    }
  }

  /** A walk that is overtaken by a stripe that grows, or by neighbours, must not miss a key. */
  @Test
  void aReaderFindsAKeyThatStaysWhateverBecomesOfTheOthers() throws Exception {
    int staying = 2_000;
    for (int key = 0; key < staying; key++) {
      table.addFirst(version(key));
    }
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService others = Executors.newFixedThreadPool(2)) {
      Future<?> growing =
          others.submit(
              () -> {
                for (int key = staying; key < 600_000; key++) {
                  Version head = version(key);
                  table.addFirst(head);
                  if (key % 3 == 0) {
                    table.removeHead(head);
                  }
                }
                over.set(true);
              });
      Future<?> replacing =
          others.submit(
              () -> {
                for (int i = 0; !over.get(); i++) {
                  Version next = version(i % staying);
                  table.change(next, _ -> next);
                }
              });
      int missed = 0;
      for (int i = 0; !over.get(); i++) {
        missed += head(i % staying) == null ? 1 : 0;
      }
      growing.get();
      replacing.get();
      assertEquals(0, missed, "times that a key was overlooked");
    }
  }
}
