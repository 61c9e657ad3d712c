package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single gets: without a latch where nothing is in the way, and right where something is. */
final class PointReadTest {
  private static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("t");
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path dir;

  @Test
  void getSeesWhatIsCommittedAndNothingElse() {
    try (Store store = Store.open(dir)) {
      assertNull(store.get(TREE, key(1)), "no such tree");
      store.write(tx -> tx.tree(TREE).put(key(1), value(10)));
      assertArrayEquals(value(10), store.get(TREE, key(1)));
      assertNull(store.get(TREE, key(2)));
      try (WriteTx open = store.beginWrite()) {
        open.tree(TREE).put(key(1), value(11));
        open.tree(TREE).put(key(2), value(20));
        assertArrayEquals(value(10), store.get(TREE, key(1)), "another's open write");
        assertNull(store.get(TREE, key(2)));
        open.commit();
      }
      assertArrayEquals(value(11), store.get(TREE, key(1)));
      store.write(tx -> tx.tree(TREE).remove(key(1)));
      assertNull(store.get(TREE, key(1)));
      byte[] large = new byte[100_000];
      Arrays.fill(large, (byte) 7);
      store.write(tx -> tx.tree(TREE).put(key(3), large));
      assertArrayEquals(large, store.get(TREE, key(3)));
    }
    Store closed;
    try (Store opened = Store.open(dir)) {
      closed = opened;
    }
    assertThrows(ClosedException.class, () -> closed.get(TREE, key(1)));
  }

  @Test
  void arraysGivenAndTakenAreNobodyElses() {
    try (Store store = Store.open(dir)) {
      store.write(tx -> tx.tree(TREE).put(key(1), value(10)));
      try (ReadTx old = store.beginRead()) {
        store.write(tx -> tx.tree(TREE).put(key(1), value(11)));
        byte[] first = present(old.tree(TREE).get(key(1)));
        Arrays.fill(first, (byte) 0);
        assertArrayEquals(value(10), old.tree(TREE).get(key(1)), "an image kept for snapshots");
      }
      byte[] current = present(store.get(TREE, key(1)));
      Arrays.fill(current, (byte) 0);
      assertArrayEquals(value(11), store.get(TREE, key(1)));
      try (WriteTx reader = store.beginWrite()) {
        byte[] asked = key(1);
        reader.tree(TREE).get(asked);
        Arrays.fill(asked, (byte) 0xff); // what was read is recorded all the same
        reader.tree(TREE).put(key(5), value(50));
        store.write(tx -> tx.tree(TREE).put(key(1), value(12)));
        assertThrows(ConflictException.class, reader::commit);
      }
    }
  }

  @Test
  void arraysThatAScanGivesAreNobodyElses() {
    try (Store store = Store.open(dir)) {
      store.write(
          tx -> {
            for (int i = 0; i < 5; i++) {
              tx.tree(TREE).put(new byte[] {(byte) i}, value(i));
            }
          });
      try (ReadTx old = store.beginRead()) {
        store.write(tx -> tx.tree(TREE).put(new byte[] {2}, value(99)));
        for (int round = 0; round < 2; round++) {
          int next = 0;
          for (Map.Entry<byte[], byte[]> each : old.tree(TREE).range(KeyRange.all())) {
            assertArrayEquals(new byte[] {(byte) next}, each.getKey());
            assertArrayEquals(value(next), each.getValue());
            Arrays.fill(each.getKey(), (byte) 0);
            Arrays.fill(each.getValue(), (byte) 0);
            next++;
          }
          assertEquals(5, next);
        }
      }
      try (WriteTx tx = store.beginWrite()) {
        int next = 0;
        for (Map.Entry<byte[], byte[]> each : tx.tree(TREE).range(KeyRange.all())) {
          assertEquals(next, each.getKey()[0]);
          tx.tree(TREE).put(each.getKey().clone(), value(-next)); // the scan comes back to the key
          Arrays.fill(each.getKey(), (byte) 0);
          next++;
        }
        assertEquals(5, next);
      }
    }
  }

