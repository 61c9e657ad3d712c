package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node under random changes, against a sorted map; every body replayed on the old bytes. */
final class NodePageTest {
  private static final int OPERATIONS = 6000;

  private final NodeRedo redo = new NodeRedo(new NodeEdit(new PagePool()));
  private final TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
  private final BodyWriter body = new BodyWriter();
  private MemorySegment page = MemorySegment.NULL;

  @ParameterizedTest
  @CsvSource({
    "4096, SHORT, 1", "4096, LONG, 2", "4096, COMMON_PREFIX, 3", "8192, SHORT, 4",
    "8192, COMMON_PREFIX, 5", "16384, LONG, 6", "32768, SHORT, 7", "65536, COMMON_PREFIX, 8",
    "65536, LONG, 9"
  })
  void anyChangesLeaveTheNodeAsTheModelSays(int pageSize, KeyKind kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    page = Arena.ofAuto().allocate(pageSize, 8);
    NodeBodies.format(body.reset(), 77, 0, new byte[0], null, 0);
    NodeBodies.noCells(body);
    apply();
    for (int i = 0; i < OPERATIONS; i++) {
      step(random, kind, pageSize);
      if (i % 50 == 0) {
        compare("seed " + seed + " operation " + i);
      }
    }
    compare("seed " + seed);
  }

  private void step(SplittableRandom random, KeyKind kind, int pageSize) {
    byte[] key = kind.next(random, pageSize);
    if (!inside(key)) {
      return;
    }
    int slot = Node.search(page, key);
    byte[] value = new byte[random.nextInt(random.nextInt(8) == 0 ? pageSize / 8 : 60)];
    random.nextBytes(value);
    int what = random.nextInt(100);
    if (what < 3 && Node.slotCount(page) > 4) {
      splitAndMergeBack(random);
    } else if (slot < 0 && what < 70 && Node.roomForInsert(page, key.length, value.length)) {
      NodeBodies.insert(body.reset(), -slot - 1, 0, key, value);
      apply();
      model.put(key, value);
    } else if (slot >= 0 && what < 40) {
      NodeBodies.remove(body.reset(), slot);
      apply();
      model.remove(key);
    } else if (slot >= 0 && what < 50) {
      NodeBodies.flags(body.reset(), slot, Node.flags(page, slot) ^ NodeLayout.GHOST);
      apply();
    } else if (slot >= 0 && Node.roomForReplace(page, slot, value.length)) {
      NodeBodies.replace(body.reset(), slot, 0, value);
      apply();
      model.put(key, value);
    } else if (slot < 0 && what > 90 && Node.slotCount(page) > 3) {
      int[] slots = {0, 2, Node.slotCount(page) - 1};
      for (int each : slots) {
        model.remove(Node.key(page, each));
      }
      NodeBodies.removeMany(body.reset(), slots, slots.length);
      apply();
    }
  }

  private boolean inside(byte[] key) {
    byte[] upper = Node.upperFence(page);
    return Arrays.compareUnsigned(Node.lowerFence(page), key) <= 0
        && (upper == null || Arrays.compareUnsigned(key, upper) < 0);
  }

  /** Splits as the tree does, checks both halves, and lets the left half absorb the right. */
  private void splitAndMergeBack(SplittableRandom random) {
    int at = 1 + random.nextInt(Node.slotCount(page) - 1);
    byte[] left = Node.key(page, at - 1);
    byte[] first = Node.key(page, at);
    byte[] separator = Arrays.copyOf(first, Keys.separatorLength(left, first));
    byte[] upper = Node.upperFence(page);
    int prefix = Keys.common(separator, upper);
    MemorySegment right = Arena.ofAuto().allocate(page.byteSize(), 8);
    NodeBodies.format(body.reset(), 77, 0, separator, upper, 0);
    NodeBodies.cells(body, page, at, Node.slotCount(page), prefix);
    redo.apply(right, 6, body.body());
    check(right);
    NodeBodies.keepBelow(body.reset(), at, separator);
    apply();
    check(page);
    int merged = Keys.common(Node.lowerFence(page), upper);
    NodeBodies.absorb(body.reset(), upper);
    NodeBodies.cells(body, right, 0, Node.slotCount(right), merged);
    apply();
  }

  /** Applies the body twice, to the page and to a copy elsewhere: the bytes must be the same. */
  private void apply() {
    MemorySegment copy = Arena.ofAuto().allocate(page.byteSize(), 8).copyFrom(page);
    MemorySegment onHeap = MemorySegment.ofArray(body.body().toArray(ValueLayout.JAVA_BYTE));
    redo.apply(page, 5, body.body());
    redo.apply(copy, 5, onHeap);
    assertEquals(-1, page.mismatch(copy), "redo gave other bytes than forward work");
  }

  private void compare(String what) {
    check(page);
    assertEquals(model.size(), Node.slotCount(page), what);
    int slot = 0;
    for (Map.Entry<byte[], byte[]> each : model.entrySet()) {
      assertArrayEquals(each.getKey(), Node.key(page, slot), what);
      assertArrayEquals(each.getValue(), Node.value(page, slot), what);
      assertEquals(slot, Node.search(page, each.getKey()), what);
      slot++;
    }
  }

  private static void check(MemorySegment page) {
    List<String> problems = new ArrayList<>();
    NodeChecker.check(page, problems::add);
    assertEquals(List.of(), problems);
  }
}
