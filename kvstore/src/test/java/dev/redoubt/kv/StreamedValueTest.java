package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that go into the store piece by piece. */
final class StreamedValueTest {
  private static final TreeDef<String, byte[]> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.BYTES);

  @TempDir Path dir;

  /** Gives so many bytes drawn from a seed, in pieces of any length, and fails behind them. */
  private static final class Drawn extends InputStream {
    private final Random random;
    private final @Nullable IOException then;
    private long left;
    final CRC32C crc = new CRC32C();

    Drawn(long seed, long length, @Nullable IOException then) {
      this.random = new Random(seed);
      this.left = length;
      this.then = then;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        if (then != null) {
          throw then;
        }
        return -1;
      }
      left--;
      int next = random.nextInt(256);
      crc.update(next);
      return next;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int count = (int) Math.min(left, Math.min(length, 1 + random.nextInt(5000)));
      for (int i = 0; i < count; i++) {
        target[from + i] = (byte) read();
      }
      return count == 0 ? read() : count;
    }
  }

  private static void assertSound(Store store) {
    store.parts().housekeeper().workOff();
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }

  @Test
  void aValueOfAnyLengthIsReadBackAsItWasGiven() throws IOException {
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      for (int length : new int[] {0, 1, 100, 2000, 8100, 8192, 20_000, 1_000_003}) {
        Drawn value = new Drawn(length, length, null);
        store.write(tx -> tx.tree(TREE).putStream("k", value, length));
        byte[] read = store.<byte @Nullable [], RuntimeException>read(tx -> tx.tree(TREE).get("k"));
        assertEquals(length, read == null ? -1 : read.length);
        CRC32C crc = new CRC32C();
        crc.update(read);
        assertEquals(value.crc.getValue(), crc.getValue(), "length " + length);
        assertSound(store); // the chain that was replaced has been freed
      }
      ByteArrayInputStream longer = new ByteArrayInputStream(new byte[50_000]);
      store.write(tx -> tx.tree(TREE).putStream("k", longer, 30_000));
      assertEquals(20_000, longer.available()); // it is read as far as was said
    }
  }

  @Test
  void aStreamThatFailsLeavesNothingAndTheTransactionLives() throws IOException {
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      store.write(tx -> tx.tree(TREE).put("k", new byte[] {1}));
      long pages = store.stats().allocatedPages();
      IOException broken = new IOException("broken pipe");
      store.write(
          tx -> {
            Tree<String, byte[]> tree = tx.tree(TREE);
            for (long given : new long[] {0, 10, 8192, 100_000}) {
              assertEquals(
                  broken,
                  assertThrows(
                      IOException.class,
                      () -> tree.putStream("k", new Drawn(1, given, broken), 200_000)));
              assertThrows(
                  EOFException.class,
                  () -> tree.putStream("new", new Drawn(1, given, null), 200_000));
            }
            assertEquals(1, tx.tree(TREE).count());
            tree.put("other", new byte[] {2});
          });
      assertEquals(pages, store.stats().allocatedPages());
      store.view(
          tx -> {
            assertEquals(2, tx.tree(TREE).count());
            assertNull(tx.tree(TREE).get("new"));
          });
      assertSound(store);
      TooLargeException e =
          assertThrows(
              TooLargeException.class,
              () ->
                  store.write(
                      tx -> tx.tree(TREE).putStream("k", InputStream.nullInputStream(), 1L << 40)));
      assertTrue(String.valueOf(e.getMessage()).contains("268435456"), e::toString);
    }
  }

  /** Neither way holds more of a value than some pages: a large one may be larger than the heap. */
  @Test
  void memoryDoesNotGrowWithTheValue() throws IOException {
    long length = 24L << 20;
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      store.write(tx -> tx.tree(TREE).putStream("k", new Drawn(1, 100_000, null), 100_000));
      long before = threads.getCurrentThreadAllocatedBytes();
      WriteTx tx = store.beginWrite();
      tx.tree(TREE).putStream("k", new Drawn(7, length, null), length);
      tx.commit();
      long[] seen = {0};
      store.view(
          reader ->
              reader
                  .tree(TREE)
                  .readChunks(
                      "k",
                      (piece, offset, total) -> {
                        seen[0] += piece.byteSize();
                        return true;
                      }));
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertEquals(length, seen[0]);
      assertTrue(allocated < length / 2, "allocated " + allocated);
    }
  }

  /** Else a commit half way through would keep pages that no cell refers to. */
  @Test
  void aStreamThatUsesTheTransactionIsRefused() throws IOException {
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      store.write(tx -> tx.tree(TREE).put("k", new byte[1]));
      long pages = store.stats().allocatedPages();
      for (Consumer<WriteTx> use :
          List.<Consumer<WriteTx>>of(
              WriteTx::commit,
              WriteTx::rollback,
              WriteTx::close,
              WriteTx::savepoint,
              tx -> tx.tree(TREE))) {
        try (WriteTx tx = store.beginWrite()) {
          Tree<String, byte[]> tree = tx.tree(TREE);
          InputStream uses =
              new InputStream() {
                private int given;

                @Override
                public int read() {
                  if (given++ == 50_000) {
                    use.accept(tx);
                  }
                  return 1;
                }

                @Override
                public int read(byte[] bytes, int offset, int length) {
                  bytes[offset] = (byte) read();
                  return 1;
                }
              };
          assertThrows(IllegalStateException.class, () -> tree.putStream("large", uses, 100_000));
          tx.commit(); // it lives
        }
        assertNull(
            store.<byte @Nullable [], RuntimeException>read(tx -> tx.tree(TREE).get("large")));
        assertEquals(List.of(), store.verify(each -> {}).problems());
        assertEquals(pages, store.stats().allocatedPages());
      }
    }
  }
}