  @Test
  void rawGetAllocatesNothingBeyondTheValue() {
    try (Store store = Store.open(dir)) {
      store.write(
          tx -> {
            for (int i = 0; i < 10_000; i++) {
              tx.tree(TREE).put(key(i), value(i));
            }
          });
    }
    try (Store store = Store.open(dir)) {
      byte[][] keys = new byte[10_000][];
      Arrays.setAll(keys, PointReadTest::key);
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 12; round++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (byte[] each : keys) {
          assertEquals(100, present(store.get(TREE, each)).length);
        }
        least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
      }
      long each = least / keys.length;
      assertTrue(each <= 120, "a get allocates " + each + " bytes, the value takes 120");
    }
  }

  /** An old snapshot keeps versions of all keys; who sees the newest needs none of them. */
  @Test
  void changedKeysAreReadWithoutASnapshotOnceTheChangeIsSeen() {
    try (Store store = Store.open(dir)) {
      byte[][] keys = new byte[2_000][];
      Arrays.setAll(keys, PointReadTest::key);
      store.write(tx -> putAll(tx, keys, 1));
      try (ReadTx old = store.beginRead()) {
        store.write(tx -> putAll(tx, keys, 2));
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 40; round++) {
          long before = THREADS.getCurrentThreadAllocatedBytes();
          for (byte[] each : keys) {
            assertEquals(2, number(present(store.get(TREE, each))));
          }
          least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        long each = least / keys.length;
        assertTrue(each <= 200, "a get allocates " + each + " bytes, the value takes 120");
        try (ReadTx now = store.beginRead();
            WriteTx open = store.beginWrite()) {
          open.tree(TREE).put(keys[7], value(3));
          assertEquals(2, number(present(store.get(TREE, keys[7]))), "another's open write");
          assertEquals(2, number(present(now.tree(TREE).get(keys[7]))));
          open.commit();
          assertEquals(3, number(present(store.get(TREE, keys[7]))));
          assertEquals(2, number(present(now.tree(TREE).get(keys[7]))), "a snapshot of before");
        }
        assertEquals(1, number(present(old.tree(TREE).get(keys[7]))));
      }
    }
  }

  /** The leaf has both increments, of which the one on top has been committed. */
  @Test
  void anOpenIncrementBelowACommittedOneIsNotSeen() {
    TreeDef<byte[], Long> numbers = TreeDef.of("n", Codecs.BYTES, Codecs.INT64);
    try (Store store = Store.open(dir)) {
      store.write(tx -> tx.tree(numbers).put(key(1), 100L));
      try (ReadTx _ = store.beginRead(); // keeps the committed one on top
          WriteTx open = store.beginWrite()) {
        open.tree(numbers).add(key(1), 5);
        store.write(tx -> tx.tree(numbers).add(key(1), 7));
        assertEquals(107, store.get(numbers, key(1)));
        try (ReadTx now = store.beginRead()) {
          assertEquals(107, now.tree(numbers).get(key(1)));
        }
        open.commit();
      }
      assertEquals(112, store.get(numbers, key(1)));
    }
  }

  private static void putAll(WriteTx tx, byte[][] keys, int number) {
    for (byte[] each : keys) {
      tx.tree(TREE).put(each, value(number));
    }
  }

  /** Every writer moves all keys of a group at once: no reader may ever see one of them twice. */
  @Test
  void valuesOnlyGrowWhileTheLeavesSplitAndFill() throws InterruptedException {
    try (Store store = Store.open(dir)) {
      store.write(tx -> tx.tree(TREE).put(key(0), value(0)));
      AtomicBoolean over = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= 3_000; i++) {
                      int round = i;
                      store.write(
                          StoreOptions.defaults().transaction().withDurability(Durability.ASYNC),
                          tx -> {
                            tx.tree(TREE).put(key(0), value(round));
                            tx.tree(TREE).put(key(round), value(round));
                          });
                      try (WriteTx undone = store.beginWrite()) {
                        undone.tree(TREE).put(key(0), value(-1));
                      }
                    }
                    over.set(true);
                  });
      int last = 0;
      while (!over.get()) {
        int now = number(present(store.get(TREE, key(0))));
        assertTrue(now >= last, now + " after " + last);
        last = now;
        int[] pair = new int[2];
        store.view(
            tx -> {
              pair[0] = number(present(tx.tree(TREE).get(key(0))));
              pair[1] = tx.tree(TREE).get(key(pair[0])) == null ? -1 : pair[0];
            });
        assertEquals(pair[0], pair[1], "written together, seen together");
      }
      writer.join();
      assertEquals(3_000, number(present(store.get(TREE, key(0)))));
    }
  }

  private static byte[] present(byte @Nullable [] bytes) {
    assertNotNull(bytes);
    return bytes;
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(16).putLong(number * 0x9E3779B97F4A7C15L).putInt(number).array();
  }

  private static byte[] value(int number) {
    return ByteBuffer.allocate(100).putInt(number).array();
  }

  private static int number(byte[] value) {
    return ByteBuffer.wrap(value).getInt();
  }
}
