package dev.redoubt.kv;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Codecs that keep order: the unsigned lexicographic order of the bytes is that of {@link
 * Codec#comparator()}. What they write is stable; {@code docs/guide.md} lists the bytes.
 */
public final class Codecs {
  /** Bytes as they are, ordered as unsigned bytes. */
  public static final Codec<byte[]> BYTES =
      new SimpleCodec<byte[]>(
          "bytes", Codec.VARIABLE, byte[]::clone, byte[]::clone, Arrays::compareUnsigned);

  /**
   * Strings in UTF-8, ordered by code point; that differs from {@link String#compareTo} for
   * supplementary characters. Unpaired surrogates are refused.
   */
  public static final Codec<String> UTF_8 =
      new SimpleCodec<>("utf-8", Codec.VARIABLE, Utf8::encode, Utf8::decode, Utf8::compare);

  /** Signed 8-bit numbers: the sign bit flipped. */
  public static final Codec<Byte> INT8 =
      fixed(
          "int8",
          1,
          (b, v) -> b.put((byte) (v ^ Byte.MIN_VALUE)),
          b -> (byte) (b.get() ^ Byte.MIN_VALUE),
          Comparator.<Byte>naturalOrder());

  /** Signed 16-bit numbers: big-endian with the sign bit flipped. */
  public static final Codec<Short> INT16 =
      fixed(
          "int16",
          2,
          (b, v) -> b.putShort((short) (v ^ Short.MIN_VALUE)),
          b -> (short) (b.getShort() ^ Short.MIN_VALUE),
          Comparator.<Short>naturalOrder());

  /** Signed 32-bit numbers: big-endian with the sign bit flipped. */
  public static final Codec<Integer> INT32 =
      fixed(
          "int32",
          4,
          (b, v) -> b.putInt(v ^ Integer.MIN_VALUE),
          b -> b.getInt() ^ Integer.MIN_VALUE,
          Comparator.<Integer>naturalOrder());

  /** Signed 64-bit numbers: big-endian with the sign bit flipped. */
  public static final Codec<Long> INT64 =
      fixed(
          "int64",
          8,
          (b, v) -> b.putLong(v ^ Long.MIN_VALUE),
          b -> b.getLong() ^ Long.MIN_VALUE,
          Comparator.<Long>naturalOrder());

  /**
   * Floating point numbers of 32 bits, ordered as {@link Float#compare}: -0.0 below 0.0, NaN above
   * all. There is one NaN.
   */
  public static final Codec<Float> FLOAT32 =
      fixed(
          "float32",
          4,
          (b, v) -> b.putInt(flip(Float.floatToIntBits(v))),
          b -> Float.intBitsToFloat(unflip(b.getInt())),
          Comparator.<Float>naturalOrder());

  /**
   * Floating point numbers of 64 bits, ordered as {@link Double#compare}: -0.0 below 0.0, NaN above
   * all. There is one NaN.
   */
  public static final Codec<Double> FLOAT64 =
      fixed(
          "float64",
          8,
          (b, v) -> b.putLong(flip(Double.doubleToLongBits(v))),
          b -> Double.longBitsToDouble(unflip(b.getLong())),
          Comparator.<Double>naturalOrder());

  /** Booleans, false first. */
  public static final Codec<Boolean> BOOLEAN =
      fixed(
          "boolean",
          1,
          (b, v) -> b.put((byte) (v ? 1 : 0)),
          Codecs::truth,
          Comparator.<Boolean>naturalOrder());

  /**
   * UUIDs as 16 bytes, ordered by them, as RFC 9562 has it; {@link java.util.UUID#compareTo} takes
   * the halves for signed numbers and differs.
   */
  public static final Codec<java.util.UUID> UUID =
      fixed(
          "uuid",
          16,
          (b, v) -> b.putLong(v.getMostSignificantBits()).putLong(v.getLeastSignificantBits()),
          b -> new java.util.UUID(b.getLong(), b.getLong()),
          Comparator.comparing(java.util.UUID::getMostSignificantBits, Long::compareUnsigned)
              .thenComparing(java.util.UUID::getLeastSignificantBits, Long::compareUnsigned));

  /** Points in time to the nanosecond: seconds as int64, nanoseconds of the second as int32. */
  public static final Codec<Instant> INSTANT =
      fixed(
          "instant",
          12,
          (b, v) -> b.putLong(v.getEpochSecond() ^ Long.MIN_VALUE).putInt(v.getNano()),
          b -> instant(b.getLong() ^ Long.MIN_VALUE, b.getInt()),
          Comparator.<Instant>naturalOrder());

  /** Days: their distance from 1970-01-01 as int64. */
  public static final Codec<LocalDate> LOCAL_DATE =
      fixed(
          "local-date",
          8,
          (b, v) -> b.putLong(v.toEpochDay() ^ Long.MIN_VALUE),
          b -> date(b.getLong() ^ Long.MIN_VALUE),
          Comparator.comparingLong(LocalDate::toEpochDay));

  private Codecs() {}

  /** Constants of an enum by name, in the order of names; constants may be added and moved. */
  public static <E extends Enum<E>> Codec<E> enumByName(Class<E> type) {
    return new SimpleCodec<>(
        "enum-name(" + type.getSimpleName() + ")",
        Codec.VARIABLE,
        value -> Utf8.encode(value.name()),
        bytes -> Enum.valueOf(type, Utf8.decode(bytes)),
        Comparator.comparing(Enum::name, Utf8::compare));
  }

  /**
   * Constants of an enum in their own order, as two bytes each. New ones may be added behind the
   * last; moving or removing one changes the meaning of what is stored.
   */
  @SuppressWarnings("EnumOrdinal") // which is what the caller asks for
  public static <E extends Enum<E>> Codec<E> enumByOrdinal(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return fixed(
        "enum-ordinal(" + type.getSimpleName() + ")",
        2,
        (b, v) -> b.putShort((short) v.ordinal()),
        b -> {
          int ordinal = b.getShort() & 0xffff;
          if (ordinal >= constants.length) {
            throw new IllegalArgumentException(
                "%s has no constant %d: a newer program wrote it".formatted(type, ordinal));
          }
          return constants[ordinal];
        },
        Comparator.<E>naturalOrder());
  }

  /**
   * Null, below all others, or a value: for components of tuples. A tree has neither null keys nor
   * null values; {@link #optional} is for those.
   */
  public static <T> Codec<@Nullable T> nullsFirst(Codec<T> codec) {
    return Marked.nullable("nulls-first", codec, 0, 1, Comparator.nullsFirst(codec.comparator()));
  }

  /** Null, above all others, or a value; as {@link #nullsFirst}. */
  public static <T> Codec<@Nullable T> nullsLast(Codec<T> codec) {
    return Marked.nullable("nulls-last", codec, 2, 1, Comparator.nullsLast(codec.comparator()));
  }

  /** An optional value, the empty one first. */
  public static <T> Codec<Optional<T>> optional(Codec<T> codec) {
    Codec<@Nullable T> nullable = nullsFirst(codec);
    return new SimpleCodec<>(
        "optional(" + codec.name() + ")",
        Codec.VARIABLE,
        value -> nullable.encode(value.orElse(null)),
        bytes -> Optional.ofNullable(nullable.decode(bytes)),
        (a, b) -> nullable.comparator().compare(a.orElse(null), b.orElse(null)));
  }

  /** The same values in descending order, the latest first, say. */
  public static <T extends @Nullable Object> Codec<T> reversed(Codec<T> codec) {
    return new SimpleCodec<>(
        "reversed(" + codec.name() + ")",
        codec.fixedBytes(),
        value -> {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          Parts.write(out, codec.encode(value), codec);
          return complement(out.toByteArray());
        },
        bytes -> {
          Parts.Reader reader = new Parts.Reader(complement(bytes.clone()));
          T value = codec.decode(reader.next(codec));
          if (reader.rest().length > 0) {
            throw new IllegalArgumentException("bytes behind the end: another codec wrote this");
          }
          return value;
        },
        codec.comparator().reversed());
  }

  /** Pairs, by the first, then by the second. */
  public static <A extends @Nullable Object, B extends @Nullable Object>
      TupleCodec<Pair<A, B>> pair(Codec<A> first, Codec<B> second) {
    return new Tuples<>(
        "pair",
        List.of(first, second),
        pair -> new @Nullable Object[] {pair.first(), pair.second()},
        parts -> new Pair<>(Codecs.<A>as(parts[0]), Codecs.<B>as(parts[1])));
  }

  /** Triples, by the first, then by the second, then by the third. */
  public static <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      TupleCodec<Triple<A, B, C>> triple(Codec<A> first, Codec<B> second, Codec<C> third) {
    return new Tuples<>(
        "triple",
        List.of(first, second, third),
        triple -> new @Nullable Object[] {triple.first(), triple.second(), triple.third()},
        parts ->
            new Triple<>(Codecs.<A>as(parts[0]), Codecs.<B>as(parts[1]), Codecs.<C>as(parts[2])));
  }

  /**
   * Records by their components, in order. Components are numbers, booleans, strings, bytes, UUIDs,
   * instants, dates, enums (by name) and records of such; for others, and for components that may
   * be null, name the codecs.
   *
   * @throws IllegalArgumentException if a component has no codec, or the record is not accessible
   */
  public static <R extends Record> TupleCodec<R> record(Class<R> type) {
    return RecordCodecs.of(type);
  }

  /**
   * The same with a codec for each component.
   *
   * @throws IllegalArgumentException if there are more or fewer, or the record is not accessible
   */
  public static <R extends Record> TupleCodec<R> record(Class<R> type, Codec<?>... components) {
    return RecordCodecs.of(type, List.of(components));
  }

  private interface Put<T> {
    ByteBuffer to(ByteBuffer bytes, T value);
  }

  private static <T> Codec<T> fixed(
      String name, int length, Put<T> put, Function<ByteBuffer, T> get, Comparator<T> order) {
    return new SimpleCodec<>(
        name,
        length,
        value -> put.to(ByteBuffer.allocate(length), value).array(),
        bytes -> get.apply(ByteBuffer.wrap(bytes)),
        order);
  }

  /** Negative numbers: all bits flipped; others: the sign bit. */
  private static int flip(int bits) {
    return bits ^ (bits >> 31 | Integer.MIN_VALUE);
  }

  private static int unflip(int bits) {
    return bits ^ (~bits >> 31 | Integer.MIN_VALUE);
  }

  private static long flip(long bits) {
    return bits ^ (bits >> 63 | Long.MIN_VALUE);
  }

  private static long unflip(long bits) {
    return bits ^ (~bits >> 63 | Long.MIN_VALUE);
  }

  private static boolean truth(ByteBuffer bytes) {
    byte value = bytes.get();
    if (value >>> 1 != 0) {
      throw new IllegalArgumentException(value + " is no boolean: another codec wrote this");
    }
    return value == 1;
  }

  private static Instant instant(long seconds, int nanos) {
    if (nanos < 0 || nanos > 999_999_999) {
      throw new IllegalArgumentException(nanos + " nanoseconds: another codec wrote this");
    }
    return inRange(() -> Instant.ofEpochSecond(seconds, nanos));
  }

  private static LocalDate date(long day) {
    return inRange(() -> LocalDate.ofEpochDay(day));
  }

  private static <T> T inRange(java.util.function.Supplier<T> time) {
    try {
      return time.get();
    } catch (java.time.DateTimeException e) {
      throw new IllegalArgumentException("out of range: another codec wrote this", e);
    }
  }

  private static byte[] complement(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ~bytes[i];
    }
    return bytes;
  }

  /** What the component's codec has made, null too if it may. */
  @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
  private static <T extends @Nullable Object> T as(@Nullable Object part) {
    return (T) part;
  }
}
