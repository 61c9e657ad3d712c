package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Read ranges as prepare records keep them. */
final class ReadRangesTest {
  private static final byte[] GOLDEN =
      HexFormat.of()
          .parseHex(
              "01 00000002".replace(" ", "")
                  + "00000010 00000002 0001 61 0002 6100 0001 63 ffff".replace(" ", "")
                  + "00000011 00000001 0000 0001 05".replace(" ", ""));

  private static ReadSet reads() {
    ReadSet reads = new ReadSet();
    reads.add(16, new byte[] {'a'});
    reads.add(16, new byte[] {'c'}, null);
    reads.add(17, new byte[0], new byte[] {5});
    return reads;
  }

  private static boolean meets(ReadSet reads, int treeId, String key) {
    WriteSet writes = new WriteSet(1);
    Version version = new Version(treeId, Codecs.UTF_8.encode(key), writes, 0);
    version.install(null);
    return reads.meets(version);
  }

  @Test
  void goldenBytes() {
    assertArrayEquals(GOLDEN, ReadRanges.encode(reads()));
    ReadSet read = ReadRanges.decode(GOLDEN, 1);
    assertArrayEquals(GOLDEN, ReadRanges.encode(read));
    assertTrue(meets(read, 16, "a") && meets(read, 16, "zz") && meets(read, 17, ""));
    assertFalse(meets(read, 16, "b") || meets(read, 17, "a") || meets(read, 18, "a"));
    assertTrue(ReadRanges.decode(new byte[0], 1).isEmpty());
  }

  @Test
  void everyOtherLengthAndFormIsRefused() {
    for (int length = 1; length < GOLDEN.length; length++) {
      byte[] cut = Arrays.copyOf(GOLDEN, length);
      assertThrows(CorruptionException.class, () -> ReadRanges.decode(cut, 1));
    }
    byte[] longer = Arrays.copyOf(GOLDEN, GOLDEN.length + 1);
    assertThrows(CorruptionException.class, () -> ReadRanges.decode(longer, 1));
    assertThrows(CorruptionException.class, () -> ReadRanges.decode(new byte[] {3}, 1));
  }

  @Test
  void manyReadsBecomeCoarserAndNeverFewer() {
    ReadSet reads = reads();
    for (int i = 0; i < 1000; i++) {
      reads.add(18, Codecs.UTF_8.encode("key " + i));
    }
    byte[] bytes = ReadRanges.encode(reads);
    assertTrue(bytes.length <= ReadRanges.MOST_BYTES);
    ReadSet coarser = ReadRanges.decode(bytes, 1);
    assertTrue(meets(coarser, 18, "key 7") && meets(coarser, 18, "other"));
    assertFalse(meets(coarser, 16, "b"));
    for (int tree = 100; tree < 2000; tree++) {
      reads.add(tree, new byte[] {'a'});
    }
    bytes = ReadRanges.encode(reads);
    assertEquals(1, bytes.length);
    assertTrue(meets(ReadRanges.decode(bytes, 1), 5, "anything"));
  }
}
