package dev.redoubt.kv;

import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The codec of whatever has components: their encodings one after another ({@link Parts}), the last
 * as it is, since nothing follows it. Thread-safe.
 */
final class Tuples<T> implements TupleCodec<T> {
  private final String name;
  private final List<Codec<?>> components;
  private final Function<T, @Nullable Object[]> apart;
  private final Function<@Nullable Object[], T> together;

  Tuples(
      String kind,
      List<Codec<?>> components,
      Function<T, @Nullable Object[]> apart,
      Function<@Nullable Object[], T> together) {
    this.components = List.copyOf(components);
    this.name = kind + "(" + String.join(",", components.stream().map(Codec::name).toList()) + ")";
    this.apart = apart;
    this.together = together;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Codec<?>> components() {
    return components;
  }

  @Override
  public byte[] encode(T value) {
    @Nullable Object[] parts = apart.apply(value);
    ByteArrayOutputStream out = new ByteArrayOutputStream(32);
    int last = parts.length - 1;
    for (int i = 0; i < last; i++) {
      Parts.write(out, encodePart(i, parts[i]), components.get(i));
    }
    out.writeBytes(encodePart(last, parts[last]));
    return out.toByteArray();
  }

  @SuppressWarnings("unchecked") // each component's codec is that of its type
  private byte[] encodePart(int index, @Nullable Object part) {
    return ((Codec<@Nullable Object>) components.get(index)).encode(part);
  }

  @Override
  public T decode(byte[] bytes) {
    Parts.Reader reader = new Parts.Reader(bytes);
    @Nullable Object[] parts = new @Nullable Object[components.size()];
    int last = parts.length - 1;
    for (int i = 0; i < last; i++) {
      Codec<?> codec = components.get(i);
      parts[i] = codec.decode(reader.next(codec));
    }
    parts[last] = components.get(last).decode(reader.rest());
    return together.apply(parts);
  }

  @Override
  public Comparator<T> comparator() {
    return (a, b) -> {
      @Nullable Object[] left = apart.apply(a);
      @Nullable Object[] right = apart.apply(b);
      int order = 0;
      for (int i = 0; i < left.length && order == 0; i++) {
        order = compare(components.get(i), left[i], right[i]);
      }
      return order;
    };
  }

  @SuppressWarnings("unchecked") // each component's codec is that of its type
  private static int compare(Codec<?> codec, @Nullable Object a, @Nullable Object b) {
    return ((Codec<@Nullable Object>) codec).comparator().compare(a, b);
  }

  @Override
  public int fixedBytes() {
    int total = 0;
    for (Codec<?> each : components) {
      int fixed = each.fixedBytes();
      if (fixed == VARIABLE) {
        return VARIABLE;
      }
      total += fixed;
    }
    return total;
  }

  @Override
  public KeyRange<T> startingWith(Object... first) {
    if (first.length >= components.size()) {
      throw new IllegalArgumentException(
          "%d components given of a key of %d; a whole key is a range from it to itself"
              .formatted(first.length, components.size()));
    }
    ByteArrayOutputStream prefix = new ByteArrayOutputStream();
    for (int i = 0; i < first.length; i++) {
      Parts.write(prefix, encodePart(i, first[i]), components.get(i));
    }
    return KeyRange.ofEncoded(prefix.toByteArray());
  }

  @Override
  public String toString() {
    return name;
  }
}
