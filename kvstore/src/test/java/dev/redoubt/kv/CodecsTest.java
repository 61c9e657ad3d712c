package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What was encoded comes back, and the order of the bytes is that of the comparator. */
final class CodecsTest {
  private static final long SEED = 20261128;
  private static final int ROUNDS = 5000;
  private final Random random = new Random(SEED);

  record Order(String customer, LocalDate day, int number) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Line(Order order, byte[] blob, @Nullable Long price, DayOfWeek due) {}

  @Test
  void numbersKeepTheirOrderAndComeBack() {
    keepsOrder(Codecs.INT8, () -> (byte) random.nextInt());
    keepsOrder(Codecs.INT16, () -> number().shortValue());
    keepsOrder(Codecs.INT32, () -> number().intValue());
    keepsOrder(Codecs.INT64, this::number);
    naturalOrder(Codecs.INT8, () -> (byte) random.nextInt());
    naturalOrder(Codecs.INT16, () -> number().shortValue());
    naturalOrder(Codecs.INT32, () -> number().intValue());
    naturalOrder(Codecs.INT64, this::number);
    List<Long> edges = List.of(Long.MIN_VALUE, -1L, 0L, 1L, Long.MAX_VALUE);
    inOrder(Codecs.INT64, edges);
  }

  @Test
  void floatingPointNumbersKeepTheirOrderAndComeBack() {
    keepsOrder(Codecs.FLOAT64, this::real);
    keepsOrder(Codecs.FLOAT32, () -> (float) real().doubleValue());
    naturalOrder(Codecs.FLOAT64, this::real);
    inOrder(
        Codecs.FLOAT64,
        List.of(
            Double.NEGATIVE_INFINITY,
            -Double.MAX_VALUE,
            -1.0,
            -Double.MIN_VALUE,
            -0.0,
            0.0,
            Double.MIN_VALUE,
            1.0,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NaN));
    inOrder(
        Codecs.FLOAT32,
        List.of(Float.NEGATIVE_INFINITY, -1f, -0f, 0f, 1f, Float.POSITIVE_INFINITY, Float.NaN));
    assertArrayEquals(
        Codecs.FLOAT64.encode(Double.NaN),
        Codecs.FLOAT64.encode(Double.longBitsToDouble(0xfff8_0000_0000_0001L)),
        "there is one NaN");
  }

  @Test
  void stringsAndBytesKeepTheirOrderAndComeBack() {
    keepsOrder(Codecs.UTF_8, this::text);
    keepsOrder(Codecs.BYTES, this::bytes);
    inOrder(Codecs.UTF_8, List.of("", "\0", "a", "a\0", "b", "\ud7ff", "\ue000", "\uffff", "😀"));
    assertTrue("\uffff".compareTo("😀") > 0, "the order of String is another");
  }

  @Test
  void timesAndIdsKeepTheirOrderAndComeBack() {
    keepsOrder(Codecs.UUID, () -> new UUID(number(), number()));
    keepsOrder(Codecs.INSTANT, this::instant);
    naturalOrder(Codecs.INSTANT, this::instant);
    inOrder(Codecs.INSTANT, List.of(Instant.MIN, Instant.EPOCH, Instant.MAX));
    keepsOrder(Codecs.LOCAL_DATE, this::day);
    inOrder(Codecs.LOCAL_DATE, List.of(LocalDate.MIN, LocalDate.EPOCH, LocalDate.MAX));
    keepsOrder(Codecs.BOOLEAN, random::nextBoolean);
    UUID negative = UUID.fromString("ffffffff-0000-0000-0000-000000000000");
    UUID positive = UUID.fromString("00000000-0000-0000-0000-000000000000");
    assertTrue(negative.compareTo(positive) < 0, "the order of UUID is another");
    inOrder(Codecs.UUID, List.of(positive, negative));
  }

  @Test
  void enumsAreOrderedByNameOrByOrdinal() {
    inOrder(Codecs.enumByOrdinal(DayOfWeek.class), List.of(DayOfWeek.values()));
    inOrder(
        Codecs.enumByName(DayOfWeek.class),
        List.of(DayOfWeek.FRIDAY, DayOfWeek.MONDAY, DayOfWeek.SATURDAY, DayOfWeek.SUNDAY));
    assertThrows(
        IllegalArgumentException.class,
        () -> Codecs.enumByOrdinal(DayOfWeek.class).decode(new byte[] {0, 7}));
    assertThrows(
        IllegalArgumentException.class,
        () -> Codecs.enumByName(DayOfWeek.class).decode(Codecs.UTF_8.encode("DOOMSDAY")));
  }

