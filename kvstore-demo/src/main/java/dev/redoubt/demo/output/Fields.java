package dev.redoubt.demo.output;

import java.util.ArrayList;
import java.util.List;

/** Lines of name and value, the values aligned. Not thread-safe. */
public final class Fields {
  private record Field(String name, String value) {}

  private final List<Field> fields = new ArrayList<>();

  /** No lines yet. */
  public Fields() {}

  /** Adds a line; values are written as {@link String#valueOf(Object)} does. */
  public Fields add(String name, Object value) {
    fields.add(new Field(name, String.valueOf(value)));
    return this;
  }

  /** The lines, each ended by a line feed. */
  @Override
  public String toString() {
    int width = fields.stream().mapToInt(f -> f.name.length()).max().orElse(0) + 2;
    StringBuilder text = new StringBuilder();
    for (Field field : fields) {
      text.append(Text.left(field.name, width)).append(field.value).append('\n');
    }
    return text.toString();
  }
}
