package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CodecsTest {
  private static final long SEED = 20261122;
  private final Random random = new Random(SEED);

  @Test
  void numbersKeepTheirOrderAndComeBack() {
    keepsOrder(
        Codecs.INT64, () -> random.nextBoolean() ? random.nextLong() : random.nextInt(-5, 5));
  }

  @Test
  void stringsKeepTheirOrderAndComeBack() {
    keepsOrder(Codecs.UTF_8, this::text);
  }

  @Test
  void bytesAreOrderedUnsigned() {
    assertEquals(
        1, Integer.signum(Codecs.BYTES.comparator().compare(new byte[] {-1}, new byte[] {1})));
    assertArrayEquals(
        new byte[] {1, 2}, Codecs.BYTES.decode(Codecs.BYTES.encode(new byte[] {1, 2})));
  }

  @Test
  void unpairedSurrogatesAndForeignBytesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Codecs.UTF_8.encode("\ud800"));
    assertThrows(IllegalArgumentException.class, () -> Codecs.UTF_8.decode(new byte[] {-1}));
    assertThrows(IllegalArgumentException.class, () -> Codecs.INT64.decode(new byte[7]));
  }

  private <T> void keepsOrder(Codec<T> codec, Supplier<T> values) {
    for (int i = 0; i < 20_000; i++) {
      T a = values.get();
      T b = values.get();
      assertEquals(a, codec.decode(codec.encode(a)), "seed " + SEED);
      assertEquals(
          Integer.signum(codec.comparator().compare(a, b)),
          Integer.signum(Arrays.compareUnsigned(codec.encode(a), codec.encode(b))),
          () -> a + " against " + b + ", seed " + SEED);
    }
  }

  private String text() {
    int length = random.nextInt(4);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      int codePoint =
          random.nextInt(4) == 0 ? random.nextInt(0x10000, 0x10ffff) : random.nextInt(0xd800);
      text.appendCodePoint(codePoint);
    }
    return text.toString();
  }
}
