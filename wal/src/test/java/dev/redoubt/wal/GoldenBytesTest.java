package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Binds the code to the worked example of {@code docs/format-log.md}, sections 7 and 8. */
final class GoldenBytesTest {
  /** A store id that is always the same. */
  private static Environment fixed() {
    return new Environment() {
      private long next;

      @Override
      public Thread start(String name, Runnable body) {
        return Environment.system().start(name, body);
      }

      @Override
      public long nanoTime() {
        return 0;
      }

      @Override
      public Instant now() {
        return Instant.EPOCH;
      }

      @Override
      public RandomGenerator random() {
        return () -> 0x0123456789ABCDEFL + next++;
      }
    };
  }

  private static String hex(byte[] bytes, int from, int length) {
    return HexFormat.of().formatHex(Arrays.copyOfRange(bytes, from, from + length));
  }

  private static MemoryDisk exampleStore() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Log.create(disk, fixed(), Logs.SMALL, new byte[] {7})) {
      long first = Logs.append(log, "hello");
      log.force(Logs.append(log, "log"));
      assertEquals(4160, first);
      assertEquals(8192, log.durableEndLsn());
    }
    return disk;
  }

  @Test
  void theExampleIsByteForByteAsInTheFormatPage() {
    MemoryDisk disk = exampleStore();
    byte[] segment = disk.bytes("log-0000000000000000.seg");
    byte[] master = disk.bytes("master");
    assertEquals(GOLDEN_SEGMENT_HEADER, hex(segment, 0, 96));
    assertEquals(GOLDEN_BATCH, hex(segment, 4096, 64 + 13 + 11));
    assertEquals(GOLDEN_SEAL, hex(segment, 8192, 64));
    assertEquals(GOLDEN_IDENTITY, hex(master, 0, 41));
    assertEquals(GOLDEN_SLOT, hex(master, 4096, 76));
  }

  @Test
  void theSlotIsByteForByteAsInTheFormatPage() {
    MemoryDisk disk = new MemoryDisk();
    try (Log log = Log.create(disk, fixed(), Logs.SMALL, new byte[] {7})) {
      LogSlot slot = log.followers().createSlot("feed", 4096, 65536);
      log.force(Logs.append(log, "hello"));
      slot.confirm(4173);
    }
    byte[] file = disk.bytes("slot-feed");
    assertEquals(2 * 4096, file.length);
    assertEquals(GOLDEN_PLACE_0, hex(file, 0, 56));
    assertEquals(GOLDEN_PLACE_1, hex(file, 4096, 56));
  }

  private static final String GOLDEN_PLACE_0 =
      "5244542d5441494c07f85a7e010000001f000000000000000000000000000000"
          + "001000000000000000000100000000000400000066656564";
  private static final String GOLDEN_PLACE_1 =
      "5244542d5441494c614a77b5010000001f000000000000000100000000000000"
          + "4d1000000000000000000100000000000400000066656564";
  private static final String GOLDEN_SEGMENT_HEADER =
      "5244542d5345474d5e85f21a01000000efcdab8967452301f0cdab8967452301"
          + "0000000000000000001000000000000000800000000000000010000000000000"
          + "0010000000000000000000000000000000000000000000000000000000000000";
  private static final String GOLDEN_BATCH =
      "52424154bc593c7d180000000010000000100000000000000100000000000000"
          + "0010000000000000010000000000000002000000000000001f00000000000000"
          + "0f0322060500000068656c6c6ff0b8a702030000006c6f67";
  private static final String GOLDEN_SEAL =
      "5242415491331acd000000000010000000200000000000000200000000000000"
          + "002000000000000001000000bc593c7d00000000000000001f00000000000000";
  private static final String GOLDEN_IDENTITY =
      "5244542d4d535452dd15f29401000000efcdab8967452301f0cdab8967452301" + "008000000100000007";
  private static final String GOLDEN_SLOT =
      "5244542d534c4f5462fdb748010000001f000000000000000200000000000000"
          + "0000000000000000000000000000000000100000000000000060000000000000"
          + "002000000100000000000000";
}