  @Test
  void nullsAndOptionalsKeepTheirOrderAndComeBack() {
    keepsOrder(Codecs.nullsFirst(Codecs.UTF_8), () -> random.nextInt(3) == 0 ? null : text());
    keepsOrder(Codecs.nullsLast(Codecs.INT64), () -> random.nextInt(3) == 0 ? null : number());
    keepsOrder(
        Codecs.optional(Codecs.BYTES),
        () -> random.nextInt(3) == 0 ? Optional.empty() : Optional.of(bytes()));
    keepsOrder(Codecs.nullsFirst(Codecs.BYTES), this::bytes);
    keepsOrder(Codecs.nullsLast(Codecs.BYTES), this::bytes);
  }

  @Test
  void reversedCodecsTurnTheOrderRound() {
    keepsOrder(Codecs.reversed(Codecs.UTF_8), this::text);
    keepsOrder(Codecs.reversed(Codecs.BYTES), this::bytes);
    inOrder(Codecs.reversed(Codecs.INT32), List.of(2, 1, 0, -1));
    inOrder(Codecs.reversed(Codecs.UTF_8), List.of("b", "ab", "a\0", "a", ""));
  }

  @Test
  void tuplesAreOrderedByComponents() {
    keepsOrder(Codecs.pair(Codecs.UTF_8, Codecs.BYTES), () -> new Pair<>(text(), bytes()));
    keepsOrder(
        Codecs.pair(Codecs.BYTES, Codecs.INT16),
        () -> new Pair<>(bytes(), (short) random.nextInt(3)));
    keepsOrder(
        Codecs.triple(Codecs.optional(Codecs.BYTES), Codecs.FLOAT64, Codecs.reversed(Codecs.BYTES)),
        () -> new Triple<>(maybe(), real(), bytes()));
    keepsOrder( // pairs within a pair
        Codecs.pair(
            Codecs.pair(Codecs.BYTES, Codecs.BYTES), Codecs.pair(Codecs.BYTES, Codecs.BYTES)),
        () -> new Pair<>(new Pair<>(bytes(), bytes()), new Pair<>(bytes(), bytes())));
    inOrder(
        Codecs.pair(Codecs.UTF_8, Codecs.UTF_8),
        List.of(
            new Pair<>("", ""),
            new Pair<>("", "\0"),
            new Pair<>("\0", ""),
            new Pair<>("a", "z"),
            new Pair<>("a\0", "a"),
            new Pair<>("ab", "")));
  }

  @Test
  void recordsAreOrderedByComponents() {
    keepsOrder(Codecs.record(Order.class), this::order);
    Codec<Line> lines =
        Codecs.record(
            Line.class,
            Codecs.record(Order.class),
            Codecs.BYTES,
            Codecs.nullsFirst(Codecs.INT64),
            Codecs.enumByOrdinal(DayOfWeek.class));
    keepsOrder(
        lines,
        () ->
            new Line(
                order(),
                bytes(),
                random.nextBoolean() ? null : number(),
                DayOfWeek.of(1 + random.nextInt(7))));
    assertEquals("record(utf-8,local-date,int32)", Codecs.record(Order.class).name());
  }

  record Odd(Map<String, String> map) {}

  record Strict(int positive) {
    Strict {
      if (positive < 0) {
        throw new ArithmeticException("mine");
      }
    }
  }

  @Test
  void recordsThatCannotBeKeysAreRefused() {
    IllegalArgumentException odd =
        assertThrows(IllegalArgumentException.class, () -> Codecs.record(Odd.class));
    assertTrue(String.valueOf(odd.getMessage()).contains("'map'"), odd::toString);
    assertThrows(IllegalArgumentException.class, () -> Codecs.record(Order.class, Codecs.UTF_8));
    assertThrows(
        ArithmeticException.class,
        () -> Codecs.record(Strict.class).decode(Codecs.INT32.encode(-1)),
        "what the record throws");
  }

  @Test
  void aRangeHasAllThatStartsWithTheFirstComponents() {
    TupleCodec<Triple<String, byte[], Integer>> codec =
        Codecs.triple(Codecs.UTF_8, Codecs.BYTES, Codecs.INT32);
    for (int i = 0; i < ROUNDS; i++) {
      Triple<String, byte[], Integer> key = new Triple<>(text(), bytes(), random.nextInt(2));
      String text = random.nextBoolean() ? key.first() : text();
      byte[] bytes = random.nextBoolean() ? key.second() : bytes();
      boolean one = text.equals(key.first());
      assertEquals(one, within(codec, codec.startingWith(text), key));
      assertEquals(
          one && Arrays.equals(bytes, key.second()),
          within(codec, codec.startingWith(text, bytes), key));
      assertTrue(within(codec, codec.startingWith(), key));
    }
    assertThrows(IllegalArgumentException.class, () -> codec.startingWith("", new byte[0], 1));
    assertThrows(ClassCastException.class, () -> codec.startingWith(1L));
    assertEquals(codec.startingWith("a"), codec.startingWith("a"));
    assertNotEquals(codec.startingWith("a"), codec.startingWith("b"));
  }

