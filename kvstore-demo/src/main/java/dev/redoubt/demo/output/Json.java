package dev.redoubt.demo.output;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON (RFC 8259) on one line: maps and records as objects, iterables as arrays, durations
 * as milliseconds under a name that ends in {@code Millis}. Whatever else is written as a string.
 * Thread-safe; nothing is kept.
 */
public final class Json {
  private static final int FIRST_PRINTABLE = 0x20;

  private Json() {}

  /**
   * An object with the given members in the given order.
   *
   * @param namesAndValues name, value, name, value, ...
   */
  public static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return members;
  }

  /** The members of a record in their order, as an object that can be added to. */
  public static Map<String, @Nullable Object> members(Record record) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = read(record, component);
      String suffix = value instanceof Duration ? "Millis" : "";
      members.put(component.getName() + suffix, value);
    }
    return members;
  }

  /** The text of {@code value}, without line breaks. */
  public static String of(@Nullable Object value) {
    StringBuilder text = new StringBuilder();
    write(text, value);
    return text.toString();
  }

  private static void write(StringBuilder text, @Nullable Object value) {
    switch (value) {
      case null -> text.append("null");
      case Boolean truth -> text.append(truth);
      case Double number -> writeDouble(text, number);
      case Float number -> writeDouble(text, number);
      case Number number -> text.append(number);
      case Duration duration -> text.append(millis(duration));
      case Map<?, ?> members -> writeObject(text, members);
      case Iterable<?> elements -> writeArray(text, elements);
      case Record members -> writeObject(text, members(members));
      default -> writeString(text, value.toString());
    }
  }

  private static void writeDouble(StringBuilder text, double number) {
    // JSON knows neither NaN nor infinity.
    text.append(Double.isFinite(number) ? Double.toString(number) : "null");
  }

  private static void writeObject(StringBuilder text, Map<?, ?> members) {
    String separator = "";
    text.append('{');
    for (Map.Entry<?, ?> member : members.entrySet()) {
      text.append(separator);
      writeString(text, String.valueOf(member.getKey()));
      text.append(':');
      write(text, member.getValue());
      separator = ",";
    }
    text.append('}');
  }

  private static void writeArray(StringBuilder text, Iterable<?> elements) {
    String separator = "";
    text.append('[');
    for (Object element : elements) {
      text.append(separator);
      write(text, element);
      separator = ",";
    }
    text.append(']');
  }

  private static void writeString(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (mustEscape(value, i)) {
            text.append(String.format("\\u%04x", (int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /**
   * Control characters, and what would break a line of JSON for somebody: U+007F to U+009F, the
   * Unicode line ends, and surrogates without their other half (not encodable in UTF-8).
   */
  private static boolean mustEscape(String value, int index) {
    char c = value.charAt(index);
    if (Character.isHighSurrogate(c)) {
      return index + 1 == value.length() || !Character.isLowSurrogate(value.charAt(index + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return index == 0 || !Character.isHighSurrogate(value.charAt(index - 1));
    }
    return c < FIRST_PRINTABLE || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
  }

  private static String millis(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos())
        .divide(BigDecimal.valueOf(1_000_000), 3, RoundingMode.HALF_UP)
        .toPlainString();
  }

  private static @Nullable Object read(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a record whose members are not public: " + record.getClass(), e);
    }
  }
}
