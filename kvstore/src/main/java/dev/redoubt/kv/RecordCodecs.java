package dev.redoubt.kv;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes codecs of records from their components. Stateless. */
final class RecordCodecs {
  private static final Map<Class<?>, Codec<?>> BY_TYPE =
      Map.ofEntries(
          Map.entry(byte.class, Codecs.INT8),
          Map.entry(Byte.class, Codecs.INT8),
          Map.entry(short.class, Codecs.INT16),
          Map.entry(Short.class, Codecs.INT16),
          Map.entry(int.class, Codecs.INT32),
          Map.entry(Integer.class, Codecs.INT32),
          Map.entry(long.class, Codecs.INT64),
          Map.entry(Long.class, Codecs.INT64),
          Map.entry(float.class, Codecs.FLOAT32),
          Map.entry(Float.class, Codecs.FLOAT32),
          Map.entry(double.class, Codecs.FLOAT64),
          Map.entry(Double.class, Codecs.FLOAT64),
          Map.entry(boolean.class, Codecs.BOOLEAN),
          Map.entry(Boolean.class, Codecs.BOOLEAN),
          Map.entry(String.class, Codecs.UTF_8),
          Map.entry(byte[].class, Codecs.BYTES),
          Map.entry(UUID.class, Codecs.UUID),
          Map.entry(Instant.class, Codecs.INSTANT),
          Map.entry(LocalDate.class, Codecs.LOCAL_DATE));

  private RecordCodecs() {}

  static <R extends Record> TupleCodec<R> of(Class<R> type) {
    List<Codec<?>> codecs = new ArrayList<>();
    for (RecordComponent each : type.getRecordComponents()) {
      codecs.add(ofType(type, each));
    }
    return of(type, codecs);
  }

  private static Codec<?> ofType(Class<?> type, RecordComponent component) {
    Class<?> of = component.getType();
    Codec<?> known = BY_TYPE.get(of);
    if (known != null) {
      return known;
    }
    if (of.isEnum()) {
      return ofEnum(of);
    }
    if (of.isRecord()) {
      return of(of.asSubclass(Record.class));
    }
    throw new IllegalArgumentException(
        "%s has a component '%s' of %s, which has no codec of its own; name the codecs of all"
            .formatted(type, component.getName(), of));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the class is that of an enum
  private static Codec<?> ofEnum(Class<?> type) {
    return Codecs.enumByName((Class) type);
  }

  static <R extends Record> TupleCodec<R> of(Class<R> type, List<Codec<?>> codecs) {
    RecordComponent[] components = type.getRecordComponents();
    if (components.length == 0 || components.length != codecs.size()) {
      throw new IllegalArgumentException(
          "%s has %d components and %d codecs; each has one, and there is one at least"
              .formatted(type, components.length, codecs.size()));
    }
    Method[] accessors = new Method[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      accessors[i] = open(type, components[i].getAccessor());
      types[i] = components[i].getType();
    }
    Constructor<R> constructor;
    try {
      constructor = open(type, type.getDeclaredConstructor(types));
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type + " has no canonical constructor", e);
    }
    return new Tuples<>(
        "record",
        codecs,
        value -> {
          @Nullable Object[] parts = new @Nullable Object[accessors.length];
          for (int i = 0; i < parts.length; i++) {
            parts[i] = get(accessors[i], value);
          }
          return parts;
        },
        parts -> make(constructor, parts));
  }

  private static <M extends AccessibleObject> M open(Class<?> type, M member) {
    if (!member.trySetAccessible()) {
      throw new IllegalArgumentException(
          "%s is not open to this store: make it public in an exported package, or open its package"
              .formatted(type));
    }
    return member;
  }

  private static @Nullable Object get(Method accessor, Object value) {
    try {
      return accessor.invoke(value);
    } catch (InvocationTargetException e) {
      throw thrown(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e); // it was opened
    }
  }

  private static <R> R make(Constructor<R> constructor, @Nullable Object[] parts) {
    try {
      return constructor.newInstance(parts);
    } catch (InvocationTargetException e) {
      throw thrown(e);
    } catch (InstantiationException | IllegalAccessException e) {
      throw new IllegalStateException(e); // a record is not abstract, and it was opened
    }
  }

  /** What the record's own code has thrown. */
  private static RuntimeException thrown(InvocationTargetException e) {
    return switch (e.getCause()) {
      case RuntimeException own -> own;
      case Error own -> throw own;
      case null, default -> new IllegalStateException(e.getCause());
    };
  }
}