  private static <K> boolean within(Codec<K> codec, KeyRange<K> range, K key) {
    KeyRange<byte[]> bytes = range.encoded(codec);
    byte[] from = bytes.from();
    byte[] to = bytes.to();
    byte[] encoded = codec.encode(key);
    return (from == null || Arrays.compareUnsigned(from, encoded) <= 0)
        && (to == null || Arrays.compareUnsigned(encoded, to) < 0);
  }

  /** The bytes are stored: they do not change. */
  @Test
  void theBytesAreThese() {
    golden("81", Codecs.INT8, (byte) 1);
    golden("7ffe", Codecs.INT16, (short) -2);
    golden("80000003", Codecs.INT32, 3);
    golden("7fffffffffffffff", Codecs.INT64, -1L);
    golden("bfc00000", Codecs.FLOAT32, 1.5f);
    golden("4007ffffffffffff", Codecs.FLOAT64, -1.5);
    golden("01", Codecs.BOOLEAN, true);
    golden("c3a4", Codecs.UTF_8, "ä");
    golden("00ff", Codecs.BYTES, new byte[] {0, -1});
    golden(
        "0123456789abcdeffedcba9876543210",
        Codecs.UUID,
        UUID.fromString("01234567-89ab-cdef-fedc-ba9876543210"));
    golden("800000000000000100000002", Codecs.INSTANT, Instant.ofEpochSecond(1, 2));
    golden("8000000000000001", Codecs.LOCAL_DATE, LocalDate.of(1970, 1, 2));
    golden("0001", Codecs.enumByOrdinal(TimeUnit.class), TimeUnit.MICROSECONDS);
    golden("44415953", Codecs.enumByName(TimeUnit.class), TimeUnit.DAYS);
    golden("00", Codecs.nullsFirst(Codecs.INT8), null);
    golden("0181", Codecs.nullsFirst(Codecs.INT8), (byte) 1);
    golden("02", Codecs.nullsLast(Codecs.INT8), null);
    golden("7e", Codecs.reversed(Codecs.INT8), (byte) 1);
    golden("9effff", Codecs.reversed(Codecs.BYTES), new byte[] {97});
    golden(
        "61000100006200",
        Codecs.pair(Codecs.BYTES, Codecs.BYTES),
        new Pair<>(new byte[] {97, 0}, new byte[] {98, 0}));
    golden("8162", Codecs.pair(Codecs.INT8, Codecs.UTF_8), new Pair<>((byte) 1, "b"));
  }

  private static <T extends @Nullable Object> void golden(String hex, Codec<T> codec, T value) {
    assertEquals(hex, HexFormat.of().formatHex(codec.encode(value)), codec.name());
  }

  @Test
  void unpairedSurrogatesAndForeignBytesAreRefused() {
    for (String each : List.of("\ud800", "a\udc00", "\ud800a", "\udc00\ud800")) {
      assertThrows(IllegalArgumentException.class, () -> Codecs.UTF_8.encode(each));
    }
    refuses(Codecs.UTF_8, "ff", "eda080", "c3");
    assertEquals("\ufffd", Codecs.UTF_8.decode(Codecs.UTF_8.encode("\ufffd")));
    refuses(Codecs.INT64, "00000000000000", "000000000000000000");
    refuses(Codecs.BOOLEAN, "02", "ff", "");
    refuses(Codecs.INSTANT, "80000000000000003b9aca00", "ffffffffffffffff00000000");
    refuses(Codecs.LOCAL_DATE, "ffffffffffffffff");
    refuses(Codecs.nullsFirst(Codecs.INT8), "", "02", "0000", "01");
    refuses(Codecs.pair(Codecs.BYTES, Codecs.BYTES), "", "61", "6100", "610002", "0001");
    refuses(Codecs.pair(Codecs.INT16, Codecs.INT16), "80", "8000", "80008000ff");
    refuses(Codecs.reversed(Codecs.BYTES), "9e", "9effff00");
  }

  private static void refuses(Codec<?> codec, String... bytes) {
    for (String each : bytes) {
      assertThrows(
          IllegalArgumentException.class,
          () -> codec.decode(HexFormat.of().parseHex(each)),
          () -> codec.name() + " of " + each);
    }
  }

  @Test
  void codecsThatDoNotKeepTheirLengthAreNamed() {
    Codec<String> wrong = new SimpleCodec<>("wrong", 3, Utf8::encode, Utf8::decode, Utf8::compare);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Codecs.pair(wrong, Codecs.INT8).encode(new Pair<>("four", (byte) 1)));
    assertTrue(String.valueOf(refused.getMessage()).contains("wrong"), refused::toString);
  }

  /** Also as the first component of a pair, whose second is small and large. */
  private <T extends @Nullable Object> void keepsOrder(Codec<T> codec, Supplier<T> values) {
    check(codec, values);
    Codec<Pair<T, Byte>> before = Codecs.pair(codec, Codecs.INT8);
    check(before, () -> new Pair<>(values.get(), (byte) random.nextInt()));
    prefixFree(codec, values);
  }

  private <T extends @Nullable Object> void check(Codec<T> codec, Supplier<T> values) {
    for (int i = 0; i < ROUNDS; i++) {
      T a = values.get();
      T b = values.get();
      byte[] bytes = codec.encode(a);
      assertEquals(0, codec.comparator().compare(a, codec.decode(bytes)), "seed " + SEED);
      assertArrayEquals(bytes, codec.encode(codec.decode(bytes)), "seed " + SEED);
      if (codec.fixedBytes() != Codec.VARIABLE) {
        assertEquals(codec.fixedBytes(), bytes.length);
      }
      assertEquals(
          Integer.signum(codec.comparator().compare(a, b)),
          Integer.signum(Arrays.compareUnsigned(bytes, codec.encode(b))),
          () -> codec.name() + ": " + a + " against " + b + ", seed " + SEED);
    }
  }

  private <T extends @Nullable Object> void prefixFree(Codec<T> codec, Supplier<T> values) {
    for (int i = 0; i < ROUNDS; i++) {
      byte[] a = part(codec, values.get());
      byte[] b = part(codec, values.get());
      int differ = Arrays.mismatch(a, b);
      assertTrue(
          differ < 0 || (differ < a.length && differ < b.length),
          () -> codec.name() + ": one is the other's prefix, seed " + SEED);
    }
  }

  private static <T extends @Nullable Object> byte[] part(Codec<T> codec, T value) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    Parts.write(out, codec.encode(value), codec);
    return out.toByteArray();
  }

  private static <T extends Comparable<T>> void naturalOrder(Codec<T> codec, Supplier<T> values) {
    for (int i = 0; i < ROUNDS; i++) {
      T a = values.get();
      T b = values.get();
      assertEquals(
          Integer.signum(a.compareTo(b)), Integer.signum(codec.comparator().compare(a, b)));
    }
  }

  private static <T extends @Nullable Object> void inOrder(Codec<T> codec, List<T> ascending) {
    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        T a = ascending.get(i);
        T b = ascending.get(j);
        int order = Integer.compare(i, j);
        assertEquals(order, Integer.signum(codec.comparator().compare(a, b)), a + ", " + b);
        assertEquals(
            order,
            Integer.signum(Arrays.compareUnsigned(codec.encode(a), codec.encode(b))),
            a + ", " + b);
      }
    }
  }

  private Long number() {
    return switch (random.nextInt(3)) {
      case 0 -> random.nextLong();
      case 1 -> (long) random.nextInt(-5, 5);
      default -> 1L << random.nextInt(64);
    };
  }

  private Double real() {
    return switch (random.nextInt(3)) {
      case 0 -> Double.longBitsToDouble(random.nextLong());
      case 1 -> random.nextInt(-3, 4) / 2.0;
      default -> -random.nextDouble();
    };
  }

  private Instant instant() {
    return Instant.ofEpochSecond(random.nextInt(-3, 3), random.nextInt(1_000_000_000));
  }

  private LocalDate day() {
    return LocalDate.ofEpochDay(random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(-3, 3));
  }

  private Order order() {
    return new Order(text(), day(), random.nextInt(-2, 2));
  }

  private Optional<byte[]> maybe() {
    return random.nextInt(3) == 0 ? Optional.empty() : Optional.of(bytes());
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(5)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) List.of(0, 1, 2, 0xfe, 0xff).get(random.nextInt(5)).intValue();
    }
    return bytes;
  }

  private String text() {
    int length = random.nextInt(4);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      int codePoint =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x10000, 0x10ffff);
            case 1 -> random.nextInt(0xe000, 0x10000);
            case 2 -> random.nextInt(3);
            default -> random.nextInt(0xd800);
          };
      text.appendCodePoint(codePoint);
    }
    return text.toString();
  }
}
